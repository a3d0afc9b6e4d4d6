"""How old what drivers owe is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import LedgerBalance
from ledger.money import ZERO
from ledger.selectors.balances import remaining_where


@dataclass(frozen=True, slots=True)
class Aging:
    """Dollars owed by days past due. ``current`` falls due on the very day; ``not_due`` after it."""

    not_due: Decimal = ZERO
    current: Decimal = ZERO
    days_1_to_30: Decimal = ZERO
    days_31_to_60: Decimal = ZERO
    days_61_to_90: Decimal = ZERO
    over_90_days: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.not_due + self.overdue + self.current

    @property
    def overdue(self) -> Decimal:
        return self.days_1_to_30 + self.days_31_to_60 + self.days_61_to_90 + self.over_90_days


@dataclass(frozen=True, slots=True)
class DriverAging:
    driver_id: int
    aging: Aging


@dataclass(frozen=True, slots=True)
class CategoryAging:
    category: str
    aging: Aging


def list_aging(*, as_of: date, driver_ids: Iterable[int] | None = None) -> list[DriverAging]:
    """Return the ages of what each driver owes now, by driver id; who owes nothing is absent."""
    rows = _age(_owed(driver_ids).order_by("driver_id").values("driver_id"), as_of)
    return [DriverAging(row.pop("driver_id"), Aging(**row)) for row in rows]


def list_aging_by_category(*, as_of: date, driver_ids: Iterable[int] | None = None) -> list[CategoryAging]:
    """Return the ages of what is owed now under each category; a category under which nothing is owed is absent."""
    rows = _age(_owed(driver_ids).order_by("category").values("category"), as_of)
    found = {category: Aging(**row) for row in rows if (category := row.pop("category"))}
    return [CategoryAging(category, found[category]) for category in OBLIGATION_CATEGORIES if category in found]


def _owed(driver_ids: Iterable[int] | None) -> QuerySet[LedgerBalance]:
    owed = LedgerBalance.objects.open().obligations()
    return owed if driver_ids is None else owed.filter(driver_id__in=list(driver_ids))


def _age(grouped: Any, as_of: date) -> Any:
    def due(*, oldest: int | None, youngest: int) -> Q:
        condition = Q(due_on__lte=as_of - timedelta(days=youngest))
        return condition if oldest is None else condition & Q(due_on__gte=as_of - timedelta(days=oldest))

    return grouped.annotate(
        not_due=remaining_where(Q(due_on__gt=as_of)),
        current=remaining_where(Q(due_on=as_of)),
        days_1_to_30=remaining_where(due(youngest=1, oldest=30)),
        days_31_to_60=remaining_where(due(youngest=31, oldest=60)),
        days_61_to_90=remaining_where(due(youngest=61, oldest=90)),
        over_90_days=remaining_where(due(youngest=91, oldest=None)),
    )
