"""What is held as deposit on a lease."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from leases import rules
from leases.models import Lease
from ledger import selectors as ledger
from ledger.categories import Category, Status
from ledger.money import ZERO


@dataclass(frozen=True, slots=True)
class DepositState:
    """A lease's deposit in dollars, and the first day on which it may be settled."""

    asked: Decimal
    received: Decimal
    held: Decimal
    settle_from: date

    @property
    def missing(self) -> Decimal:
        """What is asked and has not been received."""
        return max(self.asked - self.received, ZERO)


def list_deposits_held(lease_id: int) -> QuerySet[Any]:
    """Return the ledger's balances of deposits on a lease with something left on them, oldest first."""
    balances = ledger.list_balances(lease_id=lease_id, category=Category.DEPOSIT, status=Status.OPEN)
    return balances.order_by("posting_id")


def sum_missing_deposits(driver_id: int, on: date) -> Decimal:
    """What is missing of the deposits of the leases that a driver holds on a day, or will hold, in dollars."""
    asked = dict(
        Lease.objects.filter(primary_driver_id=driver_id, end_on__gte=on, deposit__gt=0).values_list("pk", "deposit")
    )
    if not asked:
        return ZERO
    received: dict[int, Decimal] = defaultdict(lambda: ZERO)
    balances = ledger.list_balances(category=Category.DEPOSIT).filter(lease_id__in=asked).exclude(status=Status.VOIDED)
    for lease_id, amount in balances.values_list("lease_id", "original_amount"):
        received[lease_id] += amount
    return sum((max(deposit - received[lease_id], ZERO) for lease_id, deposit in asked.items()), start=ZERO)


def get_deposit_state(lease: Lease) -> DepositState:
    """Return how a lease's deposit stands; one that was voided (a bounced check) was never received."""
    balances = ledger.list_balances(lease_id=lease.pk, category=Category.DEPOSIT).exclude(status=Status.VOIDED)
    amounts = list(balances.values_list("original_amount", "remaining"))
    return DepositState(
        asked=lease.deposit,
        received=sum((received for received, _ in amounts), start=ZERO),
        held=sum((held for _, held in amounts), start=ZERO),
        settle_from=rules.earliest_settlement(lease.end_on),
    )
