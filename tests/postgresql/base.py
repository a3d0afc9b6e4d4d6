"""PostgreSQL as in production, but for the flush between tests.

`TransactionTestCase` empties all tables by TRUNCATE, which the ledger's guards refuse to everybody, with no switch. The
owner of a table can still disable its triggers, in the open, by ALTER TABLE; that is done here and only here. The
backend is named by tests/conftest.py and by no setting.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base, operations

from tests.postgresql.creation import DatabaseCreation

_TRUNCATE_TRIGGERS = """
    SELECT tgrelid::regclass::text, quote_ident(tgname), tgenabled
      FROM pg_trigger
     WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 32 <> 0
     ORDER BY 1, 2
"""

_ENABLE = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}


class DatabaseOperations(operations.DatabaseOperations):
    def execute_sql_flush(self, sql_list: Iterable[str]) -> None:
        """Empty the tables with the triggers on TRUNCATE aside, and put each back as it was."""
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute(_TRUNCATE_TRIGGERS)
            guards: list[tuple[str, str, Any]] = cursor.fetchall()
            for table, trigger, _ in guards:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            super().execute_sql_flush(sql_list)
            for table, trigger, enabled in guards:
                cursor.execute(f"ALTER TABLE {table} {_ENABLE[enabled]} TRIGGER {trigger}")


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    creation_class = DatabaseCreation
