"""Throw-away databases: one is migrated, every other is a copy of it or of one that was filled once.

All of them begin with ``bench``. The bench works as the owner, who may make and drop them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

#: Migrated and empty; and with the fleet that most measurements begin with.
EMPTY, FLEET = "bench", "bench_fleet"
#: What a measurement works in, and what it may keep a filled state in to begin from twice.
RUN, KEPT = "bench_run", "bench_kept"
#: What is measured beside the ledger has its own.
HORDAK, PGLEDGER = "bench_hordak", "bench_pgledger"
ALL = (RUN, KEPT, HORDAK, PGLEDGER, FLEET, EMPTY)


def work_in(database: str) -> None:
    """Have this process's connection be to that database, as its owner."""
    connection.close()
    owner = {name: value for name, value in settings.OWNER_DATABASE.items() if name != "OPTIONS"}
    connection.settings_dict |= {**owner, "NAME": database}


@contextmanager
def empty_database() -> Iterator[None]:
    """Make the database with nothing but what migrations make, and drop all of the bench's in the end."""
    work_in(settings.OWNER_DATABASE["NAME"])
    drop(*ALL)
    connection.settings_dict["TEST"]["NAME"] = EMPTY
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    try:
        yield
    finally:
        work_in(settings.OWNER_DATABASE["NAME"])
        drop(*ALL)


def copy_database(source: str, name: str) -> None:
    """Make ``name`` anew, as ``source`` is; nobody is connected to that."""
    connection.close()
    drop(name)
    _execute(f"CREATE DATABASE {name} TEMPLATE {source}")


def create_bare_database(name: str) -> None:
    """Make ``name`` without anything of ours in it."""
    drop(name)
    _execute(f"CREATE DATABASE {name} TEMPLATE template0")


def exists(name: str) -> bool:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def drop(*names: str) -> None:
    """Drop these where they exist, whoever of ours is connected."""
    for name in names:
        # WITH (FORCE) would end autovacuum's processes too, which the owner may not; a plain DROP sends those away.
        with connection._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
                [name],
            )
        _execute(f"DROP DATABASE IF EXISTS {name}")


def settle() -> None:
    """Give the planner its statistics, and leave no dead rows behind, as a server does by itself within minutes."""
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def turn_autovacuum_off() -> None:
    """Leave what is done in seconds to itself, in this database and its copies.

    Autovacuum takes a core once a minute: from one run and not from the next.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('ALTER TABLE %s SET (autovacuum_enabled = off)', oid::regclass) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        cursor.execute("; ".join(statement for (statement,) in cursor.fetchall()))


def connect_parameters(database: str) -> dict[str, Any]:
    """How libpq connects to that database as the owner, for whoever does without Django."""
    owner = settings.OWNER_DATABASE
    named = {"user": owner["USER"], "password": owner.get("PASSWORD"), "host": owner["HOST"], "port": owner.get("PORT")}
    return {"dbname": database, **{name: value for name, value in named.items() if value}}


def _execute(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
