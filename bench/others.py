"""Other ledgers on the same PostgreSQL, each in a database of its own: django-hordak, and pgledger where it is given.

Neither is part of the product. ``make bench`` installs django-hordak into a virtual environment of its own; pgledger is
a file of SQL, which ``PGLEDGER_SQL`` names (several with a colon between them: what it needs first).
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import psycopg

from bench.databases import HORDAK, PGLEDGER, connect_parameters, create_bare_database, exists
from bench.errors import NotInstalled
from bench.measure import Timing, seconds

#: Accounts that take turns.
ACCOUNTS = 200


class Other(Protocol):
    """Another ledger at work: each call is a transaction of its own, one after the other."""

    name: str

    def transfer(self, times: int) -> Timing:
        """Move money between two accounts, so many times."""

    def split(self, times: int, parts: int) -> Timing:
        """Receive one amount and put it on so many accounts at once, so many times."""


@contextmanager
def others() -> Iterator[list[Other]]:
    """Have each of them that is here ready; say which is not, and why."""
    with ExitStack() as stack:
        ready: list[Other] = []
        for start in (_hordak, _pgledger):
            try:
                ready.append(stack.enter_context(start()))
            except NotInstalled as missing:
                print(f"  {missing}", flush=True)
        yield ready


class _Hordak:
    """A process that has Django and django-hordak, and nothing of ours but ``bench/hordak.py``."""

    name = "django-hordak"

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._ask("ready", 0, 0)

    def transfer(self, times: int) -> Timing:
        return self._ask("transfer", times, 1)

    def split(self, times: int, parts: int) -> Timing:
        return self._ask("split", times, parts)

    def _ask(self, what: str, times: int, parts: int) -> Timing:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what} {times} {parts}\n")
        self._process.stdin.flush()
        told = self._process.stdout.readline()
        if not told:
            raise SystemExit(f"bench/hordak.py ended with {self._process.wait()}; what it said is above.")
        return Timing(times, float(told))


def find_hordak_version() -> str | None:
    """The version of django-hordak that stands beside, if it is installed."""
    found = _find_venv().glob("lib/python*/site-packages/django_hordak-*.dist-info")
    return next((folder.name.removesuffix(".dist-info").partition("-")[2] for folder in found), None)


def _find_venv() -> Path:
    return Path(os.environ.get("BENCH_VENV") or Path(sys.prefix) / "bench")


@contextmanager
def _hordak() -> Iterator[Other]:
    python = _find_venv() / "bin" / "python"
    if not python.exists():
        raise NotInstalled("django-hordak is not installed (make bench does it), so nothing stands beside it.")
    if not exists(HORDAK):
        create_bare_database(HORDAK)
    environment = {**os.environ, "BENCH_CONNECT": json.dumps(connect_parameters(HORDAK))}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    # -P: beside the file lie modules of ours that are called as packages are.
    process = subprocess.Popen(
        [python, "-P", Path(__file__).with_name("hordak.py"), str(ACCOUNTS)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _Hordak(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


class _Pgledger:
    """Calls of pgledger's function, by psycopg as it comes."""

    name = "pgledger"

    def __init__(self, connection: "psycopg.Connection[tuple[str]]") -> None:
        self._connection = connection
        made = connection.execute(
            "SELECT (pgledger_create_account('account ' || n, 'USD')).id FROM generate_series(0, %s) AS n", [ACCOUNTS]
        )
        self._fleet, *self._drivers = [account for (account,) in made]
        self._done = 0

    def transfer(self, times: int) -> Timing:
        return Timing(times, seconds(lambda: self._transfer(times)))

    def split(self, times: int, parts: int) -> Timing:
        """A split is as many of its transfers in one transaction: it has no entry with more than two sides."""
        return Timing(times, seconds(lambda: self._split(times, parts)))

    def _split(self, times: int, parts: int) -> None:
        for _ in range(times):
            with self._connection.transaction():
                self._transfer(parts)

    def _transfer(self, times: int) -> None:
        for _ in range(times):
            self._done += 1
            driver = self._drivers[self._done % len(self._drivers)]
            self._connection.execute(
                "SELECT * FROM pgledger_create_transfer(%s, %s, '10.00')", [self._fleet, driver]
            ).fetchall()


@contextmanager
def _pgledger() -> Iterator[Other]:
    named = os.environ.get("PGLEDGER_SQL", "")
    if not named:
        raise NotInstalled("PGLEDGER_SQL names no file, so nothing stands beside pgledger.")
    try:
        statements = [Path(path).read_text() for path in named.split(os.pathsep)]
    except OSError as failed:
        raise NotInstalled(f"PGLEDGER_SQL: {failed.filename} can't be read: {failed.strerror}.") from failed
    is_new = not exists(PGLEDGER)
    if is_new:
        create_bare_database(PGLEDGER)
    with psycopg.connect(**connect_parameters(PGLEDGER), autocommit=True) as connection:
        for statement in statements if is_new else []:
            connection.execute(statement)
        yield _Pgledger(connection)
