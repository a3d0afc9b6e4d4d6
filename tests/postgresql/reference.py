"""Puts the database back after each test that commits, in a fraction of the time that Django's flush takes.

Django empties every table by TRUNCATE, which makes some thousand files anew, and then has each app make its reference
rows again (groups, permissions, plan bands …). Here only the tables that a test left otherwise are emptied, by DELETE;
the reference rows are kept by the first cleaning of a session, and put back where a test touched them.
"""

from typing import Any

from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.test import TransactionTestCase

from tests.owner import as_owner

#: By database, then by table: its rows as COPY gives them.
_kept: dict[str, dict[str, bytes]] = {}

_GUARDS = """
    SELECT quote_ident(relname), string_agg('DISABLE TRIGGER ' || quote_ident(tgname), ', '),
           string_agg(CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END
                      || ' TRIGGER ' || quote_ident(tgname), ', ')
      FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
     WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 8 <> 0 AND relname = ANY(%s)
     GROUP BY relname
"""


def install() -> None:
    """Have Django's own test case clean this way; a flush that a test asks for itself is left as it is."""
    setattr(TransactionTestCase, "_fixture_teardown", _clean_after)  # noqa: B010  (mypy: a method of Django's)


def _clean_after(case: Any) -> None:
    for db in case._databases_names(include_mirrors=False):
        clean(db)


def clean(db: str = DEFAULT_DB_ALIAS) -> None:
    """Delete what was written since the first cleaning; what was there then is there again."""
    if db in _kept:
        with as_owner(db), transaction.atomic(using=db):
            _put_back(db)
        return
    call_command("flush", verbosity=0, interactive=False, database=db, reset_sequences=False, inhibit_post_migrate=True)
    with as_owner(db):
        emit_post_migrate_signal(0, False, db)
        _kept[db] = {table: _read(db, table) for table in _list_filled(db)}


def _put_back(db: str) -> None:
    filled = set(_list_filled(db))
    touched = [table for table, rows in _kept[db].items() if _sort(rows) != _sort(_read(db, table))]
    changed = [*(filled - set(_kept[db])), *touched]
    if not changed:
        return
    with connections[db].cursor() as cursor:
        cursor.execute(_GUARDS, [changed])
        guards: list[tuple[str, str, str]] = cursor.fetchall()
        for table, disable, _ in guards:
            cursor.execute(f"ALTER TABLE {table} {disable}")
        # In one statement, so that what refers to a row is gone when that is asked for.
        deletions = ", ".join(f'd{number} AS (DELETE FROM "{table}")' for number, table in enumerate(changed))
        cursor.execute(f"WITH {deletions} SELECT 1")
        for table in touched:
            with cursor.copy(f'COPY "{table}" FROM STDIN') as into:
                into.write(_kept[db][table])
            _pass_the_ids(cursor, table)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no trigger is enabled while another one is due
        for table, _, enable in guards:
            cursor.execute(f"ALTER TABLE {table} {enable}")


def _pass_the_ids(cursor: Any, table: str) -> None:
    """A flush that a test asked for may have set a sequence back, below the ids that have just returned."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
    if sequence := cursor.fetchone()[0]:
        cursor.execute(
            f"SELECT setval(%s, greatest((SELECT last_value FROM {sequence}), (SELECT max(id) FROM {table})))",
            [sequence],
        )


def _sort(rows: bytes) -> list[bytes]:
    return sorted(rows.splitlines())  # rows that were put back may stand in another order


def _list_filled(db: str) -> list[str]:
    """The tables that have rows, of those that a flush empties."""
    connection = connections[db]
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relname = ANY(%s) AND pg_table_is_visible(oid) AND pg_relation_size(oid) > 0",
            [tables],
        )
        grown = [table for (table,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM \"{t}\")" for t in grown))
        return sorted(table for (table,) in cursor.fetchall())


def _read(db: str, table: str) -> bytes:
    with connections[db].cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as out:
        return b"".join(bytes(part) for part in out)
