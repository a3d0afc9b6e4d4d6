"""A backup is what was there at one moment, and a restore brings back each row of it, or nothing."""

import io
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyrage
import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from config.backups import (
    BackupRefused,
    Taken,
    check_backup,
    delete_outdated,
    make_key,
    read_identities,
    record_backup,
    restore_backup,
    take_backup,
    taking,
)
from config.backups.archive import Writer
from config.backups.keeping import choose_outdated, name_backup
from config.backups.manifest import DatabaseContent, compare_tables, list_uploads, read_database
from config.backups.programs import describe_database
from core.models import Backup as Recorded
from tests.databases import another_database, restore
from tests.owner import as_owner
from tests.upgrade.test_upgrade import HERE as VERSIONS
from tests.upgrade.test_upgrade import lzma

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = pyrage.x25519.Identity.generate()


@dataclass
class Backup:
    """A backup of seven weeks of a small fleet, and what was in the database then."""

    file: Path
    rows: dict[str, list[str]]
    #: Those of before, which lie on the disk; one is stored in the database.
    uploads: dict[str, bytes]
    stored: str = ""
    said: list[str] = field(default_factory=list)
    #: What was read of the database before it was brought to this version.
    older: DatabaseContent | None = None


def read_rows() -> dict[str, list[str]]:
    """Every row of every table, as text."""
    rows = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT "whole"::text FROM "{table}" AS "whole"')
            rows[table] = sorted(row for (row,) in cursor.fetchall())
    return rows


def _make_large_object() -> None:
    """As the product's role, which nobody can refuse it; its bytes are not the owner's to read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lo_from_bytea(0, 'evil')")


@contextmanager
def run_and_undo(statement: str, undo: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        try:
            yield
        finally:
            cursor.execute(undo)


@pytest.fixture(scope="module")
def backup(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backup]:
    """Taken while somebody works: a row comes in between the dump and the look at the tables."""
    folder, media = tmp_path_factory.mktemp("backups"), tmp_path_factory.mktemp("media")
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        another_database(f"backed_up_{os.getpid()}"),
    ):
        patch.setattr(django_settings, "MEDIA_ROOT", media)
        restore(lzma.decompress(max(VERSIONS.glob("*.sql.xz")).read_bytes()))
        _make_large_object()
        with as_owner():
            older = read_database(media=media)
            call_command("migrate", verbosity=0)
            stored, *on_disk = list_uploads()
            default_storage.save(stored, ContentFile(b"x" * 2**21))
            uploads = {path: path.encode() * 3 for path in on_disk}
            for path, content in uploads.items():
                (media / path).parent.mkdir(parents=True, exist_ok=True)
                (media / path).write_bytes(content)
            rows = read_rows()
            add_dump = Writer.add_dump

            def add_dump_while_others_work(writer: Writer, dump: Any) -> None:
                add_dump(writer, dump)
                where, environment = describe_database()
                with psycopg.connect(where, password=environment.get("PGPASSWORD")) as another:
                    another.execute("INSERT INTO auth_group (name) VALUES ('Somebody else')")

            patch.setattr(Writer, "add_dump", add_dump_while_others_work)
            taken = take_backup(folder=folder, recipients=[str(KEY.to_public())], at=NOON)
        yield Backup(taken.file, rows, uploads, stored, older=older)


@pytest.fixture(scope="module")
def restored(backup: Backup, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backup]:
    """What is there after a restore, and what that said."""
    media = tmp_path_factory.mktemp("restored")
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        another_database(f"restored_{os.getpid()}"),
    ):
        patch.setattr(django_settings, "MEDIA_ROOT", media)
        said: list[str] = []
        with as_owner():
            said += restore_backup(file=backup.file, identities=[KEY], say=lambda sentence: None)
            found = {str(path.relative_to(media)): path.read_bytes() for path in media.glob("**/*") if path.is_file()}
            yield Backup(backup.file, read_rows(), found, said=said)


class TestRestore:
    def test_nothing_differs(self, restored: Backup) -> None:
        assert restored.said == []

    def test_every_table_has_its_rows(self, backup: Backup, restored: Backup) -> None:
        """But what the restore itself did: it looked at all of it, and sealed what was not."""
        looked = {"ledger_seals", "ledger_seal_checks", "core_audit_runs", "core_audit_results", "core_facts"}
        differing = {
            table for table in backup.rows.keys() | restored.rows.keys() if backup.rows[table] != restored.rows[table]
        }
        assert differing <= looked
        for table in differing:
            assert set(backup.rows[table]) <= set(restored.rows[table])
        assert len(backup.rows["ledger_postings"]) > 500

    def test_every_upload_is_there(self, backup: Backup, restored: Backup) -> None:
        assert restored.uploads == backup.uploads
        assert len(backup.uploads) > 2
        assert len(restored.rows["core_upload_parts"]) == 2

    def test_what_came_after_its_moment_is_not_in_it(self, restored: Backup) -> None:
        assert not any("Somebody else" in row for row in restored.rows["auth_group"])

    def test_large_objects_are_left_out(self, restored: Backup) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_largeobject_metadata")
            assert cursor.fetchone() == (0,)

    def test_the_product_may_what_it_needs_and_no_more(self, restored: Backup) -> None:
        with connection.cursor() as cursor:
            role = django_settings.DATABASE_ROLE
            for privilege in ("INSERT", "UPDATE"):
                cursor.execute("SELECT has_any_column_privilege(%s, 'ledger_postings', %s)", [role, privilege])
                assert cursor.fetchone() == (privilege == "INSERT",)

    def test_a_lost_row_and_a_changed_one_are_named(self, restored: Backup) -> None:
        told = check_backup(file=restored.file, identities=[KEY]).content
        with connection.cursor() as cursor:
            cursor.execute("UPDATE auth_group SET name = name || '!' WHERE name = 'Cashier'")
            cursor.execute("DELETE FROM core_layout")
        findings = list(compare_tables(told))
        lost = told.tables["core_layout"].rows
        assert "auth_group has other rows than in the manifest, though as many." in findings
        assert f"core_layout has 0 rows, and {lost} in the manifest." in findings

    def test_a_database_with_tables_is_refused(self, restored: Backup) -> None:
        with pytest.raises(BackupRefused, match=r"is not empty. A backup is restored into a new one only"):
            restore_backup(file=restored.file, identities=[KEY], say=print)


def _cut(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


def _change(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


class TestBadFiles:
    @pytest.mark.parametrize("spoil", [_cut, _change, lambda content: content[:-1], lambda content: content[:50]])
    def test_a_spoilt_one_is_refused_before_anything_is_written(self, backup: Backup, spoil: Any, tmp_path) -> None:
        file = tmp_path / "spoilt"
        file.write_bytes(spoil(backup.file.read_bytes()))

        with pytest.raises(BackupRefused, match="not as it was written"):
            restore_backup(file=file, identities=[KEY], say=pytest.fail)

    @pytest.mark.parametrize("spoil", [_cut, _change])
    def test_one_in_the_clear_too(self, backup: Backup, spoil: Any, tmp_path) -> None:
        clear = io.BytesIO()
        pyrage.decrypt_io(io.BytesIO(backup.file.read_bytes()), clear, [KEY])
        whole, spoilt = tmp_path / "whole", tmp_path / "spoilt"
        whole.write_bytes(clear.getvalue())
        spoilt.write_bytes(spoil(clear.getvalue()))

        assert check_backup(file=whole, identities=[]).content.tables["ledger_postings"].rows > 500
        with pytest.raises(BackupRefused, match="not as it was written"):
            check_backup(file=spoilt, identities=[])

    def test_another_key_and_none_are_refused(self, backup: Backup) -> None:
        with pytest.raises(BackupRefused, match="was encrypted for another key"):
            check_backup(file=backup.file, identities=[pyrage.x25519.Identity.generate()])
        with pytest.raises(BackupRefused, match="name the file with its key"):
            check_backup(file=backup.file, identities=[])

    @pytest.mark.parametrize("content", [b"", b"no backup", b"\0" * 20_000])
    def test_what_is_no_backup_is_refused(self, content: bytes, tmp_path) -> None:
        file = tmp_path / "file"
        file.write_bytes(content)
        with pytest.raises(BackupRefused, match="not as it was written"):
            check_backup(file=file, identities=[KEY])

    def test_one_of_a_newer_version_is_refused(self, backup: Backup, monkeypatch) -> None:
        checked = check_backup(file=backup.file, identities=[KEY])
        content = replace(checked.content, migrations=[*checked.content.migrations, "ledger.0999_of_next_year"])
        monkeypatch.setattr("config.backups.restoring.read_content", lambda manifest: content)

        with pytest.raises(BackupRefused, match=r"newer version .*ledger\.0999_of_next_year is not here"):
            restore_backup(file=backup.file, identities=[KEY], say=lambda sentence: None)


@pytest.mark.owner
@pytest.mark.django_db(transaction=True)
class TestTaking:
    def test_a_failed_one_leaves_no_file(self, tmp_path, monkeypatch) -> None:
        monkeypatch.setattr(taking, "find_program", lambda name: Path("/bin/false"))
        (tmp_path / ".unfinished-before").write_bytes(b"left by one who was killed")

        with pytest.raises(BackupRefused, match=r"^No backup was taken: it said nothing$"):
            take_backup(folder=tmp_path, recipients=[str(KEY.to_public())], at=NOON)
        assert [file.name for file in tmp_path.iterdir()] == [".lock"]

    def test_a_full_disk_is_told_in_one_sentence(self, tmp_path, monkeypatch) -> None:
        def fill(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(taking, "_fill", fill)
        with pytest.raises(BackupRefused, match=r"could not be written into .*No space left on device"):
            take_backup(folder=tmp_path, recipients=[str(KEY.to_public())], at=NOON)
        assert [file.name for file in tmp_path.iterdir()] == [".lock"]

    def test_the_products_role_is_sent_away(self, tmp_path) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{django_settings.DATABASE_ROLE}"')
        with pytest.raises(BackupRefused, match="give MIGRATE_DATABASE_URL"):
            take_backup(folder=tmp_path, recipients=[str(KEY.to_public())], at=NOON)

    def test_two_at_once_are_refused(self, tmp_path) -> None:
        with taking._alone(tmp_path), pytest.raises(BackupRefused, match="Another backup is being written"):
            take_backup(folder=tmp_path, recipients=[str(KEY.to_public())], at=NOON)

    def test_the_command_writes_down_what_it_took(self, tmp_path, monkeypatch) -> None:
        """A backup that failed is not told of, and one that can't be told of stays where it is."""
        given = {"dir": tmp_path, "recipient": [str(KEY.to_public())]}
        with monkeypatch.context() as patch:
            patch.setattr(taking, "find_program", lambda name: Path("/bin/false"))
            with pytest.raises(CommandError, match="No backup was taken"):
                call_command("backup", **given)
        assert not Recorded.objects.exists()

        call_command("backup", **given)
        (file,) = tmp_path.glob("fleet-*")
        recorded = Recorded.objects.get()
        assert recorded.size == file.stat().st_size
        assert name_backup(recorded.taken_at, is_encrypted=True) == file.name

        file.rename(tmp_path / "moved")
        with (
            run_and_undo("SET default_transaction_read_only = on", "RESET default_transaction_read_only"),
            pytest.raises(CommandError, match=r"is whole, but the database could not be told so: .*read-only"),
        ):
            call_command("backup", **given)
        assert len(list(tmp_path.glob("fleet-*"))) == Recorded.objects.count() == 1

    def test_an_older_version_has_nowhere_to_write_it_down(self) -> None:
        taken = Taken(Path("fleet"), 1, DatabaseContent({}, [], "", []), 0, [])
        with run_and_undo("ALTER TABLE core_backups RENAME TO later", "ALTER TABLE later RENAME TO core_backups"):
            record_backup(taken, at=NOON)
        assert not Recorded.objects.exists()

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"recipient": None}, "For whom is the backup encrypted?"),
            ({"recipient": ["age1nobody"]}, "is no public key of age"),
            ({"unencrypted": True, "keep_weekly": 4}, "--keep-weekly goes with --keep"),
        ],
    )
    def test_who_can_open_it_must_be_said(self, given: dict[str, Any], said: str, tmp_path, settings) -> None:
        settings.BACKUP_RECIPIENT = []
        with pytest.raises(CommandError, match=said):
            call_command("backup", dir=tmp_path, **given)
        assert list(tmp_path.iterdir()) == []


def test_its_file_is_for_its_owner_alone(backup: Backup) -> None:
    assert backup.file.name == "fleet-20261126T120000Z.tar.age"
    assert backup.file.stat().st_mode & 0o777 == 0o600


def test_an_older_version_is_read_before_it_is_upgraded(backup: Backup) -> None:
    """A backup comes before the upgrade, by whichever code is there: tables that are not there yet hold nothing."""
    assert backup.older is not None
    assert backup.older.tables["ledger_postings"].rows == len(backup.rows["ledger_postings"])
    assert set(backup.older.missing_uploads) == {backup.stored, *backup.uploads}


class TestKeys:
    def test_a_key_is_made_once_and_kept_private(self, tmp_path) -> None:
        file = tmp_path / "key"
        public = make_key(file)

        assert str(read_identities(file)[0].to_public()) == public
        assert file.stat().st_mode & 0o777 == 0o600
        with pytest.raises(BackupRefused, match="never overwritten"):
            make_key(file)

    @pytest.mark.parametrize("content", [b"", b"# a comment\n", b"age1public", b"\xff\xfe"])
    def test_a_file_without_one_is_refused(self, content: bytes, tmp_path) -> None:
        file = tmp_path / "key"
        file.write_bytes(content)
        with pytest.raises(BackupRefused, match="holds no identity"):
            read_identities(file)


class TestKeeping:
    def test_days_and_weeks_are_kept_and_nothing_else_is_touched(self, tmp_path) -> None:
        """Two a day for five weeks, to Thursday Nov 26: of three days and three weeks the last of each is kept."""
        for hours in range(0, 35 * 24, 12):
            (tmp_path / name_backup(NOON - timedelta(hours=hours), is_encrypted=True)).touch()
        (tmp_path / "fleet-of-aunt-mary.tar.age").touch()

        delete_outdated(tmp_path, days=3, weeks=3)

        assert sorted(file.name for file in tmp_path.iterdir()) == [
            "fleet-20261115T120000Z.tar.age",
            "fleet-20261122T120000Z.tar.age",
            "fleet-20261124T120000Z.tar.age",
            "fleet-20261125T120000Z.tar.age",
            "fleet-20261126T120000Z.tar.age",
            "fleet-of-aunt-mary.tar.age",
        ]

    def test_the_newest_stays_in_any_case(self) -> None:
        assert choose_outdated(["fleet-20200101T000000Z.tar"], days=0, weeks=0) == []


def test_restored_by_hand_it_is_a_dump(backup: Backup, tmp_path) -> None:
    """What the documents say: decrypt, unpack, and the pieces are one dump of PostgreSQL's."""
    clear = io.BytesIO()
    pyrage.decrypt_io(io.BytesIO(backup.file.read_bytes()), clear, [KEY])
    subprocess.run(["tar", "--extract"], cwd=tmp_path, input=clear.getvalue(), check=True)

    dump = b"".join(piece.read_bytes() for piece in sorted((tmp_path / "dump").iterdir()))

    assert dump.startswith(b"PGDMP")
    assert (tmp_path / "manifest.json").is_file()
