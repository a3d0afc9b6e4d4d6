"""What a lease charges, and when. Pure: no Django, no clock."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.kit.weeks import DAYS, Week, weeks_between
from ledger.money import round_cents


@dataclass(frozen=True, slots=True)
class WeeklyRent:
    """One week's part of a lease: ``days`` of it fall in the lease, and ``amount`` dollars are due for them."""

    number: int
    week: Week
    days: int
    amount: Decimal

    @property
    def due_on(self) -> date:
        """The week's Saturday, also where the lease begins or ends within the week: one day of the week to pay on."""
        return self.week.end


def pro_rate(weekly_amount: Decimal, days: int) -> Decimal:
    """Return the rent in dollars for ``days`` of a week: multiplied first, rounded once (500.00 for 4 is 285.71)."""
    return round_cents(weekly_amount * days / DAYS)


def schedule_rent(*, start_on: date, end_on: date, weekly_amount: Decimal) -> list[WeeklyRent]:
    """Return the rent of each week from ``start_on`` to ``end_on``, both included, in order and numbered from 1.

    The first and the last week count the days that are leased. A part of a week whose rent rounds to nothing (below
    3.5 cents a week) is left out, since nothing can be charged for it.
    """
    parts = [(week, week.days_between(start_on, end_on)) for week in weeks_between(start_on, end_on)]
    charged = [(week, days, amount) for week, days in parts if (amount := pro_rate(weekly_amount, days)) > 0]
    return [
        WeeklyRent(number=number, week=week, days=days, amount=amount)
        for number, (week, days, amount) in enumerate(charged, start=1)
    ]


def name_rent(lease_id: int, week: Week) -> str:
    """Return the reference under which the ledger knows a lease's rent for a week: ``LEASE-12-2026W10``."""
    return f"LEASE-{lease_id}-{week.label}"
