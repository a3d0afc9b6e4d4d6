"""A payout, and what it was drawn from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Sum

from ledger.categories import Kind, PaymentMethod
from ledger.errors import PayoutNotFound
from ledger.models import LedgerPosting, Payout
from ledger.money import ZERO


@dataclass(frozen=True, slots=True)
class PayoutBreakdown:
    """A payout, the postings that draw it, oldest first, and whether it ``stands``: it was not voided."""

    payout: Payout
    lines: Sequence[LedgerPosting]
    stands: bool


def get_payout_breakdown(payout_id: int) -> PayoutBreakdown:
    """Return a payout with what it was drawn from.

    :raises PayoutNotFound: no such payout
    """
    payout = Payout.objects.select_related("driver", "lease", "paid_by").filter(pk=payout_id).first()
    if payout is None:
        raise PayoutNotFound(f"No payout {payout_id}.", payout_id=payout_id)
    return _break_down(payout)


def find_payout(reference_id: str) -> PayoutBreakdown | None:
    """Return the payout of this number (``OUT-000123``)."""
    number = reference_id.removeprefix(f"{Payout.prefix}-")
    if not number.isdecimal():
        return None
    payouts: Any = Payout.objects.select_related("driver", "lease", "paid_by")
    payout = payouts.filter(number=int(number)).first()
    return _break_down(payout) if payout else None


def list_standing_payouts() -> QuerySet[Payout]:
    """Return the payouts that were not voided."""
    drawn = LedgerPosting.objects.filter(payout=OuterRef("pk"), kind=Kind.PAYOUT)
    undone = LedgerPosting.objects.filter(reverses=OuterRef("pk"))
    return Payout.objects.filter(Exists(drawn.exclude(Exists(undone))))


def list_voided_payouts(payout_ids: Iterable[int]) -> list[int]:
    """Return which of these payouts were voided, by id, in their order."""
    named = Payout.objects.filter(pk__in=list(payout_ids))
    return list(named.exclude(pk__in=list_standing_payouts().values("pk")).order_by("pk").values_list("pk", flat=True))


def _break_down(payout: Payout) -> PayoutBreakdown:
    drawn = LedgerPosting.objects.filter(payout=payout, kind=Kind.PAYOUT).order_by("pk")
    lines = list(drawn.select_related("balance__posting").prefetch_related("reversals"))
    return PayoutBreakdown(payout, lines, stands=any(not list(line.reversals.all()) for line in lines))


def sum_cash_paid_out(on: date, *, paid_by_id: int | None = None) -> Decimal:
    """Return the dollars in cash that were paid out on a day and not voided; by one person, if one is named."""
    payouts = _list_cash_payouts(on)
    if paid_by_id is not None:
        payouts = payouts.filter(paid_by_id=paid_by_id)
    paid: Decimal = payouts.aggregate(paid=Sum("amount", default=ZERO))["paid"]
    return paid


def list_cash_paid_out(on: date) -> QuerySet[Payout]:
    """Return the payouts in cash of a day that were not voided, oldest first, with driver and who paid."""
    return _list_cash_payouts(on).select_related("driver", "paid_by").order_by("id")


def _list_cash_payouts(on: date) -> QuerySet[Payout]:
    return list_standing_payouts().filter(paid_on=on, method=PaymentMethod.CASH)
