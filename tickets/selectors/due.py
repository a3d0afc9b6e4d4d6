"""By when summonses must be answered, and which of them nobody has decided yet."""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import QuerySet

from core.clock import NEW_YORK, at
from tickets import rules
from tickets.models import Ticket

#: How many days ahead are looked at.
DAYS_AHEAD = 7
#: What has to be answered: tolls have not.
_ANSWERED = (Ticket.Kind.PVB, Ticket.Kind.TLC)
#: Nobody has disputed, dismissed or taken it over.
_UNDECIDED = (Ticket.State.WAITING, Ticket.State.CHARGED)


def find_answer_day(ticket: Ticket) -> date | None:
    """Return the last day on which a violation or summons can be answered; None for tolls and refunds."""
    if ticket.kind not in _ANSWERED or ticket.is_refund:
        return None
    return rules.answer_day(ticket.at.astimezone(NEW_YORK).date(), within=settings.ANSWER_WITHIN_DAYS)


def list_due(*, today: date) -> QuerySet[Ticket]:
    """Return what has to be answered from today to a week ahead, and is not decided yet, the most urgent first."""
    first = today - timedelta(days=settings.ANSWER_WITHIN_DAYS)
    due = Ticket.objects.filter(
        kind__in=_ANSWERED,
        state__in=_UNDECIDED,
        amount__gt=0,
        at__gte=at(first),
        at__lt=at(first + timedelta(days=DAYS_AHEAD + 1)),
    )
    return due.select_related("driver", "vehicle").order_by("at", "id")


def count_due(*, today: date) -> int:
    """Return how many have to be answered from today to a week ahead."""
    return list_due(today=today).count()
