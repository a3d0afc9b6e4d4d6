"""What came in on Home: to which hour or day the data of each kind of file reach, and when such a file came last."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from config.home_words import count_of
from core.admin import list_url
from core.words import say_day, say_time
from curb import selectors as curb
from curb.models import Trip
from curb.rules import PaymentType
from tickets import selectors as tickets
from tickets.models import Ticket, TicketImport
from tickets.rules import TICKET_KINDS, FileKind

#: What each kind of file is called, and what it brings.
_FILES = {
    FileKind.EZPASS: ("E-ZPass", "Tolls"),
    FileKind.PVB: ("Violations, city", "Violations"),
    FileKind.PVB_FLEET: ("Violations, fleet program", "Violations"),
    FileKind.TLC: ("TLC summonses", "Summonses"),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A kind of file: how far its data reach, in words and with the list of that day; when one came in last."""

    kind: str
    reach: str
    reach_url: str
    since: str
    since_url: str


def list_arrivals(user: Any, now: datetime) -> list[Arrival]:
    """Return what came in of each kind of file whose list the user may open."""
    today = timezone.localdate(now)
    found = []
    if user.has_perm("curb.view_tripfile"):
        found.append(_tell_trips(user, now, today))
    if user.has_perm("tickets.view_ticketimport"):
        found += [_tell_files(user, files, today) for files in tickets.list_arrivals()]
    return found


def _tell_trips(user: Any, now: datetime, today: date) -> Arrival:
    arrived = curb.find_arrivals(until=now)
    reach, url = "No card trip of late", ""
    if arrived.reaches_to is not None:
        day = timezone.localdate(arrived.reaches_to)
        reach = f"Card trips reach {say_day(day, told_on=today)}, {say_time(arrived.reaches_to)}"
        if user.has_perm("curb.view_trip"):
            url = list_url(Trip, payment_type__exact=PaymentType.CARD.value, start_at_from_0=day, start_at_to_0=day)
    files = reverse("admin:curb_tripfile_changelist")
    return Arrival("CURB", reach, url, _say_since(arrived.imported_at, today), files)


def _tell_files(user: Any, files: tickets.Arrivals, today: date) -> Arrival:
    name, brings = _FILES[files.kind]
    reach, url = "", ""
    if files.reaches_to is not None:
        day = timezone.localdate(files.reaches_to)
        reach = f"{brings} reach {say_day(day, told_on=today)}"
        if user.has_perm("tickets.view_ticket"):
            url = list_url(Ticket, kind__exact=TICKET_KINDS[files.kind], at_from_0=day, at_to_0=day)
    since = _say_since(files.confirmed_at, today)
    return Arrival(name, reach, url, since, list_url(TicketImport, kind__exact=files.kind.value))


def _say_since(moment: datetime | None, today: date) -> str:
    if moment is None:
        return "never imported"
    day = timezone.localdate(moment)
    ago = (today - day).days
    told = f"last file {say_day(day, told_on=today)}, {say_time(moment)}"
    return f"{told}, {count_of(ago, 'day')} ago" if ago else told
