"""What a database was made by, to the letter: one that other tables or guards made is never migrated half.

Django knows an applied migration by its name alone. Here each is kept with a digest of what it is made of, its own file
and the SQL that it runs, so that a changed one is noticed without anybody having to remember it. Functions are no part
of it: they are brought along (``core/upgrades.py``).
"""

import hashlib
import inspect
import io
import json
import re
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL
from django.db.migrations.recorder import MigrationRecorder

from core.upgrades import drop_functions

#: A migration by its app's label and its name.
Key = tuple[str, str]

REFUSAL = (
    "This database was made by an older layout of the fleet ledger, which can't be migrated: nothing was changed. "
    "Move the data folder away (or give another one as DATA_DIR, or an empty database as DATABASE_URL) and start "
    "again. What differs: {differs}."
)

NEWER = (
    "This database is newer than this code, which does not know {unknown}: nothing was changed. Start the version that "
    "migrated it, or restore the backup of before (docs/upgrade.md)."
)

#: Digests of before 2026-11-27, when functions were part of them, and of 2026-11-28, when each index and constraint of
#: the first tables was a step by itself and what a posting may say was held by CHECKs.
_RELEASED = Path(__file__).with_name("layout_before.json")

#: As with django_migrations, it is there before the first migration, so that one that broke off is known too.
_CREATE = """
    CREATE TABLE IF NOT EXISTS core_layout (
        app varchar(255) NOT NULL, name varchar(255) NOT NULL, digest varchar(64) NOT NULL, PRIMARY KEY (app, name)
    )
"""
_KEEP = """
    INSERT INTO core_layout (app, name, digest) VALUES (%s, %s, %s)
    ON CONFLICT (app, name) DO UPDATE SET digest = excluded.digest
"""
#: What says nothing about the tables: how the lines are broken and what stands beside them.
_LOOKS = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def refuse_older_layout(*, using: str) -> None:
    """Compare what was applied with the migrations that are here.

    :raises CommandError: one of ours that was applied has changed since, or is gone, or comes only later
    """
    ours, kept, today = _own_apps(), _read_kept(using), read_digests()
    released = _read_released()
    applied = [key for key in MigrationRecorder(connections[using]).applied_migrations() if key[0] in ours]
    differing = sorted(
        key for key in applied if key not in today or kept.get(key) not in (today[key], *released.get(key, ()))
    )
    if differing and all(_comes_after(key, today) for key in differing):
        raise CommandError(NEWER.format(unknown=", ".join(".".join(key) for key in differing)))
    if differing:
        raise CommandError(REFUSAL.format(differs=", ".join(".".join(key) for key in differing)))


def _comes_after(key: Key, today: Iterable[Key]) -> bool:
    """Whether a migration has a number above all that its app has here: a later version's."""
    last = max((name for app, name in today if app == key[0]), default="")
    return key[1][:4].isdecimal() and key[1][:4] > last[:4]


def keep_layout(*, using: str) -> None:
    """Write down what the migrations are made of that are applied, or about to be."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(_CREATE)
        cursor.executemany(_KEEP, [(*key, digest) for key, digest in sorted(read_digests().items())])


def read_digests() -> dict[Key, str]:
    """Return a digest of each migration of our own apps, as its file and its SQL are now."""
    ours = _own_apps()
    disk: dict[Key, Any] = MigrationLoader(None).disk_migrations
    return {key: _digest(migration) for key, migration in disk.items() if key[0] in ours}


def _digest(migration: Any) -> str:
    source = Path(inspect.getfile(type(migration))).read_text()
    statements = [drop_functions(str(op.sql)) for op in migration.operations if isinstance(op, RunSQL)]
    return hashlib.sha256("\0".join([*bare_python(source), *map(bare_sql, statements)]).encode()).hexdigest()


def bare_python(source: str) -> Iterable[str]:
    """Yield what a file says, without its comments and however its lines are broken."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _LOOKS:
            yield token.string


def bare_sql(statements: Any) -> str:
    """Return the SQL without its comments and however its lines are broken."""
    return " ".join(re.sub(r"--[^\n]*", "", str(statements)).split())


def _read_released() -> dict[Key, list[str]]:
    """Return the digests that earlier versions kept of migrations which, with those after them, still make the same."""
    kept: dict[str, list[str]] = json.loads(_RELEASED.read_text())
    return {(app, name): digests for key, digests in kept.items() for app, name in [key.split(".")]}


def _own_apps() -> set[str]:
    return {app.label for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR}


def _read_kept(using: str) -> dict[Key, str]:
    connection = connections[using]
    if "core_layout" not in connection.introspection.table_names():
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name, digest FROM core_layout")
        return {(app, name): digest for app, name, digest in cursor.fetchall()}
