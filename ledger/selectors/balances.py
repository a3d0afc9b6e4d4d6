"""Obligations and held credits as they stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, IntegerField, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from ledger.categories import Category, EntryType, Kind, Status
from ledger.errors import PostingNotFound
from ledger.models import LedgerBalance, LedgerPosting
from ledger.models.postings import LedgerBalanceQuerySet
from ledger.money import ZERO
from ledger.selectors.leases import list_drivers_named_with
from ledger.selectors.waterfall import get_waterfall_order, rank_in


def list_open_obligations(driver_id: int, *, on: date) -> LedgerBalanceQuerySet:
    """Return what the driver owes, in the waterfall order in force on that day."""
    order = get_waterfall_order(on)
    owed = LedgerBalance.objects.open().obligations().filter(driver_id=driver_id)
    return owed.annotate(rank=rank_in(order)).order_by("rank", "due_on", "posting_id")


def list_open_obligations_on_lease(lease_id: int, *, on: date) -> LedgerBalanceQuerySet:
    """Return what is owed on a lease, by whichever of its drivers, in the waterfall order in force on that day."""
    owed = list_balances(lease_id=lease_id, status=Status.OPEN, entry_type=EntryType.DEBIT)
    return owed.annotate(rank=rank_in(get_waterfall_order(on))).order_by("rank", "due_on", "posting_id")


def list_held_credits(driver_id: int) -> LedgerBalanceQuerySet:
    """Return what the fleet holds for the driver in the order in which it is used; deposits, never used so, last."""
    held = LedgerBalance.objects.open().held_credits().filter(driver_id=driver_id)
    return held.annotate(is_deposit=_IS_DEPOSIT).order_by("is_deposit", "effective_on", "posting_id")


def list_open_balances(driver_id: int, *, on: date) -> LedgerBalanceQuerySet:
    """Return both in one list: obligations in the waterfall order in force on that day, then held credits in the order
    of use, then deposits.
    """
    order = get_waterfall_order(on)
    side = Case(
        When(entry_type=EntryType.DEBIT, then=Value(0)),
        When(category=Category.DEPOSIT, then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    )
    # A refund's credit bears a category that also ranks among the debts, where credits have no rank at all.
    rank = Case(When(entry_type=EntryType.DEBIT, then=rank_in(order)), default=Value(0), output_field=IntegerField())
    open_balances = LedgerBalance.objects.open().filter(driver_id=driver_id)
    by_date = Coalesce("due_on", "effective_on")
    return open_balances.annotate(side=side, rank=rank).order_by("side", "rank", by_date, "posting_id")


def list_balances(
    *,
    driver_id: int | None = None,
    lease_id: int | None = None,
    status: str | None = None,
    category: str | None = None,
    entry_type: str | None = None,
    due_until: date | None = None,
) -> LedgerBalanceQuerySet:
    """Return the balances that meet every condition given, newest first (by ``posting_id``, which is unique)."""
    conditions: dict[str, Any] = {
        "driver_id": driver_id,
        "lease_id": lease_id,
        "status": status,
        "category": category,
        "entry_type": entry_type,
        "due_on__lte": due_until,
    }
    if lease_id is not None and driver_id is None:
        conditions["driver__in"] = list_drivers_named_with(lease_id)
    given = {name: value for name, value in conditions.items() if value is not None}
    return LedgerBalance.objects.filter(**given).order_by("-posting_id")


def list_deposits(lease_ids: Iterable[int]) -> LedgerBalanceQuerySet:
    """Return the balances of the deposits received on these leases and not voided, whoever's, in no order.

    Found by their postings, of which alone a lease's deposits have an index.
    """
    return LedgerBalance.objects.live().filter(posting__kind=Kind.DEPOSIT, posting__lease__among=lease_ids)


def list_balances_by_reference(reference_ids: Iterable[str]) -> QuerySet[LedgerBalance]:
    """Return the last balance of each reference: the live one, or else the one voided last; unknown ones are absent."""
    wanted = LedgerBalance.objects.bearing(reference_ids)
    return wanted.order_by("reference_id", "-posting_id").distinct("reference_id")


def find_balance_by_reference(reference_id: str) -> LedgerBalance | None:
    """Return the live balance that bears the reference."""
    return LedgerBalance.objects.live().filter(reference_id=reference_id).first()


def find_newest_day(reference_ids: Iterable[str]) -> date | None:
    """Return the newest day on which anything that bears one of these references takes effect; None without any.

    What moves their balances is dated on that day or later, so that none of them is below zero on any day.
    """
    postings = LedgerPosting.objects.filter(reference_id__in=list(reference_ids))
    newest: date | None = postings.aggregate(newest=Max("effective_on"))["newest"]
    return newest


def get_balance(posting_id: int) -> LedgerBalance:
    """Return the balance that the posting opened.

    :raises PostingNotFound: no posting of that id, or one that opened nothing
    """
    balance = LedgerBalance.objects.filter(posting_id=posting_id).first()
    if balance is None:
        raise PostingNotFound(f"Posting {posting_id} opened no balance.", posting_id=posting_id)
    return balance


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    """Dollars open under a category: owed by drivers, and held for them."""

    category: str
    obligations: Decimal
    held_credits: Decimal


def sum_open_by_category(driver_ids: Iterable[int] | None = None) -> list[CategoryTotal]:
    """Return what is open under each category that has something, of all drivers or the given ones."""
    balances = LedgerBalance.objects.filter(status=Status.OPEN)
    if driver_ids is not None:
        balances = balances.filter(driver_id__in=list(driver_ids))
    rows = balances.values("category").annotate(
        obligations=remaining_where(Q(entry_type=EntryType.DEBIT)),
        held_credits=remaining_where(Q(entry_type=EntryType.CREDIT)),
    )
    found = {row["category"]: CategoryTotal(**row) for row in rows}
    return [found[category] for category in Category.values if category in found]


def remaining_where(condition: Q) -> Coalesce:
    """Return the sum of what remains on the balances that meet ``condition`` as an expression; zero without any."""
    total = Sum("remaining", filter=condition)
    return Coalesce(total, Value(ZERO), output_field=DecimalField(max_digits=14, decimal_places=2))


_IS_DEPOSIT = Case(When(category=Category.DEPOSIT, then=Value(1)), default=Value(0), output_field=IntegerField())
