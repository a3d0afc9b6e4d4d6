"""What a loan's installments come to: principal by the plan bands, simple interest by actual days. Pure: no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.installments.rules import Band, find_weekly_amount, list_due_dates, split_amount
from ledger.money import ZERO, round_cents

DAYS_A_YEAR = 365
PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class PlannedInstallment:
    """One week's part of a loan, in dollars. Its interest runs from ``accrues_from`` to ``due_on``."""

    number: int
    accrues_from: date
    due_on: date
    principal: Decimal
    interest: Decimal

    @property
    def amount(self) -> Decimal:
        return self.principal + self.interest


@dataclass(frozen=True, slots=True)
class Payoff:
    """What ends a loan on a day, in dollars, besides what is charged already."""

    principal: Decimal
    interest: Decimal

    @property
    def amount(self) -> Decimal:
        return self.principal + self.interest


def accrue(principal: Decimal, rate_percent: Decimal, days: int) -> Decimal:
    """Return simple interest in dollars: actual days of a year of 365, multiplied, then rounded half up to the cent.

    1,200.00 at 10 % for 4 days is 1.315068…, so 1.32.
    """
    return round_cents(principal * rate_percent * days / (PERCENT * DAYS_A_YEAR))


def plan_loan(
    principal: Decimal,
    *,
    rate_percent: Decimal,
    disbursed_on: date,
    starts_on: date,
    bands: Sequence[Band],
    weekly_amount: Decimal | None = None,
) -> list[PlannedInstallment]:
    """Return the installments of a loan of ``principal`` dollars, in order and numbered from 1.

    The bands cut the principal (``weekly_amount`` is what was agreed otherwise); on top comes the interest on the
    principal that is still scheduled, from the disbursement or the due date before.

    :raises ledger.installments.services.PlanTooLong: more than ten years of them
    """
    parts = split_amount(principal, weekly_amount or find_weekly_amount(principal, bands))
    remaining, accrues_from = principal, disbursed_on
    plan = []
    for number, (part, due_on) in enumerate(zip(parts, list_due_dates(starts_on, len(parts)), strict=True), start=1):
        interest = accrue(remaining, rate_percent, (due_on - accrues_from).days)
        plan.append(PlannedInstallment(number, accrues_from, due_on, part, interest))
        remaining, accrues_from = remaining - part, due_on
    return plan


def compute_payoff(
    plan: Iterable[PlannedInstallment], charged: frozenset[int], *, rate_percent: Decimal, as_of: date
) -> Payoff:
    """Return what is left to charge of a plan that ends on ``as_of``: its principal, and the interest earned by then.

    ``plan`` is all of it in order, ``charged`` the numbers of the installments that are charged already. An installment
    due by ``as_of`` counts with its interest as scheduled, a later one with the days that have passed of its period.
    """
    rows = list(plan)
    remaining = sum((row.principal for row in rows), start=ZERO)
    principal = interest = ZERO
    for row in rows:
        if row.number not in charged:
            principal += row.principal
            if row.due_on <= as_of:
                interest += row.interest
            else:
                interest += accrue(remaining, rate_percent, max(0, (as_of - row.accrues_from).days))
        remaining -= row.principal
    return Payoff(principal, interest)


def sum_unearned(
    plan: Iterable[PlannedInstallment], charged: frozenset[int], *, rate_percent: Decimal, as_of: date
) -> Decimal:
    """Return the dollars of interest that a plan which ends on ``as_of`` was charged too much.

    Of each installment among ``charged`` that is due later: its interest, less what its days by ``as_of`` have earned
    on the principal still scheduled.
    """
    rows = list(plan)
    remaining = sum((row.principal for row in rows), start=ZERO)
    unearned = ZERO
    for row in rows:
        if row.number in charged and row.due_on > as_of:
            days = max(0, (as_of - row.accrues_from).days)
            unearned += row.interest - accrue(remaining, rate_percent, days)
        remaining -= row.principal
    return unearned


def name_loan(loan_id: int) -> str:
    """Return the reference under which the books know what was lent: ``LOAN-3``."""
    return f"LOAN-{loan_id}"


def name_installment(loan_id: int, number: int) -> str:
    """Return the reference under which the ledger knows an installment: ``LOAN-3-4``."""
    return f"LOAN-{loan_id}-{number}"


def name_payoff(loan_id: int) -> str:
    """Return the reference of what ends a loan before its time: ``LOAN-3-PAYOFF``."""
    return f"LOAN-{loan_id}-PAYOFF"


def name_interest_memo(loan_id: int) -> str:
    """Return the reference of the memo that gives unearned interest back when a loan ends: ``LOAN-3-INTEREST``."""
    return f"LOAN-{loan_id}-INTEREST"
