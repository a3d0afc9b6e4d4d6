"""The timeline of a driver, vehicle or lease: what every app tells of it, in one list, newest first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core.dossier import Before, Event, Section, Source, Subject, dossier_url, list_sources, register_section
from core.words import say_day, say_time
from leases import selectors as leases

#: Its tab, and that tab as an address names it.
TAB = "Timeline"
TIMELINE = TAB.lower()
#: Events on a page, and below the account, which asks for it by ``few``.
SHOWN, FEW = 30, 8
#: Above every key.
_LAST_KEY = 2**62


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event of a page: its moment, its source and its key. In this order events stand, the last first."""

    at: datetime
    source: str
    key: int

    def of(self, source: Source) -> Before:
        """Return where the next page begins in a source."""
        if source.name == self.source:
            return Before(self.at, self.key)
        return Before(self.at, _LAST_KEY if source.name < self.source else -1)

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.source}~{self.key}"


def read_timeline(of: Subject, request: HttpRequest, record_id: int, today: date) -> dict[str, Any]:
    """Return a page of the timeline, by a statement or a few for each source however much happened."""
    only_money = request.GET.get("show") == "money"
    most = FEW if "few" in request.GET else SHOWN
    cursor = _read_cursor(request.GET.get("before", ""))
    found: list[tuple[Cursor, Event]] = []
    sources = list_sources(request.user, of, only_money=only_money)
    for source in sources:
        for event in source.read(record_id, cursor.of(source), most + 1):
            found.append((Cursor(event.at, source.name, event.key), event))
    found.sort(key=lambda one: (one[0].at, one[0].source, one[0].key), reverse=True)
    shown = found[:most]
    kept = _count_files(request, of, record_id, [event for _, event in shown])
    url = dossier_url(of, record_id)
    base = {"tab": TIMELINE, **({"show": "money"} if only_money else {})}
    return {
        "events": [
            (_say_when(event.at, today), event, _url_of(event, request.user), kept.get(_reference(event)))
            for _, event in shown
        ],
        "only_money": only_money,
        "tells_money": any(source.is_money for source in sources),
        "address": f"{url}?tab={TIMELINE}",
        "older": f"{url}?{urlencode({**base, 'before': str(shown[-1][0])})}" if len(found) > most else "",
        "is_older": bool(request.GET.get("before")),
    }


def _url_of(event: Event, user: Any) -> str:
    """Return where more is told of an event, for whoever may read it there."""
    return event.url if not event.url_permission or user.has_perm(event.url_permission) else ""


def _count_files(request: HttpRequest, of: Subject, record_id: int, events: list[Event]) -> dict[str, int]:
    """Return how many files are kept of what the events of a driver name, by one statement."""
    if of != Subject.DRIVER or not request.user.has_perm("leases.view_keptfile"):
        return {}
    return leases.count_files(record_id, [_reference(event) for event in events])


def _reference(event: Event) -> str:
    """Return what a file would name: ``REPAIR-6`` for Repair 6."""
    return event.paper.upper().replace(" ", "-")


def _read_cursor(asked: str) -> Cursor:
    moment, _, rest = asked.partition("~")
    source, _, key = rest.partition("~")
    try:
        at = parse_datetime(moment)
    except ValueError:
        at = None
    if at is None or timezone.is_naive(at) or not key.isascii() or not key.isdecimal() or len(key) > 18:
        # From the newest on: nothing is stamped after tomorrow.
        return Cursor(timezone.now() + timedelta(days=1), "", _LAST_KEY)
    return Cursor(at, source, int(key))


def _say_when(moment: datetime, today: date) -> tuple[str, str]:
    day = timezone.localdate(moment)
    return ("Today" if day == today else say_day(day, told_on=today)), say_time(moment)


for subject in Subject:
    register_section(
        Section(
            of=subject,
            place=20,
            tab=TAB,
            title=TAB,
            permission=f"leases.view_{subject}",
            read=partial(read_timeline, subject),
            template="config/dossier_timeline.html",
        )
    )
