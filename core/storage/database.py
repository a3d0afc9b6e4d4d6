"""A storage of Django's whose files are rows: in the caller's transaction, a part at a time, for every host the same.

What was kept on the disk before (in ``MEDIA_ROOT``) is still read there, where the table has nothing by that name.
"""

import hashlib
import io
from functools import partial
from typing import Any, cast

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage
from django.db import connection, transaction

from core.models import Upload
from core.models.uploads import PART_BYTES

_LONGEST_NAME = 200
#: Below it are the documents of drivers, vehicles and leases.
_KEPT = "files/"
# Whoever writes the same name at this moment is waited for.
_BEGIN = """
    INSERT INTO core_uploads (name, size, sha256) VALUES (%s, %s, %s) ON CONFLICT (name) DO NOTHING RETURNING id
"""
# Held, so that nobody deletes it before whoever names it has written down that they do.
_HOLD = "SELECT size, sha256 FROM core_uploads WHERE name = %s FOR KEY SHARE"
_WRITE = "INSERT INTO core_upload_parts (upload_id, number, content) VALUES (%s, %s, %s)"
_DELETE_PARTS = "DELETE FROM core_upload_parts USING core_uploads u WHERE u.id = upload_id AND u.name = %s"
_DELETE = "DELETE FROM core_uploads WHERE name = %s"
_READ = "SELECT content FROM core_upload_parts WHERE upload_id = %s AND number = %s"


class DatabaseStorage(Storage):
    """Keeps files in ``core_uploads``. The same bytes under the same name are stored once; others get another name."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name as it is: whether others have it is seen while it is written."""
        return name.replace("\\", "/")

    def exists(self, name: str) -> bool:
        return Upload.objects.filter(name=name).exists() or FileSystemStorage().exists(name)

    def size(self, name: str) -> int:
        """:raises FileNotFoundError: there is none"""
        kept = Upload.objects.filter(name=name).values_list("size", flat=True).first()
        return FileSystemStorage().size(name) if kept is None else kept

    def delete(self, name: str) -> None:
        """Delete the file, if there is one, and an older one on the disk when the transaction has ended.

        :raises PermissionError: it is one of those that are kept; the guard in the database says so too
        """
        if name.startswith(_KEPT):
            raise PermissionError(f"{name} is kept.")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_DELETE_PARTS, [name])
            cursor.execute(_DELETE, [name])
            transaction.on_commit(partial(FileSystemStorage().delete, name))

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """:raises FileNotFoundError: there is none"""
        if mode != "rb":
            raise ValueError("What is uploaded is only read.")
        kept = Upload.objects.filter(name=name).first()
        if kept is None:
            return cast("File[bytes]", FileSystemStorage().open(name, mode))
        return File(cast("Any", io.BufferedReader(_Parts(kept))), name)

    def _save(self, name: str, content: "File[Any]") -> str:
        size, digest = measure(content)
        with transaction.atomic(), connection.cursor() as cursor:
            while True:
                cursor.execute(_BEGIN, [name, size, digest])
                if (begun := cursor.fetchone()) is not None:
                    break
                cursor.execute(_HOLD, [name])
                there = cursor.fetchone()
                if there == (size, digest):
                    return name
                if there is not None:
                    name = super().get_available_name(name, _LONGEST_NAME)
            content.seek(0)
            for number in range(-(-size // PART_BYTES)):
                cursor.execute(_WRITE, [begun[0], number, content.read(PART_BYTES)])
        return name


def measure(content: Any) -> tuple[int, str]:
    """Return a file's length in bytes and their SHA-256, read a part at a time from its beginning."""
    content.seek(0)
    size, digest = 0, hashlib.sha256()
    while part := content.read(PART_BYTES):
        size += len(part)
        digest.update(part)
    return size, digest.hexdigest()


class _Parts(io.RawIOBase):
    """An upload's bytes, of which one part is in memory at a time."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._at = 0
        self._number, self._part = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._upload.size}[whence]
        if start + offset < 0:
            raise ValueError(f"There is nothing before the beginning ({start + offset}).")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._upload.size:
            return 0
        number, begin = divmod(self._at, PART_BYTES)
        self._load(number)
        found = self._part[begin : begin + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _load(self, number: int) -> None:
        """:raises FileNotFoundError: it was deleted while it was read"""
        if number == self._number:
            return
        with connection.cursor() as cursor:
            cursor.execute(_READ, [self._upload.pk, number])
            row = cursor.fetchone()
        if row is None:
            raise FileNotFoundError(f"Part {number} of {self._upload} is gone.")
        self._number, self._part = number, bytes(row[0])
