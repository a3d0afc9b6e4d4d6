"""Uploads are rows: whole or not at all, a part in memory at a time, the same for all hosts; and how old ones move."""

import hashlib
import io
import os
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from core.audits import find_torn_uploads
from core.models import Upload, UploadPart
from core.models.uploads import PART_BYTES
from core.storage import DatabaseStorage, list_on_disk
from tests.owner import as_owner
from tests.threads import run_together

pytestmark = pytest.mark.django_db

#: Five parts and a byte, none like another.
LONG = b"".join(bytes([number]) * PART_BYTES for number in range(5)) + b"!"


class Generated(io.RawIOBase):
    """A file of any length that takes no memory, and tells the longest piece that was asked for."""

    def __init__(self, size: int) -> None:
        self.length, self.at, self.longest = size, 0, 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.longest = max(self.longest, size)
        piece = b"x" * min(size, self.length - self.at)
        self.at += len(piece)
        return piece


def save(name: str, content: bytes) -> str:
    return default_storage.save(name, ContentFile(content))


def read(name: str) -> bytes:
    with default_storage.open(name) as kept:
        content: bytes = kept.read()
    return content


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def keep_on_disk(content: bytes, *, below: str = "tickets", named: bytes | None = None) -> str:
    """Keep a file as it was done before; its name is the digest of ``named``, or of the content."""
    return FileSystemStorage().save(f"{below}/{hashlib.sha256(named or content).hexdigest()}.csv", ContentFile(content))


class TestSaving:
    def test_what_is_saved_is_read_again_from_any_place(self) -> None:
        assert isinstance(default_storage._wrapped, DatabaseStorage)  # type: ignore[attr-defined]
        assert save("tickets/long.csv", LONG) == "tickets/long.csv"

        with default_storage.open("tickets/long.csv") as kept:
            assert kept.size == len(LONG)
            assert kept.read() == LONG
            kept.seek(PART_BYTES - 1)
            assert kept.read(3) == b"\0\1\1"
            kept.seek(-2, io.SEEK_END)
            assert kept.read() == b"\4!"
            assert kept.read(1) == b""
        assert default_storage.exists("tickets/long.csv")
        assert default_storage.size("tickets/long.csv") == len(LONG)
        upload = Upload.objects.get()
        assert (upload.size, upload.sha256) == (len(LONG), hashlib.sha256(LONG).hexdigest())
        assert list(upload.parts.order_by("number").values_list("number", flat=True)) == [0, 1, 2, 3, 4, 5]

    def test_a_part_at_a_time_is_in_memory(self) -> None:
        """Of 30 MB no more than some parts and their statements are, on the way in and on the way out."""
        generated: Any = Generated(30 * PART_BYTES)
        tracemalloc.start()
        try:
            default_storage.save("tickets/30.csv", File(generated))
            with default_storage.open("tickets/30.csv") as kept:
                length = sum(len(piece) for piece in iter(lambda: kept.read(2**16), b""))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert generated.longest == PART_BYTES
        assert length == 30 * PART_BYTES
        assert most < 12 * PART_BYTES

    def test_the_same_bytes_are_stored_once_and_others_get_another_name(self) -> None:
        assert [save("tickets/a.csv", b"one"), save("tickets/a.csv", b"one")] == ["tickets/a.csv"] * 2
        other = save("tickets/a.csv", b"two")
        assert other != "tickets/a.csv"
        assert (read("tickets/a.csv"), read(other)) == (b"one", b"two")
        assert Upload.objects.count() == 2

    def test_an_empty_file_is_one(self) -> None:
        assert read(save("tickets/empty.csv", b"")) == b""

    def test_it_is_undone_with_the_callers_transaction(self) -> None:
        with transaction.atomic():
            save("tickets/a.csv", LONG)
            transaction.set_rollback(True)
        assert not Upload.objects.exists()
        assert not UploadPart.objects.exists()

    def test_what_is_not_there_is_told_as_a_missing_file(self) -> None:
        with pytest.raises(FileNotFoundError):
            default_storage.open("tickets/none.csv")
        with pytest.raises(FileNotFoundError):
            default_storage.size("tickets/none.csv")
        with pytest.raises(ValueError, match="only read"):
            default_storage.open(save("tickets/a.csv", b"one"), "wb")
        assert not default_storage.exists("tickets/none.csv")


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_at_once_store_it_once() -> None:
    names = run_together(*[lambda: save("tickets/same.csv", LONG)] * 2)
    assert names == ["tickets/same.csv"] * 2
    assert (Upload.objects.count(), UploadPart.objects.count()) == (1, 6)


class TestGuards:
    def test_a_ticket_file_goes_whole(self) -> None:
        default_storage.delete(save("tickets/a.csv", LONG))
        default_storage.delete("tickets/a.csv")
        assert not Upload.objects.exists()
        assert not UploadPart.objects.exists()

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM core_uploads",
            "DELETE FROM core_upload_parts",
            "UPDATE core_uploads SET size = 1",
            "UPDATE core_uploads SET id = id",
            "UPDATE core_upload_parts SET content = 'other'",
            "TRUNCATE core_upload_parts",
            "TRUNCATE core_uploads, core_upload_parts",
        ],
    )
    def test_the_database_keeps_a_document_even_from_its_owner(self, statement: str) -> None:
        save("files/ab/abc", b"%PDF-")
        with pytest.raises(PermissionError):
            default_storage.delete("files/ab/abc")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with (
            as_owner(),
            pytest.raises(IntegrityError, match="are kept: "),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert read("files/ab/abc") == b"%PDF-"

    @pytest.mark.parametrize(("number", "content"), [(1, b"more"), (0, b"short"), (0, b"too long"), (7, b"")])
    def test_a_part_has_the_bytes_of_its_place(self, number: int, content: bytes) -> None:
        upload = Upload.objects.create(name="tickets/a.csv", size=6, sha256="0" * 64)
        with pytest.raises(IntegrityError, match="other bytes than its place asks for"), transaction.atomic():
            UploadPart.objects.create(upload=upload, number=number, content=content)

    def test_an_upload_without_all_its_parts_is_found(self) -> None:
        save("tickets/a.csv", LONG)
        assert list(find_torn_uploads()) == []
        UploadPart.objects.filter(number=5).delete()
        assert list(find_torn_uploads()) == ["tickets/a.csv has 5,242,880 of its 5,242,881 bytes."]


class TestOlder:
    """What was kept on the disk, before uploads lay in the database."""

    def test_it_is_read_where_it_lies(self, folder: Path) -> None:
        name = keep_on_disk(b"summonses")
        assert (read(name), default_storage.size(name), default_storage.exists(name)) == (b"summonses", 9, True)

    def test_it_is_carried_over_and_needed_no_more(self, folder: Path, capsys: Any) -> None:
        names = [keep_on_disk(b"summonses"), keep_on_disk(LONG, below="files/ab")]
        (folder / "tmp-unfinished").write_bytes(b"half")

        call_command("move_uploads")

        assert capsys.readouterr().out == f"Carried over from {folder}: 2.\n"
        assert list(list_on_disk()) == []
        assert [path.name for path in folder.iterdir()] == ["tmp-unfinished"]
        assert [read(name) for name in names] == [b"summonses", LONG]
        call_command("move_uploads")
        assert capsys.readouterr().out == f"Carried over from {folder}: 0.\n"

    def test_what_was_half_done_is_done_again_and_files_may_stay(self, folder: Path, capsys: Any) -> None:
        name = keep_on_disk(b"summonses")
        for _ in range(2):
            call_command("move_uploads", keep=True)
            assert list(list_on_disk()) == [name]
        call_command("move_uploads")
        assert capsys.readouterr().out == f"Carried over from {folder}: 1.\n" * 3
        assert (list(list_on_disk()), Upload.objects.count()) == ([], 1)

    def test_what_is_not_what_its_name_says_stays_and_is_told(self, folder: Path, capsys: Any) -> None:
        changed, good = keep_on_disk(b"other bytes", named=b"summonses"), keep_on_disk(b"tolls")
        taken = keep_on_disk(b"mine", named=b"mine").replace(hashlib.sha256(b"mine").hexdigest(), "of-before")
        (folder / taken).write_bytes(b"mine")
        save(taken, b"theirs")

        with pytest.raises(CommandError, match="stay on the disk, where they are still read: 2"):
            call_command("move_uploads")

        assert sorted(list_on_disk()) == sorted([changed, taken])
        told = capsys.readouterr().err
        assert f"{changed} stays where it is: its bytes are not those that it is named by." in told
        assert f"{taken} stays where it is: the database has another file by that name." in told
        assert (read(good), read(taken)) == (b"tolls", b"theirs")

    def test_a_folder_that_cant_be_read_is_told(self, folder: Path, monkeypatch: Any) -> None:
        """As another user's: that nothing was found there must not be taken for that nothing is there."""
        keep_on_disk(b"summonses")

        def refuse(path: Any) -> Any:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(os, "scandir", refuse)
        with pytest.raises(CommandError, match=r"media can't be read: Permission denied"):
            call_command("move_uploads")
        assert not Upload.objects.exists()

    def test_no_folder_is_well(self, folder: Path, capsys: Any) -> None:
        call_command("move_uploads")
        assert capsys.readouterr().out == f"Carried over from {folder}: 0.\n"

    @pytest.mark.django_db(transaction=True)
    def test_a_deleted_one_is_gone_from_the_disk_once_that_is_sure(self, folder: Path) -> None:
        name = keep_on_disk(b"summonses")
        with suppress(ZeroDivisionError), transaction.atomic():
            default_storage.delete(name)
            raise ZeroDivisionError
        assert default_storage.exists(name)
        default_storage.delete(name)
        assert not default_storage.exists(name)


def test_another_host_reads_what_this_one_took(settings: Any, tmp_path: Path) -> None:
    """All that they share is the database: each has a folder of its own."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path / "first", tmp_path / "first" / "media"
    name = save("tickets/a.csv", LONG)
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path / "second", tmp_path / "second" / "media"
    assert read(name) == LONG
    assert list(tmp_path.rglob("*")) == []
