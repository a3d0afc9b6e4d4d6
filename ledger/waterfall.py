"""Which debt is paid first, and by which money. Pure: no Django, no clock.

The weekly application does the same in SQL (``ledger.services``); tests hold the two equal. Nothing is filtered
or dated here: callers bring the debts that are due and in effect, and the credits that may be used, without deposits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.money import ZERO

#: In place of a balance id: an installment that is not posted yet would be younger than all that is.
NOT_POSTED_YET = 2**63 - 1


@dataclass(frozen=True, slots=True)
class OpenDebt:
    """An obligation, or an installment still to be posted, and the dollars that remain on it."""

    balance_id: int
    category: str
    due_on: date
    amount: Decimal
    reference_id: str = ""


@dataclass(frozen=True, slots=True)
class OpenCredit:
    """A held credit and the dollars that remain on it."""

    balance_id: int
    effective_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """``amount`` dollars of the credit ``funding_id`` pay the obligation ``balance_id``."""

    balance_id: int
    funding_id: int
    amount: Decimal


def sort_debts(debts: Iterable[OpenDebt], order: Sequence[str]) -> list[OpenDebt]:
    """Return the debts as the waterfall takes them: by category, then oldest due date, then lowest id.

    :raises KeyError: a debt's category is not in ``order``
    """
    rank = {category: place for place, category in enumerate(order)}
    return sorted(debts, key=lambda debt: (rank[debt.category], debt.due_on, debt.balance_id))


def sort_credits(held: Iterable[OpenCredit]) -> list[OpenCredit]:
    """Return the credits as they are used: oldest effective date, then lowest id."""
    return sorted(held, key=lambda credit: (credit.effective_on, credit.balance_id))


def apply_credits(debts: Iterable[OpenDebt], held: Iterable[OpenCredit], order: Sequence[str]) -> list[Step]:
    """Return what each credit pays of each debt, in the order in which it is posted.

    Laid end to end, the debts and the credits are two rulers from zero; where a credit's stretch and a debt's stretch
    overlap, the one pays the other. That is what the SQL's running totals do, too.
    """
    steps: list[Step] = []
    stretches = _stretches([(credit.balance_id, credit.amount) for credit in sort_credits(held)])
    first = 0
    for debt_id, debt_from, debt_to in _stretches(
        [(debt.balance_id, debt.amount) for debt in sort_debts(debts, order)]
    ):
        for funding_id, credit_from, credit_to in stretches[first:]:
            if credit_from >= debt_to:
                break
            overlap = min(debt_to, credit_to) - max(debt_from, credit_from)
            if overlap > 0:
                steps.append(Step(debt_id, funding_id, overlap))
            if credit_to <= debt_to:
                first += 1
    return steps


def suggest_allocations(amount: Decimal, debts: Iterable[OpenDebt], order: Sequence[str]) -> dict[str, Decimal]:
    """Return dollars per reference for a payment of ``amount``, spent by the waterfall; what gets nothing is absent."""
    suggested: dict[str, Decimal] = {}
    left = amount
    for debt in sort_debts(debts, order):
        share = min(left, debt.amount)
        if share <= 0:
            continue
        suggested[debt.reference_id] = suggested.get(debt.reference_id, ZERO) + share
        left -= share
    return suggested


def _stretches(amounts: list[tuple[int, Decimal]]) -> list[tuple[int, Decimal, Decimal]]:
    """Return each id with the running total before and after its amount."""
    total = ZERO
    stretches: list[tuple[int, Decimal, Decimal]] = []
    for key, amount in amounts:
        stretches.append((key, total, total + amount))
        total += amount
    return stretches
