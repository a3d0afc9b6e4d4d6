"""Stores are asked how they are, each in a thread of its own, and not waited for for longer than so many seconds.

A store that hangs holds one thread, however often it is asked about: whoever asks meanwhile waits for the same answer.
The database is asked by a connection beside the pool, so that a pool which is used up tells nothing about it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from core.postgresql.beside import connected_to

#: Seconds for which whoever asks waits, for all that is asked together.
PATIENCE = 1.5
#: An answer is good for so long: these pages are open to whoever knocks.
FRESH = 1.0

Answer = TypeVar("Answer")


class NoAnswer(TimeoutError):
    """It was asked, and has not answered yet."""


class Probe(Generic[Answer]):
    """``ask`` asks one store, and raises what is wrong with it."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answer: Future[Answer] | None = None
        self._asked_at = 0.0

    def begin(self) -> "Future[Answer]":
        """Ask, unless somebody does at this moment, or did a moment ago; return what will hold the answer."""
        with self._lock:
            before = self._answer
            if before is not None and (not before.done() or time.monotonic() - self._asked_at < FRESH):
                return before
            asked: Future[Answer] = Future()
            self._answer, self._asked_at = asked, time.monotonic()
            start_thread(lambda: self._run(asked))
            return asked

    def _run(self, answer: "Future[Answer]") -> None:
        try:
            answer.set_result(self._ask())
        except BaseException as error:
            answer.set_exception(error)


def start_thread(run: Callable[[], None]) -> None:
    threading.Thread(target=run, name="probe", daemon=True).start()


class Deadline:
    """How long whoever asked may still be kept waiting."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._seconds = seconds

    def wait_for(self, answer: "Future[Answer]") -> Answer:
        """:raises NoAnswer: it does not come in time; or whatever the asking raised"""
        try:
            return answer.result(max(0.0, self._ends_at - time.monotonic()))
        except TimeoutError:
            if answer.done():
                raise  # its own
            raise NoAnswer(f"no answer within {self._seconds} seconds") from None


@contextmanager
def own_connection(*, seconds: float) -> Iterator[None]:
    """Have this thread ask the database by a connection of its own, no statement of which takes longer."""
    # In one transaction, whose end undoes it: behind a pooler the next transaction of this session is anybody's.
    with connected_to(_bounded(connections.settings[DEFAULT_DB_ALIAS])), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
        yield


def _bounded(database: dict[str, Any]) -> dict[str, Any]:
    options = {name: value for name, value in database["OPTIONS"].items() if name != "pool"}
    # libpq's least is two seconds; a network that is gone ends the thread soon after.
    bounds = {"connect_timeout": 2, "tcp_user_timeout": 3000}
    return {**database, "OPTIONS": {**options, **bounds}}
