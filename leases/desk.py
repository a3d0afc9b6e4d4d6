"""What of the leases waits for people, as Home tells it."""

from datetime import date, timedelta

from django.db.models import Count, Min, Sum
from django.urls import reverse

from core.desk import Stack, register_stack
from core.words import say_day
from leases.models import Lease
from leases.rules import DEPOSIT_HELD_DAYS
from leases.selectors import list_deposits_to_settle

#: So far ahead, the end of a lease is told.
ENDING_DAYS = 14


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
