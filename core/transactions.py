"""How a service's transaction begins: all or nothing, and no lock is waited for without an end."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, connection, transaction

from core.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")

#: How long a transaction waits for somebody else's lock before it answers "busy, try again".
LOCK_TIMEOUT = "5s"
BUSY = "Somebody else is working on this just now. Nothing was written; try again."

#: SQLSTATEs after which sending the same request again helps.
RETRYABLE_STATES = frozenset(
    {
        "40001",  # serialization failure
        "40P01",  # deadlock
        "55P03",  # lock not available in time
    }
)

#: How many blocks were open where :func:`all_or_nothing` began.
_whole_at: ContextVar[int | None] = ContextVar("all_or_nothing_at", default=None)


class LostRaceError(Exception):
    """Somebody else was quicker: done anew, it would find that. Raised within :func:`all_or_nothing`."""


def bounded_transaction(service: Callable[P, R]) -> Callable[P, R]:
    """Run a service that moves no money as one transaction: all or nothing, and bounded waits.

    What moves money is a ``ledger.services.money_transaction``, which is this and names the ledger's refusals besides.

    :raises Busy: a lock was not had in time
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with busy_by_name(), atomic_service():
            set_lock_timeout()
            return service(*args, **kwargs)

    return run


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Have the services that are called here, within a transaction, be undone with it alone.

    A savepoint of its own takes a service two statements more, and serves nobody where each error of it ends all. So
    none may be caught, and what lost a race (:class:`LostRaceError`) is run again from the transaction's start.
    """
    token = _whole_at.set(len(connection.savepoint_ids))
    try:
        yield
    finally:
        _whole_at.reset(token)


def is_undone_whole() -> bool:
    """Whether a service that begins here is undone with all that is around it, and not by itself."""
    return connection.in_atomic_block and _whole_at.get() == len(connection.savepoint_ids)


def atomic_service() -> AbstractContextManager[None]:
    """Return the block of a service: a transaction, or a savepoint of the running one, or that one itself."""
    return transaction.atomic(savepoint=not is_undone_whole())


def set_lock_timeout() -> None:
    """Bound every lock wait of the running transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])


def look_up_by_index() -> None:
    """Have every statement of the running transaction look its rows up by an index, where there is one.

    For work that asks for a hundred rows of tables of any size: while a table is young, or its statistics are,
    PostgreSQL takes a hundred drivers for half of it, and reads it whole for each hundred.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_seqscan', 'off', true)")


@contextmanager
def busy_by_name() -> Iterator[None]:
    """Turn a lock that was not had in time into :class:`Busy`; every other error passes, an outage too."""
    try:
        yield
    except DatabaseError as refusal:
        if not is_retryable(refusal):
            raise
        raise Busy(BUSY) from refusal


def is_retryable(refusal: DatabaseError) -> bool:
    """Whether somebody else was in the way, so that sending the same request again helps.

    An outage is none of these: see :mod:`core.outages`.
    """
    return getattr(refusal.__cause__, "sqlstate", None) in RETRYABLE_STATES
