"""What was kept on the disk before uploads lay in the database, and how each of these files is carried over."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from core.storage.database import measure

#: Uploads are named by the SHA-256 of their bytes.
_DIGEST = re.compile(r"[0-9a-f]{64}")


def list_on_disk() -> Iterator[str]:
    """Yield the names of the uploads that lie on this host's disk; what lies beside the folders was never whole.

    :raises OSError: a folder can't be looked into, so nobody knows what lies there
    """
    folder = Path(settings.MEDIA_ROOT)
    for below, _, names in os.walk(folder, onerror=_refuse):
        for path in sorted(Path(below) / name for name in names):
            if path.parent != folder and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def move_upload(name: str, *, keeps_file: bool = False) -> str:
    """Carry a file of the disk over into the database, and delete it there once it was read back as it was.

    It may be there already. Return why it stays on the disk, or an empty text.
    """
    path = Path(settings.MEDIA_ROOT) / name
    try:
        with path.open("rb") as opened:
            told = measure(opened)
            if (named := _DIGEST.match(path.name)) and named[0] != told[1]:
                return "its bytes are not those that it is named by"
            with transaction.atomic():
                saved = default_storage.save(name, File(opened))
                if saved != name:
                    transaction.set_rollback(True)
                    return "the database has another file by that name"
        with default_storage.open(name) as kept:
            if measure(kept) != told:
                return "what the database gives back is not what was put in"
        if not keeps_file:
            path.unlink()
            _remove_empty(path.parent)
    except OSError as failure:
        return f"{failure.strerror or failure}".lower()
    return ""


def _refuse(failure: OSError) -> None:
    if not isinstance(failure, FileNotFoundError):  # there never was one
        raise failure


def _remove_empty(folder: Path) -> None:
    while folder != Path(settings.MEDIA_ROOT) and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
