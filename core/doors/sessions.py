"""Sessions: in the database, over after so long without use, and after so long however they were used.

The end is a column that the query for the session compares, so an idle session is found by nobody. It is moved on by
one small UPDATE a minute at most, and never past the longest a session lasts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import urlencode

from core.models import Session

#: In the session's data: when somebody signed in, in seconds since 1970.
BEGAN = "began"
#: How exactly the time without use is measured; as seldom is it written.
GRAIN = timedelta(minutes=1)
#: Sent by what asks by itself, over and over: that is no use.
POLL = "X-Poll"
_ENDED = "Your session had ended, so you have to sign in again."
_NOT_SAVED = "Your session had ended, so nothing was saved. Sign in, and enter it again."


class SessionStore(DatabaseStore):
    """Django's sessions in the database, with whose they are and an end that moves."""

    #: When the session that was read ends, as things stand.
    ends_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()  # type: ignore[misc]  # unknown to the stubs
        self.ends_at = row.expire_date if row is not None else None
        return row

    def create_model_instance(self, data: Mapping[str, Any]) -> Session:
        row: Any = super().create_model_instance(data)  # type: ignore[arg-type]
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.expire_date = find_end(data, now=timezone.now())
        return row  # type: ignore[no-any-return]


def find_end(data: Mapping[str, Any], *, now: datetime) -> datetime:
    """Return when a session ends that is used now."""
    idle = now + timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    if BEGAN not in data:
        return idle
    return min(idle, datetime.fromtimestamp(data[BEGAN], UTC) + timedelta(hours=settings.SESSION_HOURS))


def end_sessions_of(user_id: int, *, but: str | None = None) -> int:
    """End all sessions of somebody, but for the one of that key; return how many."""
    ended, _ = Session.objects.filter(user_id=user_id).exclude(session_key=but).delete()
    return ended


def count_signed_in(*, now: datetime) -> int:
    """Return how many sessions of people have not ended."""
    return _list_signed_in(now).count()


def list_signed_in(*, now: datetime, limit: int) -> list["SignedIn"]:
    """Return who is signed in, who was used last first; one statement."""
    rows = _list_signed_in(now).select_related("user").order_by("-expire_date")[:limit]
    return [_describe(row, now) for row in rows]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session of somebody: since when, and when it was used last (to the minute, and at least)."""

    user: User
    began_at: datetime | None
    used_at: datetime


def _list_signed_in(now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(user__isnull=False, expire_date__gt=now)


def _describe(row: Any, now: datetime) -> SignedIn:
    began = SessionStore().decode(row.session_data).get(BEGAN)
    used_at = min(now, row.expire_date - timedelta(minutes=settings.SESSION_IDLE_MINUTES))
    began_at = None if began is None else datetime.fromtimestamp(began, UTC)
    return SignedIn(row.user, began_at, max(used_at, began_at) if began_at else used_at)


class SessionEnd(MiddlewareMixin):
    """Moves the end of a session that is used, and tells whose session has ended when they are led to the sign-in."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        store: Any = request.session
        if store.session_key and isinstance(store, SessionStore) and store.accessed:
            _move_end(request, store)
        elif _leads_to_sign_in(response) and request.COOKIES.get(settings.SESSION_COOKIE_NAME):
            messages.warning(request, _ENDED if request.method in ("GET", "HEAD") else _NOT_SAVED)
        if request.headers.get("HX-Request") and _leads_to_sign_in(response):
            return _open_as_page(request)
        return response


def _move_end(request: HttpRequest, store: SessionStore) -> None:
    if POLL in request.headers or store.ends_at is None or store.modified:
        return  # what is modified is saved anyway, with a new end
    end = find_end(store, now=timezone.now())
    if end - store.ends_at >= GRAIN:
        Session.objects.filter(session_key=store.session_key).update(expire_date=end)


def _leads_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and urlsplit(response["Location"]).path == resolve_url(settings.LOGIN_URL)


def _open_as_page(request: HttpRequest) -> HttpResponse:
    """Have a part of a page that was asked for by HTMX lead the whole page to the sign-in, and back to it."""
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = f"{shown.path}?{shown.query}" if shown.query else shown.path
    login = resolve_url(settings.LOGIN_URL)
    return HttpResponse(status=204, headers={"HX-Redirect": f"{login}?{urlencode({'next': back or '/'})}"})
