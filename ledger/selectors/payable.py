"""What may leave to a driver: what is held, less what they owe."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from ledger.categories import EntryType
from ledger.models import LedgerBalance
from ledger.money import ZERO, format_dollars
from ledger.selectors.balances import remaining_where
from ledger.selectors.installments import sum_installments_left
from ledger.selectors.leavers import list_leavers


@dataclass(frozen=True, slots=True)
class PayoutScope:
    """The credits that a payout may draw: those of one lease alone, or with None those of no lease."""

    lease_id: int | None


@dataclass(frozen=True, slots=True)
class Payable:
    """What may be paid out to a driver on a day, in dollars; deposits stand apart.

    ``held`` and ``owed`` are over all leases. ``owed`` is what is due, and once the driver's last lease is over (when
    ``counts_all``) whatever is open or, as ``to_charge``, still to be charged: the rent of their last days, and what is
    left of their plans. Nothing else will bring it in. ``held_in_scope`` is what the payout may draw.
    """

    held: Decimal
    owed: Decimal
    to_charge: Decimal
    counts_all: bool
    held_in_scope: Decimal

    @property
    def net(self) -> Decimal:
        """What is held less what is owed; below zero the driver owes more."""
        return self.held - self.owed

    @property
    def amount(self) -> Decimal:
        """The most that may be paid out."""
        return max(min(self.net, self.held_in_scope), ZERO)

    def say_net(self) -> str:
        """Return how the net comes about, as a sentence."""
        not_charged = f", {format_dollars(self.to_charge)} of it not charged yet" if self.to_charge else ""
        all_of_it = f"they owe (their last lease is over: all of it counts{not_charged})"
        owed = all_of_it if self.counts_all else "they owe and is due"
        return (
            f"{format_dollars(max(self.net, ZERO))} is due to the driver: {format_dollars(self.held)} held over all "
            f"leases, less {format_dollars(self.owed)} that {owed}."
        )


def get_payable(driver_id: int, *, on: date, scope: PayoutScope | None = None) -> Payable:
    """Return what may be paid out to a driver on a day, from all credits or from those of a scope."""
    return list_payables([(driver_id, scope)], on=on)[0]


def list_payables(wanted: Sequence[tuple[int, PayoutScope | None]], *, on: date) -> list[Payable]:
    """Return what may be paid out to each of these drivers from each of these scopes.

    By two queries, and one more for each kind of plan when somebody among them has left.
    """
    driver_ids = {driver_id for driver_id, _ in wanted}
    left = list_leavers(driver_ids, on)
    to_charge = sum_installments_left(left, on=on) if left else {}
    owed, held = Q(entry_type=EntryType.DEBIT), Q(entry_type=EntryType.CREDIT)
    counts = owed & (Q(due_on__lte=on) | Q(driver_id__in=left))
    open_balances = LedgerBalance.objects.open().without_deposits().filter(driver_id__in=driver_ids).order_by()
    held_on: dict[tuple[int, int | None], Decimal] = {}
    held_of: dict[int, Decimal] = defaultdict(lambda: ZERO)
    owed_by: dict[int, Decimal] = defaultdict(lambda: ZERO)
    sums = open_balances.values("driver_id", "lease_id").annotate(
        held=remaining_where(held), owed=remaining_where(counts)
    )
    for driver_id, lease_id, held_there, owed_there in sums.values_list("driver_id", "lease_id", "held", "owed"):
        held_on[driver_id, lease_id] = held_there
        held_of[driver_id] += held_there
        owed_by[driver_id] += owed_there
    return [
        Payable(
            held=held_of[driver_id],
            owed=owed_by[driver_id] + to_charge.get(driver_id, ZERO),
            to_charge=to_charge.get(driver_id, ZERO),
            counts_all=driver_id in left,
            held_in_scope=held_on.get((driver_id, scope.lease_id), ZERO) if scope else held_of[driver_id],
        )
        for driver_id, scope in wanted
    ]


def in_scope(scope: PayoutScope | None) -> Q:
    """The condition that a credit may be drawn by a payout of this scope."""
    if scope is None:
        return Q()
    return Q(lease__isnull=True) if scope.lease_id is None else Q(lease_id=scope.lease_id)
