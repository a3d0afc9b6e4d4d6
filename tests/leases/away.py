"""Leases whose cab is away, in tests: 350.00 a week from Wednesday, 2026-03-04, to Tuesday, 2026-03-24."""

from datetime import date
from decimal import Decimal
from typing import Any

from leases import services
from leases.models import Lease, LeaseDaysAway
from tests.leases.office import books_of, start_lease

#: Sunday of the second week of the usual lease, its Saturday, and the day on which somebody tells of the cab: the first
#: on which a charge of that Saturday can be corrected.
SUNDAY, SATURDAY = date(2026, 3, 8), date(2026, 3, 14)
TODAY = SATURDAY


def day(number: int) -> date:
    return date(2026, 3, number)


def away(lease: Lease, first: int, last: int, **changed: Any) -> LeaseDaysAway:
    """The cab of the lease is away in these days of March."""
    facts = {"reason": "Cab in the workshop", "effective_on": TODAY, "actor": None, **changed}
    return services.record_days_away(lease_id=lease.pk, start_on=day(first), end_on=day(last), **facts)


def take_back(lease: Lease, first: int, last: int, **changed: Any) -> list[LeaseDaysAway]:
    facts = {"reason": "Wrong lease", "effective_on": TODAY, "actor": None, **changed}
    return services.take_back_days_away(lease_id=lease.pk, start_on=day(first), end_on=day(last), **facts)


def start(weekly_amount: str = "350.00", **facts: Any) -> Lease:
    return start_lease(weekly_amount=Decimal(weekly_amount), cancellation_fee=Decimal(0), **facts)


def live_books_of(lease: Lease) -> list[tuple[str, str, str]]:
    """What stands of the lease: reference without its number, amount, remaining."""
    return [
        (reference.replace(f"-{lease.pk}-2026", " "), amount, remaining)
        for reference, amount, remaining, status in books_of(lease)
        if status != "VOIDED"
    ]


def end(lease: Lease, last: int) -> Lease:
    return services.terminate_lease(
        lease_id=lease.pk, last_on=day(last), reason="Gone", effective_on=max(day(last), TODAY), actor=None
    )
