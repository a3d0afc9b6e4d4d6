"""Restoring a backup into a new database, and proving that what is there then is what was there before."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from config.backups.archive import Contents, read_archive
from config.backups.errors import BackupRefused
from config.backups.keys import decrypted
from config.backups.manifest import (
    DatabaseContent,
    check_contents,
    check_version,
    compare_tables,
    find_missing_uploads,
    list_uploads,
    read_content,
)
from config.backups.programs import describe_database, find_program, get_server_version, last_line
from config.databases import database_from_url
from core.services.audits import run_audits
from ledger import services as ledger

Say = Callable[[str], None]

#: Sentences told of each thing that is compared; more are counted.
MOST_TOLD = 10

_TABLES = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup's file that was read to its end: all of it is as it was written."""

    manifest: dict[str, Any]
    contents: Contents
    content: DatabaseContent


def check_backup(*, file: Path, identities: Sequence[Any]) -> Checked:
    """Read a backup to its end, and compare every part with the manifest. No database is asked.

    :raises BackupRefused: it can't be read, opened, or is not as it was written
    """
    with _open(file) as source, decrypted(source, identities) as stream:
        contents, manifest = read_archive(stream)
    content = read_content(manifest)
    check_contents(contents, manifest)
    return Checked(manifest, contents, content)


def restore_backup(*, file: Path, identities: Sequence[Any], say: Say) -> list[str]:
    """Restore a backup into the database of the settings, which must be empty; return what is not as it was.

    The file is read to its end before anything is written. The dump goes in as one transaction: a restore that fails
    leaves an empty database. Then every table is compared with the manifest, the database is migrated to the version
    that is here and its roles are granted what they need; seals, audits and uploads are looked at last.

    :raises BackupRefused: the file is not as it was written, or of a newer version; the database is not empty, its
        version another than pg_restore's, or a role is missing
    """
    checked = check_backup(file=file, identities=identities)
    content = checked.content
    say(
        f"{file.name}: taken {checked.manifest['taken_at'][:19]} UTC by version {checked.manifest['version']}; "
        f"{sum(table.rows for table in content.tables.values()):,} rows in {len(content.tables)} tables, "
        f"{len(checked.contents.media)} uploads of the disk. Every part is as it was written."
    )
    newer = check_version(content)
    _check_target(checked)
    program = find_program("pg_restore", same_version=True)
    _fill(file, identities, program)
    return list(_verify(checked, newer, say))


def _check_target(checked: Checked) -> None:
    """:raises BackupRefused: nothing can be restored into the database of the settings"""
    name = connection.settings_dict["NAME"]
    if settings.DATABASE_URL and database_from_url(settings.DATABASE_URL)["NAME"] != settings.OWNER_DATABASE["NAME"]:
        raise BackupRefused(f"MIGRATE_DATABASE_URL names the database {name}, and DATABASE_URL another.")
    try:
        with connection.cursor() as cursor:
            cursor.execute(_TABLES)
            if cursor.fetchone()[0]:
                raise BackupRefused(
                    f"The database {name} is not empty. A backup is restored into a new "
                    "one only: create it, and let DATABASE_URL (and MIGRATE_DATABASE_URL) name it; on your own "
                    "machine give another DATA_DIR."
                )
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname IN (%s, '')", [settings.DATABASE_ROLE])
            if settings.DATABASE_ROLE and cursor.fetchone() is None:
                raise BackupRefused(
                    f"The product's role does not exist here. As a superuser: CREATE ROLE {settings.DATABASE_ROLE} "
                    f"LOGIN PASSWORD '…'; GRANT CONNECT ON DATABASE {name} TO "
                    f"{settings.DATABASE_ROLE};"
                )
    except DatabaseError as failure:
        raise BackupRefused(
            f"The database can't be reached: {str(failure).strip().splitlines()[0]}. In a new cluster its superuser "
            "first creates both roles and the database, as docs/backup.md says."
        ) from failure
    if (here := get_server_version()) < checked.manifest["postgresql"]:
        raise BackupRefused(
            f"The backup is of a PostgreSQL {checked.manifest['postgresql']}, and this one is {here}: restore it into "
            "one that is as new."
        )


def _fill(file: Path, identities: Sequence[Any], program: Path) -> None:
    media = Path(settings.MEDIA_ROOT)
    Path(settings.DATA_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        _restoring(program) as restore,
        _open(file) as source,
        decrypted(source, identities) as stream,
    ):
        read_archive(stream, take_dump=restore, take_upload=lambda path, blocks: _put(media / path, blocks))


@contextmanager
def _restoring(program: Path) -> Iterator[Callable[[bytes], Any]]:
    """Give what takes the dump, block by block; all of it is one transaction.

    :raises BackupRefused: pg_restore failed, and nothing is in the database
    """
    database, environment = describe_database()
    options = ["--single-transaction", "--no-owner", "--no-privileges", "--no-password", f"--dbname={database}"]
    with tempfile.TemporaryFile() as errors:
        restoring = subprocess.Popen(  # nosec B603  # PostgreSQL's program, no shell
            [program, *options],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        assert restoring.stdin is not None
        failed = False
        try:
            yield restoring.stdin.write
            restoring.stdin.close()
        except BrokenPipeError:
            failed = True
        except BaseException:
            restoring.kill()
            raise
        finally:
            code = restoring.wait()
        if failed or code:
            errors.seek(0)
            raise BackupRefused(f"Nothing was restored: {last_line(errors.read())}")


def _put(path: Path, blocks: Iterator[bytes]) -> None:
    """Write an upload, under its name only once it is whole; one that is there stays, if it is the same.

    :raises BackupRefused: another file stands in its place
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent)
    digest = sha256()
    try:
        with os.fdopen(handle, "wb") as target:
            for block in blocks:
                target.write(block)
                digest.update(block)
            target.flush()
            os.fsync(target.fileno())
        if not path.exists():
            Path(unfinished).rename(path)
        elif _digest(path) != digest.hexdigest():
            raise BackupRefused(f"{path} is there already, and is another file: give an empty DATA_DIR.")
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _verify(checked: Checked, newer: Sequence[str], say: Say) -> Iterator[str]:
    content = checked.content
    with transaction.atomic():
        differing = list(compare_tables(content))
    yield from _told(differing)
    say(f"Every table has the rows of the manifest: {'no, see below' if differing else 'yes'}.")
    try:
        call_command("migrate", verbosity=0)
    except CommandError as failure:
        yield f"It could not be migrated to this version, so no more was compared: {failure}"
        return
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    older = f"The backup was of an older version, and is migrated ({len(newer)} migrations). " if newer else ""
    say(f"{older}The roles are granted what they need.")
    verification = ledger.verify_seals(is_whole=True, head=content.head)
    yield from _told(verification.findings, of=verification.check.findings)
    head = f"the backup's head {content.head[:16]} is {'' if verification.known else 'not '}here"
    say(
        f"Seals: {verification.check.rows:,} rows in {verification.check.seals:,} seals; "
        f"{head if content.head else 'nothing was sealed yet when it was taken'}."
    )
    # What was written in the last minute before the backup, and compared above, is sealed as it is.
    ledger.seal_rows()
    run = run_audits()
    for result in run.results.filter(findings__gt=0):
        yield from _told([f"{result.name}: {sentence}" for sentence in result.sample], of=result.findings)
    say(f"Audits: {run.results.count()}, findings: {run.findings}.")
    yield from _check_uploads(checked, say)


def _check_uploads(checked: Checked, say: Say) -> Iterator[str]:
    media = Path(settings.MEDIA_ROOT)
    missing_before = set(checked.content.missing_uploads)
    named = list_uploads()
    missing = [path for path in find_missing_uploads(media) if path not in missing_before]
    others = [
        path
        for path, part in checked.contents.media.items()
        if (media / path).is_file() and _digest(media / path) != part.sha256
    ]
    yield from _told([f"The upload {path} is missing." for path in missing])
    yield from _told([f"The upload {path} is another file." for path in others])
    gone = f"; {len(missing_before)} were missing when it was taken" if missing_before else ""
    say(f"Uploads: {len(named) - len(missing) - len(missing_before)} of {len(named)} that are named are there{gone}.")


def _told(sentences: Sequence[str], *, of: int = 0) -> Iterator[str]:
    yield from sentences[:MOST_TOLD]
    more = max(of, len(sentences)) - len(sentences[:MOST_TOLD])
    if more:
        yield f"… and {more} more."


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as opened:
        while block := opened.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _open(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as failure:
        raise BackupRefused(f"{file} can't be read: {failure.strerror}.") from failure
