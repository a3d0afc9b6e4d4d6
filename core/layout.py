"""A database that an older layout of this product made: refused whole, and never migrated half."""

from django.core.management.base import CommandError
from django.db import connections

#: Migrations that only a layout before the first release has applied: by the app's name, or by their own.
_OLDER_APPS = ("kit",)
_OLDER_NAMES = ("0001_tables", "0002_spans", "0001_tokens_and_answers")

REFUSAL = (
    "This database was made by an older layout of the fleet ledger, which can't be migrated: nothing was changed. "
    "Move the data folder away (or give another one as DATA_DIR, or an empty database as DATABASE_URL) and start again."
)


def refuse_older_layout(*, using: str) -> None:
    """:raises CommandError: the database was migrated by a layout before the first release"""
    connection = connections[using]
    if "django_migrations" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM django_migrations WHERE app = ANY(%s) OR name = ANY(%s)",
            [list(_OLDER_APPS), list(_OLDER_NAMES)],
        )
        row = cursor.fetchone()
    if row and row[0]:
        raise CommandError(REFUSAL)
