"""Writes what happens at the doors into the log, and keeps whoever knocks without an end from filling it.

What is refused again and again is one entry an hour, and of one address or user there are at most so many of a kind an
hour. Each process knows by itself what it has written, so a flood costs no statement; the database merges what several
of them write.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core import services
from core.api.request_ids import current_request_id
from core.doors.addresses import address_of
from core.models import AccessEntry

logger = logging.getLogger(__name__)

Kind = AccessEntry.Kind
#: Entries of one kind an hour, of one user or (where nobody is known) one address, that one process writes.
MOST_AN_HOUR = 100
#: What is remembered of an hour; past it nothing more is written of whom nobody knows until the next one begins.
MOST_REMEMBERED = 20_000
_MORE = "More of these followed within the hour; they are not listed."


class Damper:
    """Which entries of this hour were written already, and how many of whom."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hour: datetime | None = None
        self._written: set[tuple[str, ...]] = set()
        self._counts: dict[tuple[str, str], int] = {}

    def admit(self, hour: datetime, who: tuple[str, str], what: tuple[str, ...] | None, *, is_known: bool) -> int:
        """Return 0 where nothing is to be written; else which one it is of those of this hour, counted from 1."""
        with self._lock:
            if hour != self._hour:
                self._hour, self._written, self._counts = hour, set(), {}
            if what and what in self._written:
                return 0
            if len(self._written) + len(self._counts) >= MOST_REMEMBERED:
                return int(is_known)
            count = self._counts.get(who, 0) + 1
            if count > MOST_AN_HOUR:
                return 0
            self._counts[who] = count
            if what:
                self._written.add(what)
            return count


damper = Damper()


def write_entry(
    request: HttpRequest,
    kind: Kind,
    *,
    user: User | None = None,
    username: str = "",
    told: str = "",
    merge: bool = False,
) -> None:
    """Write an entry about this request. A log that can't be written is a line of the log, and stops nobody."""
    address = address_of(request)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    name = user.get_username() if user else username
    who, what = (kind, name if user else address), (kind, name, address, told) if merge else None
    count = damper.admit(hour, who, what, is_known=user is not None)
    if not count:
        return
    if count == MOST_AN_HOUR:
        told, merge = _MORE, True
    try:
        services.record_access(
            kind=kind,
            user=user,
            username=username,
            address=address,
            told=told,
            request_id=current_request_id(),
            once_in=hour if merge else None,
        )
    except DatabaseError:
        logger.exception("Not written in the log of sign-ins and refusals: %s %s %s", kind, name, told)


def _find_user(request: HttpRequest) -> User | None:
    """Return who asked; of whom DRF has not even let in, whose session it is."""
    known: Any = getattr(request, "user", None)
    if not (known and known.is_authenticated) and hasattr(request, "session"):
        known = get_user(request)
    return known if known and known.is_authenticated else None


def log_refusals(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware that enters each 403, of a page, an act or the API, with whom it was answered to."""

    def enter(request: HttpRequest) -> None:
        write_entry(
            request, Kind.REFUSED, user=_find_user(request), told=f"{request.method} {request.path}", merge=True
        )

    def answer(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = get_response(request)
        if response.status_code == HTTPStatus.FORBIDDEN:
            enter(request)
        return response

    return answer
