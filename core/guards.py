"""Whether the guards that an app has put into the database are there, always on, and as they were written."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.models import CheckConstraint, UniqueConstraint

_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$", re.DOTALL)
_TRIGGER = re.compile(r"CREATE (?:CONSTRAINT )?TRIGGER (\w+)")
_CONSTRAINT = re.compile(r"\bCONSTRAINT (\w+)\s+(?:CHECK|FOREIGN|REFERENCES|EXCLUDE)")


def find_missing_guards(app_label: str) -> Iterator[str]:
    """Yield a sentence for each trigger, function or constraint of an app that the database has lost, or has otherwise.

    They are those of the files in its ``sql`` folder, and the constraints of its models.
    """
    app = apps.get_app_config(app_label)
    files = sorted((Path(app.path) / "sql").glob("*.sql"))
    written = "\n".join(path.read_text() for path in files if not path.stem.endswith("_reverse"))
    functions = dict(_FUNCTION.findall(written))
    sources = _fetch("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    for name, source in functions.items():
        if (name, source) not in sources:
            yield f"The function {name} is missing or was changed."
    always_on = _fetch("SELECT tgname FROM pg_trigger WHERE tgenabled = 'A'")
    for name in _TRIGGER.findall(written):
        if (name,) not in always_on:
            yield f"The trigger {name} is missing or not always on."
    # A name among the constraints or, for a unique one with a condition, among the indexes.
    held = _fetch(
        """
        SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND convalidated
        UNION ALL
        SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique AND indisvalid
        """
    )
    of_models = [
        constraint.name
        for model in app.get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, (CheckConstraint, UniqueConstraint))
    ]
    for name in [*_CONSTRAINT.findall(written), *of_models]:
        if (name,) not in held:
            yield f"The constraint {name} is missing or not valid."


def _fetch(sql: str) -> set[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return set(cursor.fetchall())
