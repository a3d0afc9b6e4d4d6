"""How old what drivers owe is."""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import LedgerBalance
from ledger.money import ZERO
from ledger.selectors.balances import remaining_where


@dataclass(frozen=True, slots=True)
class Aging:
    """Dollars owed by days past due, in the columns of the report *Aging*. What falls due on the very day is due."""

    not_due: Decimal = ZERO
    days_0_to_7: Decimal = ZERO
    days_8_to_30: Decimal = ZERO
    days_31_to_90: Decimal = ZERO
    over_90_days: Decimal = ZERO

    def __add__(self, other: "Aging") -> "Aging":
        return Aging(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))

    @property
    def total(self) -> Decimal:
        return self.not_due + self.due

    @property
    def due(self) -> Decimal:
        return self.days_0_to_7 + self.days_8_to_30 + self.days_31_to_90 + self.over_90_days


@dataclass(frozen=True, slots=True)
class CategoryAging:
    category: str
    aging: Aging


def list_aging_by_category(*, as_of: date) -> list[CategoryAging]:
    """Return the ages of what is owed now under each category; a category under which nothing is owed is absent."""

    def due(*, oldest: int | None, youngest: int) -> Q:
        condition = Q(due_on__lte=as_of - timedelta(days=youngest))
        return condition if oldest is None else condition & Q(due_on__gte=as_of - timedelta(days=oldest))

    owed: Any = LedgerBalance.objects.open().obligations().order_by("category").values("category")
    rows = owed.annotate(
        not_due=remaining_where(Q(due_on__gt=as_of)),
        days_0_to_7=remaining_where(due(youngest=0, oldest=7)),
        days_8_to_30=remaining_where(due(youngest=8, oldest=30)),
        days_31_to_90=remaining_where(due(youngest=31, oldest=90)),
        over_90_days=remaining_where(due(youngest=91, oldest=None)),
    )
    found = {category: Aging(**row) for row in rows if (category := row.pop("category"))}
    return [CategoryAging(category, found[category]) for category in OBLIGATION_CATEGORIES if category in found]
