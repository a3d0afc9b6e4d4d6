"""What is held as deposit on a lease, and what stands against it when it is settled."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from core.words import say_day, say_full_day
from leases import rules
from leases.models import DepositSettlement, Lease, LeaseDriver
from leases.selectors.claims import list_pending_claims
from ledger import selectors as ledger
from ledger.categories import Category, EntryType, Status
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


class Part(StrEnum):
    """What a line of a settlement is about."""

    RECEIVED = "RECEIVED"
    PAID = "PAID"
    OPEN = "OPEN"
    KEPT = "KEPT"
    LISTED = "LISTED"
    OF_OTHERS = "OF_OTHERS"


@dataclass(frozen=True, slots=True)
class SettlementItem:
    """A line of a settlement in dollars: what it is in words, and where it needs saying, why and until when."""

    part: Part
    reference_id: str
    words: str
    amount: Decimal
    note: str = ""

    def as_json(self) -> dict[str, str]:
        return {
            "part": self.part.value,
            "reference_id": self.reference_id,
            "words": self.words,
            "amount": str(self.amount),
            "note": self.note,
        }

    @classmethod
    def from_json(cls, kept: dict[str, str]) -> "SettlementItem":
        return cls(Part(kept["part"]), kept["reference_id"], kept["words"], Decimal(kept["amount"]), kept["note"])


@dataclass(frozen=True, slots=True)
class OwedAtSettlement:
    """What is owed once the deposit has paid: by its driver on this lease, elsewhere, and by others on this lease."""

    open: list[SettlementItem]
    kept: list[SettlementItem]
    listed: list[SettlementItem]
    of_others: list[SettlementItem]


def list_deposits_held(lease_id: int) -> QuerySet[Any]:
    """Return the ledger's balances of deposits on a lease with something left on them, oldest first."""
    balances = ledger.list_balances(lease_id=lease_id, category=Category.DEPOSIT, status=Status.OPEN)
    return balances.order_by("posting_id")


def list_deposits_to_settle(*, today: date) -> QuerySet[Any]:
    """Return the ledger's balances of deposits whose lease ended so long ago that they can be settled."""
    balances = ledger.list_balances(category=Category.DEPOSIT, status=Status.OPEN)
    return balances.filter(lease__end_on__lte=today - timedelta(days=rules.DEPOSIT_HELD_DAYS))


def sum_missing_deposits(driver_id: int, on: date) -> Decimal:
    """What is missing of the deposits of the leases that a driver holds on a day, or will hold, in dollars."""
    asked = dict(
        Lease.objects.filter(primary_driver_id=driver_id, end_on__gte=on, deposit__gt=0).values_list("pk", "deposit")
    )
    if not asked:
        return ZERO
    received: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for lease_id, amount in ledger.list_deposits(asked).values_list("lease_id", "original_amount"):
        received[lease_id] += amount
    return sum((max(deposit - received[lease_id], ZERO) for lease_id, deposit in asked.items()), start=ZERO)


def get_deposit_state(lease: Lease) -> DepositState:
    """Return how a lease's deposit stands; one that was voided (a bounced check) was never received."""
    amounts = list(ledger.list_deposits([lease.pk]).values_list("original_amount", "remaining"))
    return DepositState(
        asked=lease.deposit,
        received=sum((received for received, _ in amounts), start=ZERO),
        held=sum((held for _, held in amounts), start=ZERO),
        settle_from=rules.earliest_settlement(lease.end_on),
    )


def find_deposit_to_settle(driver_id: int, *, today: date) -> tuple[int | None, str]:
    """Return the lease on which the driver has a deposit, the one that ends first; and why it can't be settled now."""
    deposits = ledger.list_balances(driver_id=driver_id, category=Category.DEPOSIT, status=Status.OPEN)
    first = deposits.order_by("lease__end_on", "lease_id").values_list("lease_id", "lease__end_on").first()
    if first is None:
        return None, "No deposit is held"
    return first[0], say_unsettled(rules.earliest_settlement(first[1]), today)


def say_unsettled(settle_from: date, today: date) -> str:
    """Return why a deposit can't be settled yet, or nothing."""
    return f"It is held to {say_full_day(settle_from)}, until tickets have come in" if today < settle_from else ""


def has_other_lease(driver_id: int, lease_id: int, *, on: date) -> bool:
    """Whether the driver is on another lease, or will be, on a day or later; as primary or further driver."""
    return LeaseDriver.objects.filter(driver_id=driver_id, end_on__gte=on).exclude(lease_id=lease_id).exists()


def list_settlements(lease_id: int) -> QuerySet[DepositSettlement]:
    """Return the settlements of a lease's deposit, newest first."""
    return DepositSettlement.objects.filter(lease_id=lease_id).select_related("driver", "settled_by")


def list_settlement_items(settlement: DepositSettlement) -> list[SettlementItem]:
    """Return the lines of a settlement, as they stood then."""
    return [SettlementItem.from_json(kept) for kept in settlement.items]


def describe_deposits(lease_id: int, driver_id: int) -> list[SettlementItem]:
    """Return a line for each part of a driver's deposit on a lease that was received, oldest first."""
    received = list(ledger.list_deposits([lease_id]).filter(driver_id=driver_id).order_by("posting_id"))
    words = _words_of(received)
    return [
        SettlementItem(Part.RECEIVED, deposit.reference_id, words[deposit.pk], deposit.original_amount)
        for deposit in received
    ]


def describe_payments(applications: Iterable[Any]) -> list[SettlementItem]:
    """Return a line for each charge that these postings pay, in their order."""
    amounts: dict[int, Decimal] = defaultdict(lambda: ZERO)
    references: dict[int, str] = {}
    for posting in applications:
        amounts[posting.balance_id] += posting.amount
        references[posting.balance_id] = posting.reference_id
    words = ledger.list_words(references)
    return [SettlementItem(Part.PAID, references[pk], words[pk], amount) for pk, amount in amounts.items()]


def describe_claims(lease_id: int, driver_id: int, *, on: date) -> list[SettlementItem]:
    """Return a line for each claim that is kept back for."""
    return [
        SettlementItem(Part.KEPT, claim.reference_id, claim.words, claim.amount, claim.why)
        for claim in list_pending_claims(lease_id, driver_id, on=on)
    ]


def describe_paused(lease: Lease, driver_id: int, *, goes_on: bool, on: date) -> list[SettlementItem]:
    """Return a line for each charge on hold that is kept back for: it is put off, and not forgiven.

    Of this lease and of those that are over, and on no lease where no other lease of theirs ``goes_on``.
    """
    running = _list_running(lease, driver_id, on)
    lines = []
    for charge in ledger.list_paused_charges(driver_id, on=on):
        if charge.lease_id in running or (charge.lease_id is None and goes_on):
            continue
        where = "" if charge.lease_id in (None, lease.pk) else f" on Lease {charge.lease_id}"
        why = f"on hold{where}: until it is resumed and paid"
        lines.append(SettlementItem(Part.KEPT, charge.reference_id, charge.words, charge.amount, why))
    return lines


def _list_running(lease: Lease, driver_id: int, on: date) -> set[int]:
    """The driver's other leases that go on."""
    spans = LeaseDriver.objects.filter(driver_id=driver_id, end_on__gte=on).exclude(lease_id=lease.pk)
    return set(spans.values_list("lease_id", flat=True))


def list_owed_at_settlement(lease: Lease, driver_id: int, *, goes_on: bool, on: date) -> OwedAtSettlement:
    """Return what is owed once a driver's deposit on a lease has paid what it may.

    What they owe elsewhere is kept back for where it is due, or its lease is over; else it is listed. ``goes_on`` says
    whether another lease of theirs does: then what they owe on no lease is owed elsewhere.
    """
    owed = ledger.list_balances(status=Status.OPEN, entry_type=EntryType.DEBIT).order_by("due_on", "posting_id")
    own: list[Any] = list(owed.filter(driver_id=driver_id))
    others = list(owed.filter(lease_id=lease.pk).exclude(driver_id=driver_id).select_related("driver"))
    words = _words_of([*own, *others])
    running = _list_running(lease, driver_id, on)
    found = OwedAtSettlement([], [], [], [])

    def note(lines: list[SettlementItem], part: Part, debt: Any, why: str) -> None:
        lines.append(SettlementItem(part, debt.reference_id, words[debt.pk], debt.remaining, why))

    for debt in own:
        due = f"due {say_day(debt.due_on, told_on=on)}"
        where = f"on Lease {debt.lease_id}" if debt.lease_id else "on no lease"
        if debt.lease_id == lease.pk or (debt.lease_id is None and not goes_on):
            note(found.open, Part.OPEN, debt, due)
        elif debt.due_on <= on:
            note(found.kept, Part.KEPT, debt, f"{where}, {due}: until it is paid")
        elif debt.lease_id is not None and debt.lease_id not in running:
            note(found.kept, Part.KEPT, debt, f"{where}, which is over, {due}: until it is paid")
        else:
            note(found.listed, Part.LISTED, debt, f"{where}, {due}")
    for debt in others:
        note(found.of_others, Part.OF_OTHERS, debt, f"owed by {debt.driver}")
    return found


def _words_of(balances: Collection[Any]) -> dict[int, str]:
    """What each balance is to its driver, by its posting."""
    return ledger.list_words([balance.pk for balance in balances])
