"""PostgreSQL as in production, but for the flush between tests.

`TransactionTestCase` empties all tables by TRUNCATE, which the ledger's guards refuse to everybody, with no switch. The
owner of a table can still disable its triggers, in the open, by ALTER TABLE; that is done here and only here. The
backend is named by tests/conftest.py and by no setting.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from core.postgresql import base
from tests.owner import as_owner
from tests.postgresql.creation import DatabaseCreation

_TRUNCATE_TRIGGERS = """
    SELECT tgrelid::regclass::text, quote_ident(tgname), tgenabled
      FROM pg_trigger
     WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 32 <> 0
     ORDER BY 1, 2
"""

_ENABLE = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}


class DatabaseOperations(base.DatabaseOperations):
    def execute_sql_flush(self, sql_list: Iterable[str]) -> None:
        """Empty the tables with the triggers on TRUNCATE aside, and put each back as it was."""
        alias = self.connection.alias
        with as_owner(alias), transaction.atomic(using=alias), self.connection.cursor() as cursor:
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

    @contextmanager
    def _nodb_cursor(self) -> Iterator[Any]:
        """Databases are made and dropped by the owner."""
        with self.as_owner_from_the_start(), super()._nodb_cursor() as cursor:
            yield cursor

    def _configure_connection(self, connection: Any) -> bool:
        """Have nothing prepared: with a transaction rolled back psycopg lets go of all that is, so with each test.

        The questions of the audits would be gone too, which tests/books.py prepares once.
        """
        commit = super()._configure_connection(connection)
        connection.is_session_ours = False
        return commit

    def _configure_role(self, connection: Any) -> bool:
        """Become the product's role; Django's own way to it fails in a pool, which takes no open transaction either."""
        if role := self.settings_dict["OPTIONS"].get("assume_role"):
            connection.execute(f'SET ROLE "{role}"')
            if not connection.autocommit:
                connection.commit()
        return False

    @contextmanager
    def as_owner_from_the_start(self) -> Iterator[None]:
        """Have connections that are made meanwhile work as who logs in."""
        options = self.settings_dict["OPTIONS"]
        role = options.pop("assume_role", None)
        try:
            yield
        finally:
            if role:
                options["assume_role"] = role
