"""Plans of a kind on the pages of a driver, a vehicle and a lease, and what became of them: for each module alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.changes import read_changes
from core.dossier import (
    SHOWN,
    Before,
    Event,
    Line,
    Section,
    Source,
    Subject,
    Table,
    register_events,
    register_section,
)
from core.words import say_amount
from ledger.installments.models import Plan
from ledger.installments.selectors import sum_settled
from ledger.installments.words import say_plan_change

#: The last column of each table of plans; beside an account a bar tells it.
_SETTLED = "Settled#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """Plans of a model that has a ``driver``, a ``lease``, perhaps a ``vehicle``.

    ``tell`` returns the cells of one after its first, which leads to it; ``begin`` says that one was begun.
    """

    model: type[Plan]
    word: str
    title: str
    place: int
    related: Sequence[str]
    columns: Sequence[str]
    #: Of the columns, what is told of a plan beside an account.
    beside: Sequence[str]
    tell: Callable[[Any, date], Sequence[Any]]
    begin: Callable[[Any], str]
    empty: str

    @property
    def page(self) -> str:
        opts = self.model._meta
        return f"admin:{opts.app_label}_{opts.model_name}"

    def find(self, of: Subject, record_id: int) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{f"{of}_id": record_id})

    def read(self, of: Subject, request: HttpRequest, record_id: int, today: date) -> Table:
        found = list(self.find(of, record_id).select_related(*self.related).order_by("-id")[:SHOWN])
        # As on a plan's own page, whoever may see balances is told what is settled.
        sees = request.user.has_perm("ledger.view_ledgerbalance")
        settled = sum_settled(self.model, [plan.pk for plan in found]) if sees else {}
        return Table(
            columns=[self.word, *self.columns, *([_SETTLED] if sees else [])],
            lines=[
                Line(
                    [plan, *self.tell(plan, today), *([say_amount(settled[plan.pk].settled)] if sees else [])],
                    reverse(f"{self.page}_change", args=[plan.pk]),
                    settled.get(plan.pk),
                )
                for plan in found
            ],
            empty=self.empty,
            list_url=f"{reverse(f'{self.page}_changelist')}?{of}__id__exact={record_id}",
        )

    def read_events(self, of: Subject, record_id: int, before: Before, most: int) -> Sequence[Event]:
        where = Q(**{f"{of}_id": record_id})
        return read_changes(self.model, where, before, most, say=self._say_change, url=self._url_of)

    def _say_change(self, newer: Any, older: Any) -> str:
        return say_plan_change(self.word, self.model, newer, older) if older else self.begin(newer)

    def _url_of(self, row: Any) -> str:
        return reverse(f"{self.page}_change", args=[row.id])


def register_plans(plans: Plans, tabs: Mapping[Subject, str]) -> None:
    """Show the plans in these tabs of the pages of their records, to whoever may see them."""
    permission = f"{plans.model._meta.app_label}.view_{plans.model._meta.model_name}"
    for of, tab in tabs.items():
        register_section(
            Section(
                of=of,
                place=plans.place,
                tab=tab,
                title=plans.title,
                permission=permission,
                read=partial(plans.read, of),
                rows=partial(plans.find, of),
                beside=plans.beside,
            )
        )
        register_events(
            Source(of=of, name=plans.title.lower(), permission=permission, read=partial(plans.read_events, of))
        )
