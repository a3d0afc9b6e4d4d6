"""How the database's migrations stand to those of the code: what it lacks, and what the code does not know.

Read by a connection of one's own, without Django's: a web process asks when it starts, inside of its event loop.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg.errors import InsufficientPrivilege

#: A migration by its app's label and its name.
Key = tuple[str, str]

_ASK_SECONDS = 3
_NAMED = 3


@dataclass(frozen=True)
class Standing:
    """What keeps code and database apart, in the order of migrations."""

    #: Migrations of the code that the database has not seen.
    lacking: Sequence[Key]
    #: Applied migrations of our apps that the code has not: the database was migrated by a later version.
    unknown: Sequence[Key]
    #: Whether the product may read them: the first migrate of two roles grants it.
    is_granted: bool = True

    @property
    def must_migrate(self) -> bool:
        return bool(self.lacking) or not self.is_granted


def open_session() -> psycopg.Connection[Any]:
    """Connect as the product does.

    :raises psycopg.Error: there is no server to ask
    """
    given = {name: value for name, value in connection.get_connection_params().items() if name != "pool"}
    return psycopg.connect(**given | {"connect_timeout": _ASK_SECONDS, "autocommit": True})


def read_standing(session: psycopg.Connection[Any]) -> Standing:
    """Compare what was applied with the migrations that are here.

    :raises psycopg.Error: the database can't be read
    """
    row = session.execute("SELECT to_regclass('public.django_migrations')::text").fetchone()
    applied: set[Key] = set()
    try:
        if row and row[0]:
            applied = set(session.execute("SELECT app, name FROM django_migrations").fetchall())
    except InsufficientPrivilege:
        return Standing([], [], is_granted=False)
    disk: dict[Key, Any] = MigrationLoader(None).disk_migrations
    installed = {app.label for app in apps.get_app_configs()}
    return Standing(
        lacking=sorted(key for key, one in disk.items() if key not in applied and not _is_replaced(one, applied)),
        unknown=sorted(key for key in applied if key[0] in installed and key not in disk),
    )


def name_migrations(keys: Sequence[Key]) -> str:
    """Return the first few by name, and how many more there are."""
    named = ", ".join(".".join(key) for key in keys[:_NAMED])
    more = len(keys) - _NAMED
    return f"{named} and {more} more" if more > 0 else named


def say_lacking(standing: Standing) -> str:
    if not standing.is_granted:
        return "The database grants this role nothing yet. Run manage.py migrate as its owner (docs/upgrade.md)."
    return (
        f"The database lacks {_count(standing.lacking)}: {name_migrations(standing.lacking)}. "
        "Run manage.py migrate as its owner (docs/upgrade.md)."
    )


def say_unknown(standing: Standing) -> str:
    return (
        f"The database is newer than this code, which does not know {_count(standing.unknown)}: "
        f"{name_migrations(standing.unknown)}. Start the version that migrated it (docs/upgrade.md)."
    )


def _count(keys: Sequence[Key]) -> str:
    return "a migration" if len(keys) == 1 else f"{len(keys)} migrations"


def _is_replaced(migration: Any, applied: Collection[Key]) -> bool:
    """Whether it only sums up others that were applied before there was a sum."""
    return bool(migration.replaces) and all(key in applied for key in migration.replaces)
