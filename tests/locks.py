"""How tests of several apps prove what behaviour alone hides: the locks, and who wins when two act at once."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError


def assert_locks_first(act: Callable[[], Any], tables: Sequence[str]) -> None:
    """The rows of these tables are locked in this order, each before anything is written."""
    with CaptureQueriesContext(connection) as captured:
        act()
    statements = [query["sql"] for query in captured]
    locks = [number for number, sql in enumerate(statements) if " FOR UPDATE" in sql or " FOR NO KEY UPDATE" in sql]
    first_write = next(number for number, sql in enumerate(statements) if sql.startswith(("INSERT", "UPDATE")))
    found = [table for number, table in zip(locks, tables, strict=False) if f'"{table}"' in statements[number]]
    assert found == list(tables)
    assert locks[len(tables) - 1] < first_write


def run_at_once(acts: Sequence[Callable[[], Any]]) -> list[str]:
    """The name of the type of what each act returned, or of its refusal."""
    barrier = threading.Barrier(len(acts))
    outcomes: list[str] = []

    def run(act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            outcomes.append(type(act()).__name__)
        except DomainError as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
