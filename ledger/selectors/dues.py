"""What a driver owes, in as few lines as a paper has room for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from ledger.categories import say_category
from ledger.money import ZERO
from ledger.selectors.balances import list_open_obligations
from ledger.selectors.words import list_words

#: So many charges of a kind are told one by one; more are told together.
TOLD_APART = 2


@dataclass(frozen=True, slots=True)
class Due:
    """A charge, or several of a category due from ``due_on`` to ``last_due_on``; ``amount`` dollars are still open."""

    words: str
    amount: Decimal
    due_on: date
    last_due_on: date


@dataclass(frozen=True, slots=True)
class Dues:
    """What is due by the day that was asked about, and what falls due later."""

    now: Sequence[Due]
    later: Sequence[Due]

    @property
    def due_now(self) -> Decimal:
        return sum((due.amount for due in self.now), start=ZERO)

    @property
    def due_later(self) -> Decimal:
        return sum((due.amount for due in self.later), start=ZERO)

    @property
    def total(self) -> Decimal:
        return self.due_now + self.due_later

    @property
    def next_due_on(self) -> date | None:
        return min((due.due_on for due in self.later), default=None)

    @property
    def last_due_on(self) -> date | None:
        return max((due.last_due_on for due in self.later), default=None)


def get_dues(driver_id: int, *, on: date) -> Dues:
    """Return what a driver owes, in the priority order in force on that day, by two statements."""
    balances = list(list_open_obligations(driver_id, on=on))
    words = list_words([balance.pk for balance in balances])
    charges = [
        (balance.category, Due(words[balance.pk], balance.remaining, balance.due_on, balance.due_on))
        for balance in balances
        if balance.due_on is not None
    ]
    return Dues(
        now=list(_fold((category, due) for category, due in charges if due.due_on <= on)),
        later=list(_fold((category, due) for category, due in charges if due.due_on > on)),
    )


def _fold(charges: Iterable[tuple[str, Due]]) -> Iterable[Due]:
    for category, group in groupby(charges, key=lambda charge: charge[0]):
        dues = [due for _, due in group]
        if len(dues) <= TOLD_APART:
            yield from dues
            continue
        yield Due(
            f"{len(dues)} charges for {say_category(category)}",
            sum((due.amount for due in dues), start=ZERO),
            min(due.due_on for due in dues),
            max(due.last_due_on for due in dues),
        )
