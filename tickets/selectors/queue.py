"""The review queue: what waits, why, and which of it is asked for."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from core.clock import at
from tickets.models import MAY_BE_LAID_ASIDE, Ticket, Wait


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of the queue is asked for; blank and None ask for all. Days are New York's, both included."""

    waits_for: str = ""
    kind: str = ""
    #: A medallion, a plate or a tag.
    cab: str = ""
    from_on: date | None = None
    to_on: date | None = None


def list_waiting(asked: QueueFilter | None = None) -> QuerySet[Ticket]:
    """Return the review queue, oldest first, or what of it is asked for."""
    return _filter(asked or QueueFilter()).select_related("vehicle").order_by("id")


def count_waiting_by_reason(asked: QueueFilter | None = None) -> dict[str, int]:
    """Return how many of what is asked for wait, by reason and whatever reason is asked for; each reason is there."""
    waiting = _filter(replace(asked or QueueFilter(), waits_for=""))
    counted = dict(waiting.order_by().values_list("waits_for").annotate(count=Count("pk")))
    return {reason: counted.get(reason, 0) for reason in Wait.values if reason}


@dataclass(frozen=True, slots=True)
class ReasonToWait:
    """How many wait for one reason, and the New York day of the oldest of them."""

    count: int
    since: date


def list_reasons_to_wait() -> list[tuple[Wait, ReasonToWait]]:
    """Return each reason for which something waits, by one statement, in the order of the queue's tabs."""
    waiting = Ticket.objects.waiting().order_by().values_list("waits_for")
    rows = waiting.annotate(count=Count("pk"), since=TruncDate(Min("at")))
    told = {reason: ReasonToWait(count, since) for reason, count, since in rows}
    return [(wait, told[wait.value]) for wait in Wait if wait.value in told]


#: Of any ticket, or of some that wait.
MAY_DISMISS = ("tickets.correct_ticket", "tickets.lay_aside_ticket")


def find_waits_to_dismiss(user: Any) -> Collection[str] | None:
    """Return what a ticket must wait for that this user dismisses it; None where it may be any ticket."""
    if user.has_perm(MAY_DISMISS[0]):
        return None
    return MAY_BE_LAID_ASIDE if user.has_perm(MAY_DISMISS[1]) else ()


def _filter(asked: QueueFilter) -> QuerySet[Ticket]:
    waiting = Ticket.objects.waiting()
    if asked.waits_for:
        waiting = waiting.filter(waits_for=asked.waits_for)
    if asked.kind:
        waiting = waiting.filter(kind=asked.kind)
    if asked.cab:
        cab = asked.cab.upper()
        waiting = waiting.filter(Q(vehicle__medallion=cab) | Q(medallion=cab) | Q(plate=cab) | Q(tag=asked.cab))
    if asked.from_on:
        waiting = waiting.filter(at_latest__gte=at(asked.from_on))
    if asked.to_on:
        waiting = waiting.filter(at__lt=at(asked.to_on + timedelta(days=1)))
    return waiting
