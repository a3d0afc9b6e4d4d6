"""PostgreSQL's own programs for dumping and restoring: the wheel's for the embedded server, else those on the PATH."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from config.backups.errors import BackupRefused
from config.embedded import postgres

#: What Django tells psycopg and no program knows.
_NOT_LIBPQ = {"pool", "cursor_factory", "prepare_threshold", "context", "client_encoding", "password"}


def find_program(name: str, *, same_version: bool = False) -> Path:
    """Return ``pg_dump`` or ``pg_restore``, as new as the server at least, or of its very version.

    :raises BackupRefused: there is none, or it is older (another)
    """
    found = postgres.find_programs() / name if not settings.DATABASE_URL else shutil.which(name)
    if not found:
        raise BackupRefused(f"There is no {name} on the PATH: install PostgreSQL's client of the server's version.")
    server, program = get_server_version(), _read_version(Path(found))
    if program < server or (same_version and program != server):
        raise BackupRefused(
            f"{name} on the PATH is of version {program} and the server of {server}: install the client of version "
            f"{server}, or put its folder (/usr/lib/postgresql/{server}/bin) first on the PATH."
        )
    return Path(found)


def get_server_version() -> int:
    """Return the server's major version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        return int(cursor.fetchone()[0])


def describe_database() -> tuple[str, dict[str, str]]:
    """Return where the database is, for a program's ``--dbname``, and its environment, which has the password."""
    where = {name: value for name, value in connection.get_connection_params().items() if value not in ("", None)}
    told = {name: str(value) for name, value in where.items() if name not in _NOT_LIBPQ and name != "assume_role"}
    # Not on the command line, which everybody on the machine may read.
    secret = {"PGPASSWORD": str(where["password"])} if "password" in where else {}
    return make_conninfo("", **told), {**os.environ, **secret}


def _read_version(program: Path) -> int:
    said = subprocess.run(  # nosec B603  # PostgreSQL's program, no shell
        [program, "--version"], capture_output=True, text=True, check=True
    ).stdout
    number = re.search(r"\) (\d+)", said)
    if number is None:
        raise BackupRefused(f"{program} does not tell its version: {said.strip()[:200]}")
    return int(number.group(1))


def last_line(said: bytes) -> str:
    """Return what a program said last, without the name it puts before; never more than a sentence's length."""
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line]
    return (errors or lines or ["it said nothing"])[0].strip()[:500]
