"""How tests of every app prove what behavior alone hides: the locks, their order, and that no wait is endless."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.threads import run_together


def assert_locks_first(act: Callable[[], Any], tables: Sequence[str]) -> None:
    """The rows of these tables are locked in this order, each before anything is written."""
    statements = list_sql(act)
    locks = [number for number, sql in enumerate(statements) if " FOR UPDATE" in sql or " FOR NO KEY UPDATE" in sql]
    first_write = next(number for number, sql in enumerate(statements) if sql.startswith(("INSERT", "UPDATE")))
    found = [table for number, table in zip(locks, tables, strict=False) if f'"{table}"' in statements[number]]
    assert found == list(tables)
    assert locks[len(tables) - 1] < first_write


def list_sql(act: Callable[[], Any]) -> list[str]:
    """The statements of an act, in their order."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured]


def assert_waits_are_bounded(act: Callable[[], Any], table: str) -> None:
    """The transaction's wait for locks is bounded before the first row of the table is locked."""
    statements = list_sql(act)
    bound = next(n for n, sql in enumerate(statements) if "set_config('lock_timeout', '5s', true)" in sql)
    lock = next(
        n
        for n, sql in enumerate(statements)
        if f'FROM "{table}"' in sql and (" FOR UPDATE" in sql or " FOR NO KEY UPDATE" in sql)
    )
    assert bound < lock


@contextmanager
def somebody_at(table: str, row_id: Any, column: str = "id") -> Iterator[None]:
    """Hold one row's lock while the block runs; the block must act on another connection."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE {column} = %s FOR UPDATE", [row_id])
        assert cursor.rowcount == 1
        yield


def run_elsewhere(service: Callable[..., Any], **arguments: Any) -> Any:
    """What a service answers in a thread with a connection of its own; a refusal is an answer."""
    (answer,) = run_together(lambda: service(**arguments))
    return answer


def is_somebody_waiting_for_us() -> bool:
    """Whether another session waits at this moment for a lock that this connection's transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
