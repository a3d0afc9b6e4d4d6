"""Reports and files are read from a copy of the database that follows it, where there is one and it keeps up.

The copy is a hot standby of PostgreSQL's own, which refuses every write by itself. It is asked only where it has all
that the primary had a moment ago, or what it has is not older than ``REPLICA_LAG_SECONDS``; never within a transaction,
whose own rows it could not know. In every other case the primary answers, and nobody waits.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection
from django.db.utils import DatabaseError, InterfaceError, OperationalError
from django.http.response import HttpResponseBase
from django.utils import timezone

from core.postgresql.beside import connected_to

logger = logging.getLogger(__name__)

#: A copy that did not answer is left alone for so long: whoever opens a report waits for it once, and not each time.
LEFT_ALONE_SECONDS = 30

_PRIMARY = "SELECT pg_current_wal_lsn()::text, system_identifier FROM pg_control_system()"
#: The time is that of the last commit it has; a primary at rest commits nothing, so it counts only where some lacks.
_REPLICA = """
    SELECT pg_is_in_recovery() AND system_identifier = %s, pg_last_wal_replay_lsn() >= %s::pg_lsn, clock_timestamp(),
        pg_last_xact_replay_timestamp()
    FROM pg_control_system()
"""

Answer = TypeVar("Answer")
Response = TypeVar("Response", bound=HttpResponseBase)

#: Of which moment an answer is, where a copy gave it: 2026-11-23T10:14:05.123456-05:00.
AS_OF_HEADER = "X-As-Of"


@dataclass(frozen=True)
class Reading(Generic[Answer]):
    """What was read; ``as_of`` is of which moment, where a copy answered, and None where the database itself did."""

    answer: Answer
    as_of: datetime | None = None


class NotAsked(Exception):
    """The copy is not what to read from now; the message says why."""


class _Standing:
    """How the copy stood when this process looked last: a change is told, and nothing else."""

    left_alone_until = 0.0
    told = ""

    def note(self, reason: str, *, is_away: bool = False) -> None:
        if is_away:
            self.left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
        if reason != self.told:
            self.told = reason
            if reason:
                logger.warning("The replica is not read from, and the primary answers: %s", reason)
            else:
                logger.info("The replica is read from.")


standing = _Standing()


def read_where_fresh(read: Callable[[], Answer]) -> Reading[Answer]:
    """Return what ``read`` returns, read from the copy where it keeps up.

    ``read`` writes nothing, leaves nothing to be read later, and may be called twice.
    """
    database = settings.REPLICA_DATABASE
    if database is None or connection.in_atomic_block or time.monotonic() < standing.left_alone_until:
        return Reading(read())
    try:
        with connection.cursor() as cursor:
            cursor.execute(_PRIMARY)
            position, system = cursor.fetchone()
        with connected_to(database):
            as_of = _find_moment(position, system)
            standing.note("")
            return Reading(read(), as_of)
    except NotAsked as reason:
        standing.note(str(reason))
    except (OperationalError, InterfaceError) as error:
        # It is away, or took a row from under the statement, which the primary has removed.
        standing.note(" ".join(str(error).split()), is_away=True)
    return Reading(read())


def _find_moment(position: str, system: int) -> datetime:
    """Return of which moment the copy is, which the thread asks already.

    :raises NotAsked: it is of a moment too long ago, or no copy of our database
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(_REPLICA, [system, position])
            is_ours, has_all, now, last_commit = cursor.fetchone()
    except DatabaseError as error:
        if isinstance(error, OperationalError):
            raise
        raise NotAsked(" ".join(str(error).split())) from error
    if not is_ours:
        raise NotAsked("REPLICA_DATABASE_URL names no streaming replica of this database.")
    if has_all:
        return now  # type: ignore[no-any-return]
    if last_commit is None or now - last_commit > timedelta(seconds=settings.REPLICA_LAG_SECONDS):
        # Without a figure: the same standing is told once.
        raise NotAsked(f"it is more than {settings.REPLICA_LAG_SECONDS} seconds behind.")
    return last_commit  # type: ignore[no-any-return]


def mark_as_of(response: Response, as_of: datetime | None) -> Response:
    """Say in a header of which moment an answer is, where a copy gave it."""
    if as_of is not None:
        response[AS_OF_HEADER] = timezone.localtime(as_of).isoformat()
    return response
