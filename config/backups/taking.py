"""Taking a backup: one moment of the database, then what uploads still lie on the disk, into one file, whole or not."""

import fcntl
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.db import DatabaseError, connection

from config.backups.archive import Writer
from config.backups.errors import BackupRefused
from config.backups.keeping import name_backup
from config.backups.keys import encrypted, read_recipients
from config.backups.manifest import DatabaseContent, read_database, write_manifest
from config.backups.programs import describe_database, find_program, get_server_version, last_line
from core.audits import snapshot

#: What is being written; whatever of it lies in the folder when nobody writes was left by one who was killed.
_UNFINISHED = ".unfinished-"
_OWN = """
    SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('public.django_migrations')
"""
#: Uploads are named by the SHA-256 of their bytes.
_DIGEST = re.compile(r"[0-9a-f]{64}")
#: Large objects are left out: the product makes none, anybody who may connect can, and of another's the owner may not
#: read the bytes, by which pg_dump ends. The option's long name is another from PostgreSQL 16 on.
_LEAVE_OUT_LARGE_OBJECTS = "-B"


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that is complete: its file, how long that is, and what it holds.

    ``damaged`` are uploads whose bytes are not those that they are named by; they are in it as they are.
    """

    file: Path
    bytes: int
    content: DatabaseContent
    uploads: int
    damaged: list[str]


def take_backup(*, folder: Path, recipients: Sequence[str], is_encrypted: bool = True, at: datetime) -> Taken:
    """Write a backup into a folder, as the database's owner, and return it. ``recipients`` are public keys of age.

    The dump and what the manifest says of it are of one moment, while everybody works on; uploads are in it. Those that
    still lie on the disk are read after it. Memory is bounded, whatever it comes to.

    :raises BackupRefused: no key, no program, another backup at work, or what went wrong; no file is left then
    """
    if is_encrypted and not recipients:
        raise BackupRefused(
            "For whom is the backup encrypted? Give BACKUP_RECIPIENT (`manage.py backup --make-key FILE` makes a key), "
            "or say --unencrypted."
        )
    keys = read_recipients(recipients) if is_encrypted else []
    _check_owner()
    program = find_program("pg_dump")
    try:
        with _alone(folder):
            return _write(folder, program, keys, at)
    except DatabaseError as failure:
        raise BackupRefused(f"No backup was taken: {str(failure).strip().splitlines()[0]}.") from failure
    except OSError as failure:
        raise BackupRefused(f"The backup could not be written into {folder}: {failure}.") from failure


def _check_owner() -> None:
    """:raises BackupRefused: the database can't be reached, is empty, or belongs to another role"""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_OWN)
            row = cursor.fetchone()
    except DatabaseError as failure:
        raise BackupRefused(f"The database can't be reached: {str(failure).strip().splitlines()[0]}.") from failure
    if row is None:
        raise BackupRefused("There is nothing to back up: the database is empty.")
    if not row[0]:
        raise BackupRefused(
            "A backup is taken as the role that owns the tables: give MIGRATE_DATABASE_URL beside DATABASE_URL."
        )


def _write(folder: Path, program: Path, keys: Sequence[Any], at: datetime) -> Taken:
    file = folder / name_backup(at, is_encrypted=bool(keys))
    if file.exists():
        raise BackupRefused(f"{file} is there already.")
    handle, unfinished = tempfile.mkstemp(prefix=_UNFINISHED, dir=folder)  # 0600
    try:
        with os.fdopen(handle, "wb") as target:
            with encrypted(target, keys) as stream:
                writer = Writer(stream, at=at.timestamp())
                content = _fill(writer, program, at)
            target.flush()
            os.fsync(target.fileno())
            size = target.tell()
        Path(unfinished).rename(file)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    _synchronize(folder)
    media = writer.contents.media
    damaged = [
        path for path, part in media.items() if (named := _DIGEST.match(Path(path).name)) and named[0] != part.sha256
    ]
    return Taken(file, size, content, len(media), damaged)


def _fill(writer: Writer, program: Path, at: datetime) -> DatabaseContent:
    media = Path(settings.MEDIA_ROOT)
    with snapshot(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        with _dumping(program, cursor.fetchone()[0]) as dump:
            writer.add_dump(dump)
        content = read_database(media=media)
        version = get_server_version()
    for upload in list_files(media):
        writer.add_upload(media, upload)
    writer.finish(write_manifest(content, writer.contents, at=at.isoformat(), dumped_by=version))
    return content


def list_files(media: Path) -> list[Path]:
    """Return the files below the media folder's own folders; what lies beside these is still being written."""
    return sorted(path for path in media.glob("*/**/*") if path.is_file() and not path.is_symlink())


@contextmanager
def _dumping(program: Path, snapshot_name: str) -> Iterator[BinaryIO]:
    """Give what pg_dump prints of the moment by that name.

    :raises BackupRefused: it failed; what it had printed by then is no dump
    """
    database, environment = describe_database()
    options = ["--format=custom", _LEAVE_OUT_LARGE_OBJECTS, f"--snapshot={snapshot_name}", "--no-password"]
    command = [str(program), *options, f"--dbname={database}"]
    with tempfile.TemporaryFile() as errors:
        dumping = subprocess.Popen(  # nosec B603  # PostgreSQL's program, no shell
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        )
        assert dumping.stdout is not None
        try:
            yield cast("BinaryIO", dumping.stdout)
            code = dumping.wait()
        finally:
            dumping.stdout.close()
            dumping.kill()
            dumping.wait()
        if code:
            errors.seek(0)
            raise BackupRefused(f"No backup was taken: {last_line(errors.read())}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only one who writes a backup into the folder, and clear away what one who was killed had begun.

    :raises BackupRefused: somebody else is at it
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("ab") as lock:
        os.chmod(lock.fileno(), 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused(f"Another backup is being written into {folder}.") from None
        for left in folder.glob(f"{_UNFINISHED}*"):
            left.unlink(missing_ok=True)
        yield


def _synchronize(folder: Path) -> None:
    """Have the folder's entry on the disk too, not only the file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
