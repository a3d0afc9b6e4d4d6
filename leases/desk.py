"""What of the leases waits for people, as Home tells it."""

from datetime import date, timedelta

from django.db.models import Count, Min, Sum
from django.urls import reverse

from core.desk import Stack, register_stack
from core.words import say_day
from leases.models import Lease
from leases.rules import DEPOSIT_HELD_DAYS
from leases.selectors import PAPER_ENDING_DAYS, list_deposits_to_settle, list_ending_papers

#: So far ahead, the end of a lease is told.
ENDING_DAYS = 14


def _say_first_end(first: date, today: date) -> str:
    ended = "The first ended on" if first < today else "The first on"
    return f"{ended} {say_day(first, told_on=today)}."


def _list_ending(today: date) -> str:
    last = today + timedelta(days=ENDING_DAYS)
    return f"{reverse('admin:leases_lease_changelist')}?end_on__gte={today}&end_on__lte={last}"


register_stack(
    Stack(
        name="leases.deposits",
        title="Deposits to settle",
        permission="leases.settle_deposit",
        rows=lambda today: list_deposits_to_settle(today=today),
        amount=Sum("remaining"),
        count=Count("lease_id", distinct=True),
        address=lambda today: f"{reverse('reports:report', args=['deposits'])}?show=DUE",
        say=lambda waiting, today: f"Their leases ended {DEPOSIT_HELD_DAYS} days ago or before.",
    )
)
register_stack(
    Stack(
        name="leases.ending",
        title=f"Leases that end within {ENDING_DAYS} days",
        permission="leases.change_lease",
        rows=lambda today: Lease.objects.exclude(status=Lease.Status.ENDED).filter(
            end_on__range=(today, today + timedelta(days=ENDING_DAYS))
        ),
        since=Min("end_on"),
        address=_list_ending,
        say=lambda waiting, today: f"The first on {say_day(waiting.since or today, told_on=today)}.",
    )
)
register_stack(
    Stack(
        name="leases.papers",
        title=f"Papers that end within {PAPER_ENDING_DAYS} days",
        permission="leases.change_driver",
        rows=list_ending_papers,
        since=Min("good_to"),
        address=lambda today: f"{reverse('admin:leases_paper_changelist')}?ends=soon",
        say=lambda waiting, today: _say_first_end(waiting.since or today, today),
    )
)
