"""Transfers that stand: recorded, and not reversed; which do not; and what was paid over."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from ledger.books import Account
from ledger.categories import TransferKind
from ledger.models import Transfer
from ledger.money import ZERO


def list_reversed(transfer_ids: Iterable[int]) -> list[int]:
    """Return which of these transfers were reversed, by id, in their order."""
    swaps = Transfer.objects.filter(reverses__in=list(transfer_ids)).order_by("reverses_id")
    return list(swaps.values_list("reverses_id", flat=True))


def list_standing_transfers(*, kind: TransferKind, reference_ids: Iterable[str] | None = None) -> QuerySet[Transfer]:
    """Return the transfers of a kind that are not reversed, oldest first; of these references if any are named."""
    standing = Transfer.objects.filter(kind=kind, reverses=None, reversals=None).order_by("pk")
    return standing if reference_ids is None else standing.filter(reference_id__in=list(reference_ids))


def sum_paid_over(payable: Account, from_on: date, to_on: date) -> Decimal:
    """Return the dollars paid over of a payable between two days, both included, less what was paid back.

    A reversal counts on its own day.
    """
    sums = Transfer.objects.filter(kind=TransferKind.PAID_OVER, effective_on__range=(from_on, to_on)).aggregate(
        over=Sum("amount", filter=Q(debit=payable.value)), back=Sum("amount", filter=Q(credit=payable.value))
    )
    return Decimal((sums["over"] or ZERO) - (sums["back"] or ZERO))
