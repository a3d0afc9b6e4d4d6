"""The rows that migrations leave behind (groups, permissions, plan bands …), put back after each test that commits.

The flush after such a test empties every table and then has each app make its reference rows again, by `post_migrate`,
which takes longer than the flush. So the first flush of a session does it; what it made is put back after the others.
"""

from typing import Any

from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connections, transaction
from django.test import TransactionTestCase

from tests.owner import as_owner

#: By database, then by table: its rows as COPY gives them.
_kept: dict[str, dict[str, bytes]] = {}


def install() -> None:
    """Have Django's own test case put the kept rows back; a flush that a test asks for itself is left as it is."""
    setattr(TransactionTestCase, "_fixture_teardown", _empty_and_restore)  # noqa: B010  (mypy: a method of Django's)


def _empty_and_restore(case: Any) -> None:
    for db in case._databases_names(include_mirrors=False):
        call_command(
            "flush", verbosity=0, interactive=False, database=db, reset_sequences=False, inhibit_post_migrate=True
        )
        with as_owner(db):
            _restore(db)


def _restore(db: str) -> None:
    if db not in _kept:
        emit_post_migrate_signal(0, False, db)
        _kept[db] = _read_rows(db)
        return
    with transaction.atomic(using=db), connections[db].cursor() as cursor:
        for table, rows in _kept[db].items():
            with cursor.copy(f"COPY {table} FROM STDIN") as into:
                into.write(rows)
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            sequence = cursor.fetchone()[0]
            if sequence:
                # A flush that a test asked for may have set it back, below the ids that have just returned.
                cursor.execute(
                    f"SELECT setval(%s, greatest((SELECT last_value FROM {sequence}), (SELECT max(id) FROM {table})))",
                    [sequence],
                )


def _read_rows(db: str) -> dict[str, bytes]:
    """The rows of the tables that a flush empties: whatever is there was made by the apps since."""
    connection = connections[db]
    rows: dict[str, bytes] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            with cursor.copy(f"COPY {table} TO STDOUT") as out:
                rows[table] = b"".join(bytes(part) for part in out)
    return {table: found for table, found in rows.items() if found}
