"""The database's own guards: there, switched on, and as they were written."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db.models import CheckConstraint, UniqueConstraint

from config.kit.audits import audit
from ledger.audits.queries import find

SQL = Path(__file__).resolve().parent.parent / "sql"

_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$", re.DOTALL)
_TRIGGER = re.compile(r"CREATE TRIGGER (\w+)")
_CONSTRAINT = re.compile(r"\bCONSTRAINT (\w+)\s+(?:CHECK|FOREIGN|REFERENCES|EXCLUDE)")


@audit("ledger.guards", "Every guard of the database is there, always on, and as it was written.")
def find_missing_guards() -> Iterator[str]:
    written = "\n".join(path.read_text() for path in sorted(SQL.glob("*.sql")) if not path.stem.endswith("_reverse"))
    functions = dict(_FUNCTION.findall(written))
    yield from find(
        "The function {name} is missing or was changed.",
        """
        SELECT name FROM unnest(%(names)s::text[], %(sources)s::text[]) AS written (name, source)
        WHERE NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND proname = written.name AND prosrc = written.source)
        """,
        {"names": list(functions), "sources": list(functions.values())},
    )
    yield from find(
        "The trigger {name} is missing or not always on.",
        """
        SELECT name FROM unnest(%(names)s::text[]) AS name
        WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = name AND tgenabled = 'A')
        """,
        {"names": _TRIGGER.findall(written)},
    )
    # A name among the constraints or, for a unique one with a condition, among the indexes.
    yield from find(
        "The constraint {name} is missing or not valid.",
        """
        SELECT name FROM unnest(%(names)s::text[]) AS name
        WHERE name NOT IN (
            SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND convalidated
            UNION ALL
            SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique AND indisvalid
        )
        """,
        {"names": [*_CONSTRAINT.findall(written), *_list_model_constraints()]},
    )


def _list_model_constraints() -> list[str]:
    return [
        constraint.name
        for model in apps.get_app_config("ledger").get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, (CheckConstraint, UniqueConstraint))
    ]
