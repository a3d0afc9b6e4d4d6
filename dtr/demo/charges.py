"""What a week of the demo charges: tolls, tickets, repairs, loans, odd things. Rent and taxes come by themselves."""

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from config.kit.weeks import Week
from leases.models import Lease
from ledger import services as ledger

TOLLS = (Decimal("6.94"), Decimal("9.11"), Decimal("14.06"), Decimal("17.63"))
#: Plans in weekly installments: category, plan number, which lease's driver, first week, amounts.
PLANS = (
    ("REPAIR", 1, 3, 0, ("200.00", "200.00", "200.00", "140.50")),
    ("REPAIR", 2, 11, 1, ("250.00", "250.00", "250.00", "250.00", "250.00", "118.75")),
    ("REPAIR", 3, 24, 3, ("100.00", "100.00", "85.20")),
    ("LOAN", 1, 7, 0, ("200.00", "200.00", "200.00", "200.00", "200.00")),
    ("LOAN", 2, 18, 2, ("100.00", "100.00", "100.00", "100.00")),
)


def charge_week(
    chance: random.Random, week: Week, number: int, leases: list[Lease], *, actor: User
) -> ledger.PostingCounts:
    """Post the week's charges of all leases in one batch; ``number`` counts the demo's weeks from 0."""
    rows = [
        *_tolls(chance, week, number, leases),
        *_tickets(chance, week, number, leases),
        *_installments(week, number, leases),
    ]
    return ledger.create_obligations(rows, actor=actor)


def _tolls(chance: random.Random, week: Week, number: int, leases: Iterable[Lease]) -> Iterator[ledger.NewObligation]:
    transaction_id = 90_000_000_000 + 100_000 * number
    for lease in leases:
        for _ in range(chance.choice((0, 1, 2, 3, 4, 6))):
            transaction_id += 1
            yield _charge("EZPASS", chance.choice(TOLLS), f"EZPASS-{transaction_id}", lease, week)


def _tickets(chance: random.Random, week: Week, number: int, leases: Iterable[Lease]) -> Iterator[ledger.NewObligation]:
    for lease in leases:
        if chance.random() < 0.09:
            summons = 4_700_000_000 + 100_000 * number + lease.pk
            yield _charge("PVB", Decimal(chance.choice((50, 65, 115))), f"PVB-{summons}", lease, week)
        if chance.random() < 0.02:
            yield _charge("TLC", Decimal(100), f"TLC-FN{1_000_000 + 1000 * number + lease.pk}", lease, week)
        if chance.random() < 0.02:
            yield _charge("MISC", Decimal("25.00"), f"MISC-{1000 * (number + 1) + lease.pk}", lease, week)


def _installments(week: Week, number: int, leases: list[Lease]) -> Iterator[ledger.NewObligation]:
    for category, plan, position, first_week, amounts in PLANS:
        due = number - first_week
        if 0 <= due < len(amounts):
            yield _charge(category, Decimal(amounts[due]), f"{category}-{plan}-{due + 1}", leases[position], week)


def _charge(category: str, amount: Decimal, reference_id: str, lease: Lease, week: Week) -> ledger.NewObligation:
    return ledger.NewObligation(
        category=category,
        amount=amount,
        reference_id=reference_id,
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
        vehicle_id=lease.vehicle_id,
        due_on=week.end,
        effective_on=week.end - timedelta(days=1),
    )
