"""Too many failed sign-ins: what axes counts, until when a sign-in is locked, and what is answered then.

Three counts, each of the last minutes: of a name from one address (five), of everybody from one address, and of a name
from anywhere. The first is somebody's own slip or a guess; the others are far higher, since tills share an address and
a stranger must not lock people out who only knows their names.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Max, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Failures:
    """How often it failed within the time that counts, and when last, by the three counts."""

    pair: int
    address: int
    user: int
    pair_last: datetime | None
    address_last: datetime | None
    user_last: datetime | None

    def find_locked_until(self) -> datetime | None:
        """Return when all locks are over, or None where there is none."""
        counts = (
            (self.pair, settings.SIGN_IN_FAILURES, self.pair_last),
            (self.address, settings.SIGN_IN_FAILURES_OF_ADDRESS, self.address_last),
            (self.user, settings.SIGN_IN_FAILURES_OF_USER, self.user_last),
        )
        ends = [last + settings.AXES_COOLOFF_TIME for count, limit, last in counts if last and count >= limit]
        return max(ends, default=None)


class Locks(AxesDatabaseHandler):
    """Axes' own handler, with three counts in the place of one."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        found = count_failures(name_of(request, credentials), request.axes_ip_address, now=request.axes_attempt_time)
        return max(found.pair, settings.SIGN_IN_FAILURES if found.find_locked_until() else 0)


def count_failures(username: str | None, address: str | None, *, now: datetime) -> Failures:
    """Count what failed since the time that is forgotten by now, in one statement."""
    user, host = Q(username=username), Q(ip_address=address)
    counts: dict[str, Any] = {}
    for name, which in (("pair", user & host), ("address", host), ("user", user)):
        counts[name] = Sum("failures_since_start", filter=which, default=0)
        counts[f"{name}_last"] = Max("attempt_time", filter=which)
    since = now - settings.AXES_COOLOFF_TIME
    return Failures(**AccessAttempt.objects.filter(user | host, attempt_time__gt=since).aggregate(**counts))


def name_of(request: Any, credentials: dict[str, Any] | None = None) -> str | None:
    """Return by which name axes counts: the user's, or of a name that nobody has its beginning and a digest.

    People type a password in the place of their name now and then, and that must not be kept, nor shown to anybody.
    """
    name: str | None = (credentials or {}).get("username")
    if name is None:
        name = request.POST.get("username")
    if name is None or User.objects.filter(username=name).exists():
        return name
    digest = hashlib.sha256(f"{settings.SECRET_KEY}{name}".encode()).hexdigest()
    return f"{name[:2]}… (no such user, {digest[:8]})"


def answer_locked(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """Say that a sign-in is locked, and until when; nothing in it depends on whether there is such a user."""
    asked: Any = request
    now = timezone.now()
    failures = count_failures(name_of(request, asked.axes_credentials), asked.axes_ip_address, now=now)
    until = failures.find_locked_until() or now + timedelta(minutes=1)
    request.current_app = admin.site.name
    context = {**admin.site.each_context(request), "title": "Sign-in locked", "until": until}
    page = render(request, "core/locked.html", context, status=429)
    page["Retry-After"] = str(math.ceil((until - now).total_seconds()))
    return page
