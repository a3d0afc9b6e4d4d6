"""PostgreSQL as Django has it; a COMMIT is noted before it is sent, and parameters may travel beside a statement.

What is done a hundred times a second waits for PostgreSQL as seldom as can be: a connection of the pool is looked at
and not asked, BEGIN and COMMIT travel with the first and the last statement, and what is asked again is prepared.
"""

import select
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper
from psycopg.pq import Format, TransactionStatus
from psycopg_pool import ConnectionPool

from core.outages import note_commit

#: How often a session is asked the same before it is prepared: psycopg's own number, which Django takes away.
PREPARED_AFTER = 5


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str:
        """Return a statement for who looks at all of them; of a prepared one psycopg keeps no text."""
        return super().last_executed_query(cursor, sql, params) or sql


class PreparingCursor(base.ServerBindingCursor):
    """Has prepared what it is given again and again, where the session is ours alone.

    For its own statements only: psycopg would keep the text of the last hundred of any cursor, to know them again, and
    into those of Django megabytes may be written.
    """

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        raw: Any = self.connection  # type: ignore[attr-defined]  # unknown to the stubs, as is the next
        raw.prepare_threshold = PREPARED_AFTER if getattr(raw, "is_session_ours", False) else None
        try:
            return super().execute(query, params, **how)  # type: ignore[misc]
        finally:
            raw.prepare_threshold = None


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, or take a connection from the pool; one that died there is replaced."""
        connection = super().get_new_connection(conn_params)
        while self.pool and not is_alive(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection

    def _configure_connection(self, connection: psycopg.Connection[Any]) -> bool:
        """Have what :meth:`bound_cursor` asks again and again prepared, where the server's session is ours alone.

        A pooler gives its sessions now to one and now to another, who knows nothing of what was prepared there. It
        tells who connects a process number of its own making, and none of the server's.
        """
        super()._configure_connection(connection)  # type: ignore[misc]  # unknown to the stubs
        is_ours = connection.execute("SELECT pg_backend_pid()").fetchone() == (connection.info.backend_pid,)
        connection.is_session_ours = is_ours  # type: ignore[attr-defined]  # it is kept with the connection
        return True  # there was a statement: outside a pool it began a transaction

    def _commit(self) -> Any:
        note_commit()
        return super()._commit()  # type: ignore[misc]  # unknown to the stubs

    def execute_first(self, sql: str, params: Sequence[Any]) -> tuple[Any, ...] | None:
        """Execute the first statement of the running block, and return its first row: with the BEGIN, in one message.

        Where the block is within another, or something was executed in it before, it is a statement like others.
        """
        self.ensure_connection()
        raw: psycopg.Connection[Any] = self.connection
        is_first = self.in_atomic_block and raw.info.transaction_status is TransactionStatus.IDLE
        if is_first:
            raw.autocommit = True  # or psycopg sends a BEGIN of its own; Django sets what it wants when the block ends
        with self.cursor() as cursor:
            cursor.execute(f"BEGIN; {sql}" if is_first else sql, params)
            if is_first:
                cursor.nextset()
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row

    def execute_last(self, sql: str, params: Sequence[Any]) -> None:
        """Execute the last statement of the running block: of the outermost, with its COMMIT, in one message.

        Django's own COMMIT then finds nothing to do, and does the rest of what belongs to it.
        """
        is_outermost = self.in_atomic_block and not self.savepoint_ids
        if is_outermost:
            note_commit()
        with self.cursor() as cursor:
            cursor.execute(f"{sql}; COMMIT" if is_outermost else sql, params)

    def bound_cursor(self) -> CursorWrapper:
        """Return a cursor that sends parameters beside the statement: :func:`core.statements.bound_cursor`."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            raw: Any = PreparingCursor(self.connection)  # type: ignore[call-arg]  # unknown to the stubs
            # Rows come as PostgreSQL keeps them: nobody writes a number or a moment down for the other to read.
            # (Of jsonb alone Django's cursors make something else: the text, which its fields read.)
            raw.format = Format.BINARY
            cursor: CursorWrapper = self._prepare_cursor(raw)  # type: ignore[attr-defined]
        return cursor


def is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Whether a connection that waited in the pool still has its server.

    Over such a connection nothing comes but the word that it ends, or a notice. So PostgreSQL is asked only where
    something has come, and not before each request.
    """
    if connection.closed:
        return False
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if not waiting.poll(0):
        return True
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        return False
    return True
