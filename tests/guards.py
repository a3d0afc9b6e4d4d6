"""What a guard of the database refuses, tried by ordinary SQL (for the ledger's tables see ``tests.ledger.rawsql``)."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.services.transactions import constraint_of
from tests.owner import as_owner


def refusal_of(sql: str, *params: Any) -> str:
    """Run a statement, with what is checked at the end of its transaction; return the name of what refuses it."""

    def run() -> None:
        # As the owner: the product's role is refused before a guard is asked (tests/core/test_grants.py).
        with as_owner(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params or None)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError) as refusal:
        run()
    return str(constraint_of(refusal.value))


def settle() -> None:
    """Have what earlier statements left to the end of the transaction checked now: it would be in a TRUNCATE's way."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def copy_of(table: str, **changes: str) -> str:
    """Return the statement that inserts the table's first row once more, with SQL for the columns that differ."""
    with connection.cursor() as cursor:
        names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    columns = [name for name in names if name != "id" or "id" in changes]
    values = [changes.get(name, f'"{name}"') for name in columns]
    quoted = ", ".join(f'"{name}"' for name in columns)
    # By its place the order would be that of the new id, which all rows share.
    first = f"{table}.id" if "id" in changes else "1"
    return f"INSERT INTO {table} ({quoted}) SELECT {', '.join(values)} FROM {table} ORDER BY {first} LIMIT 1"


#: Every statement that changes or loses what a table keeps.
CHANGES = ("UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE")


def refusals_of_changes(table: str, column: str) -> set[str]:
    """Return the names of what refuses to change, delete and truncate the rows of a table."""
    settle()
    return {refusal_of(change.format(table=table, column=column)) for change in CHANGES}


def change_as_owner(sql: str) -> None:
    """Run statements as only the tables' owner can; what waits for the transaction's end is checked before."""
    settle()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(sql)


def is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])
