"""Functions of the database, kept at what the code ships; run after each ``migrate``.

Most of a guard is the body of a function, and what it should say changes more often than what it stands on. So bodies
and settings are edited where they stand, in the apps' ``sql`` folders, and each ``migrate`` brings them to the
database, an old one or a new one. A trigger, a constraint or a table changes by a migration.
"""

import re
from collections.abc import Container, Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction

_FUNCTION = re.compile(r"^CREATE (FUNCTION \w+\(.*?AS \$\$.*?\$\$;)", re.DOTALL | re.MULTILINE)


def replace_functions(*, using: str, names: Container[str] | None = None) -> None:
    """Give each function of the apps' guards the body and the settings that it has in the code; all of them or none.

    A migration that takes away what a function holds from now on brings these by their ``names`` first.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        # A function in SQL is checked against the tables when it is made, and they are all there by now.
        for statement in _list_functions():
            if names is None or _name_function(statement) in names:
                cursor.execute(f"CREATE OR REPLACE {statement}")


def drop_functions(sql: str) -> str:
    """Return what is left of a file of guards without its functions: its triggers, constraints and tables."""
    return _FUNCTION.sub("", sql)


def _name_function(statement: str) -> str:
    return statement.removeprefix("FUNCTION ").partition("(")[0]


def _list_functions() -> Iterator[str]:
    for app in apps.get_app_configs():
        if Path(app.path).parent == settings.BASE_DIR:
            for path in sorted((Path(app.path) / "sql").glob("*.sql")):
                if not path.stem.endswith("_reverse"):
                    yield from _FUNCTION.findall(path.read_text())
