"""Up to which id the rows of a table are all there: none below it can still be committed.

A row's transaction holds the table's ROW EXCLUSIVE lock from before its id is drawn until it ends. So once the
transactions that held it when the last id was read are over, nothing at or below that id is under way. Nobody is held
up by it, and it needs neither a column nor a lock of the table.
"""

import time

from django.db import connection

_POLL_SECONDS = 0.05
_WRITERS = """
    SELECT DISTINCT pid, virtualtransaction FROM pg_locks
    WHERE relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted
        -- A prepared transaction has no process.
        AND pid IS DISTINCT FROM pg_backend_pid()
        -- Of this database: a copy of it beside it has tables of the same numbers.
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def read_last_drawn(table: str) -> int:
    """Return the last id that the table's sequence has drawn; 0 before the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        sequence = cursor.fetchone()[0]
        cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
        return int(cursor.fetchone()[0])


def has_settled(table: str, *, until: float) -> bool:
    """Wait for those who write to the table at this moment; return False where one is not done ``until`` then.

    ``until`` is of the monotonic clock. An id that was read before is settled when this returns True.
    """
    waited_for = _list_writers(table)
    while waited_for:
        if time.monotonic() > until:
            return False
        time.sleep(_POLL_SECONDS)
        waited_for &= _list_writers(table)
    return True


def _list_writers(table: str) -> set[tuple[int | None, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [table])
        return set(cursor.fetchall())
