"""What had paid a charge when it was voided, and how much of that is still there."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.corrections import find_own_act
from ledger.categories import Kind
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import ZERO
from ledger.selectors.uses import list_uses


@dataclass(frozen=True, slots=True)
class HadPaid:
    """A movement that was undone with its charge, and the dollars of it that its credit still holds."""

    movement: LedgerPosting
    offered: Decimal


def find_act_instead(record: LedgerPosting | LedgerBalance) -> str | None:
    """Return the sentence that says which act of its module mends a charge or a credit; None where the ledger's does.

    A module takes back what it gave, but not what has left to the driver since.
    """
    opening = record if isinstance(record, LedgerPosting) else record.posting
    if opening.kind == Kind.CREDIT_MEMO and list_uses(opening.pk).filter(kind=Kind.PAYOUT, voided_by_id=None).exists():
        return None
    return find_own_act(record)


def find_newer(charge: LedgerPosting | LedgerBalance) -> LedgerBalance | None:
    """Return the newest charge that took this one's place under its reference; None where nothing did."""
    later = LedgerBalance.objects.bearing([charge.reference_id]).filter(pk__gt=charge.pk)
    return later.select_related("posting").order_by("-pk").first()


def name_win_back(credit: LedgerPosting | LedgerBalance) -> str:
    """Return the reference of the recovery that wins a credit back."""
    return f"WINBACK-{credit.reference_id}"


def find_win_back(credit: LedgerPosting | LedgerBalance) -> LedgerBalance | None:
    """Return the recovery by which a credit was won back, while that stands."""
    return LedgerBalance.objects.live().filter(reference_id=name_win_back(credit)).first()


def list_what_had_paid(charge: LedgerPosting) -> Sequence[HadPaid]:
    """Return what had paid a voided charge at its void, oldest first; nothing for one that stands.

    Of several movements from one credit, the oldest are offered what it holds first.
    """
    void = LedgerPosting.objects.filter(reverses=charge).first()
    if void is None:
        return []
    # What was undone in the void's own statement bears its moment; what had been undone before was no longer paying.
    undone = LedgerPosting.objects.filter(
        balance_id=charge.pk,
        kind__in=(Kind.ALLOCATION, Kind.APPLICATION),
        reversals__posted_at=void.posted_at,
    )
    movements = list(undone.order_by("pk").select_related("funding"))
    credits_ = LedgerBalance.objects.filter(pk__in={movement.funding_id for movement in movements})
    held = {balance.pk: balance.remaining for balance in credits_}
    offers = []
    for movement in movements:
        assert movement.funding_id is not None
        offered = min(movement.amount, held.get(movement.funding_id, ZERO))
        held[movement.funding_id] = held.get(movement.funding_id, ZERO) - offered
        offers.append(HadPaid(movement, offered))
    return offers
