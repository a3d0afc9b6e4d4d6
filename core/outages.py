"""The database is away, full, or has no room for one more: what says so, and what it means for who asked.

A refusal is about the request; an outage is about the server, and the same request may succeed later. So an outage
passes through every service as the driver raised it, and the doors (API, pages, tasks) ask here what to say. Whether
anything was saved is known by the COMMITs that the request has sent: before the first of them nothing was; after it,
with the connection lost, nobody here can tell.
"""

from contextvars import ContextVar
from dataclasses import dataclass

import psycopg
from django.db import Error
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from core.errors import DatabaseFull, DatabaseUnavailable, DomainError, OutcomeUnknown

_FULL = frozenset({"53100"})  # disk full
_AWAY = frozenset(
    {
        "57P01",  # shut down by an administrator
        "57P02",  # a crash of its own
        "57P03",  # starting up, or shutting down
        "53200",  # out of memory
        "53300",  # too many connections
    }
)
_CONNECTION = "08"  # the class of what happens to connections


@dataclass
class _Request:
    has_committed: bool = False


# Never reset, as the request's name is not: the next request begins its own.
_current: ContextVar[_Request | None] = ContextVar("commits_of_request", default=None)


def forget_commits() -> None:
    """Begin a request: no COMMIT was sent by it yet."""
    _current.set(_Request())


def note_commit() -> None:
    """Remember that the running request has sent a COMMIT; it may not learn what became of it."""
    if request := _current.get():
        request.has_committed = True


def is_outage(error: BaseException | None) -> bool:
    """Whether the database was away, full or had no room, whatever was asked of it."""
    return _is_full(error) or _is_away(error)


def name_outage(error: BaseException | None, *, writes: bool) -> DomainError | None:
    """Return what a request is told that met an outage; None for any other error.

    ``writes``: it asked for something to be done, so it matters whether that is saved.
    """
    if not is_outage(error):
        return None
    request = _current.get()
    if writes and request and request.has_committed:
        return OutcomeUnknown(
            "The database was lost while this was being saved: it may have been saved, or not. Sent again with the "
            "same Idempotency-Key, it is done once; without one, look whether it is there first."
        )
    saved = "Nothing was saved; try again" if writes else "Try again"
    if _is_full(error):
        return DatabaseFull(f"The database's disk is full. {saved} when there is room.")
    return DatabaseUnavailable(f"The database does not answer just now. {saved} in a moment.")


def describe_outage(error: BaseException) -> str:
    """Return the reason in one line, for the log alone: it may name hosts."""
    cause = _cause_of(error)
    return f"{type(cause).__name__}: {' '.join(str(cause).split())}"


def _cause_of(error: BaseException | None) -> BaseException | None:
    """Django wraps the driver's errors, the pool's time-out among them."""
    return error.__cause__ or error if isinstance(error, Error) else error


def _state_of(error: BaseException | None) -> str:
    return getattr(_cause_of(error), "sqlstate", None) or ""


def _is_full(error: BaseException | None) -> bool:
    return _state_of(error) in _FULL


def _is_away(error: BaseException | None) -> bool:
    cause, state = _cause_of(error), _state_of(error)
    if isinstance(cause, PoolTimeout | PoolClosed | TooManyRequests):
        return True
    if state:
        return state in _AWAY or state.startswith(_CONNECTION)
    # What has no state was not said by the server: there was none to say it, or it stopped in the middle. The driver,
    # and Django, say it of a connection that was lost before as well.
    if isinstance(cause, psycopg.OperationalError):
        return True
    return isinstance(error, Error) and "connection" in str(error) and "closed" in str(error)
