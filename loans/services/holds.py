"""Holding a loan, resuming it, and undoing one that was never meant.

A hold moves no money. But posting what is due locks the driver's account before it reads the installments, so whoever
holds them locks the account too, and that is what a money transaction is for.
"""

from datetime import date

from django.contrib.auth.models import User

from core.checks import check_reason
from ledger import services as ledger
from ledger.installments import services as plans
from loans.errors import LoanEnded, LoanNotActive, LoanNotFound, LoanNotOnHold
from loans.models import DriverLoan

LOANS = plans.PlanActs(DriverLoan, LoanNotFound, LoanNotActive, LoanNotOnHold)
Status = DriverLoan.Status


@ledger.money_transaction
def hold_loan(*, loan_id: int, reason: str, actor: User | None) -> DriverLoan:
    """Charge no further installment of a loan until it is resumed. What is charged already stays owed.

    :raises core.errors.ReasonRequired, core.errors.ValueInvalid: no reason, or one that is too long
    :raises LoanNotFound: no such loan
    :raises LoanNotActive: it is on hold or ended
    :raises ledger.installments.services.NothingToHold: every installment is charged already
    """
    return LOANS.hold(plan_id=loan_id, reason=reason, actor=actor)


@ledger.money_transaction
def resume_loan(*, loan_id: int, starts_on: date, today: date, actor: User | None) -> DriverLoan:
    """End the hold of a loan: its plan resumes in the week of ``starts_on``, the week of ``today`` or the next.

    Installments that fell due during the hold, and those after them, move by whole weeks, and their interest with them:
    the pause bears none.

    :raises LoanNotFound: no such loan
    :raises LoanNotOnHold: it is not on hold
    :raises ledger.installments.services.PlanStartInvalid: ``starts_on`` is neither this week's Sunday nor the next
        one's
    """
    return LOANS.resume(plan_id=loan_id, starts_on=starts_on, today=today, actor=actor)


@ledger.money_transaction
def void_loan(*, loan_id: int, reason: str, effective_on: date, actor: User | None) -> DriverLoan:
    """Undo a loan whose money never left: what is charged of it is voided as of ``effective_on``, the rest never is.

    The newest charge is voided first. What was paid on it returns to where the money came from.

    :raises core.errors.ReasonRequired, core.errors.ValueInvalid: no reason, or one that is too long
    :raises LoanNotFound: no such loan
    :raises LoanEnded: it was paid off early, written off or voided before
    """
    reason = check_reason(reason)
    loan = LOANS.lock(loan_id)
    require_open(loan)
    voided = plans.void_plan(loan, reason=reason, effective_on=effective_on, actor=actor)
    ledger.reverse_loan_out(loan_id=loan.pk, reason=reason, effective_on=effective_on, actor=actor)
    return voided


def require_open(loan: DriverLoan) -> None:
    """:raises LoanEnded: paid off early, written off or voided"""
    if loan.status not in (Status.ACTIVE, Status.ON_HOLD):
        raise LoanEnded(f"{loan} is {loan.get_status_display().lower()}.")
