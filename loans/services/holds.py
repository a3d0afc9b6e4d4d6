"""Holding a loan, letting it go on, and undoing one that was never meant."""

from datetime import date, timedelta

from django.contrib.auth.models import User

from ledger import services as ledger
from ledger.installments.rules import check_start, find_delay
from loans import selectors
from loans.errors import LoanNotOnHold, NothingToHold
from loans.models import DriverLoan
from loans.services.rows import (
    Status,
    check_reason,
    list_unposted,
    lock_installments,
    lock_loan,
    require_active,
    require_open,
    save_status,
    set_on_hold,
)


@ledger.money_transaction
def hold_loan(*, loan_id: int, reason: str, actor: User | None) -> DriverLoan:
    """Charge no further installment of a loan until it is released. What is charged already stays owed.

    :raises ledger.services.ReasonRequired, TextRefused: no reason, or one that is too long
    :raises LoanNotFound: no such loan
    :raises LoanNotActive: it is on hold or ended
    :raises NothingToHold: every installment is charged already
    """
    reason = check_reason(reason)
    loan = lock_loan(loan_id)
    require_active(loan)
    waiting = list_unposted(lock_installments(loan))
    if not waiting:
        raise NothingToHold(f"Every installment of {loan} is charged already.")
    set_on_hold(waiting, actor, on_hold=True)
    return save_status(loan, Status.ON_HOLD, reason, actor)


@ledger.money_transaction
def release_loan(*, loan_id: int, starts_on: date, today: date, actor: User | None) -> DriverLoan:
    """End the hold of a loan: its plan goes on in the week of ``starts_on``, this one or the next.

    Installments that fell due during the hold, and those after them, move by whole weeks, and their interest with them:
    the pause bears none.

    :raises LoanNotFound: no such loan
    :raises LoanNotOnHold: it is not on hold
    :raises ledger.installments.rules.PlanStartRefused: ``starts_on`` is neither this week's Sunday nor the next one's
    """
    check_start(starts_on, today)
    loan = lock_loan(loan_id)
    if loan.status != Status.ON_HOLD:
        raise LoanNotOnHold(f"{loan} is {loan.get_status_display().lower()}, not on hold.")
    waiting = list_unposted(lock_installments(loan))
    delay = find_delay(waiting[0].due_on, starts_on) if waiting else timedelta(0)
    set_on_hold(waiting, actor, on_hold=False, delay=delay)
    return save_status(loan, Status.ACTIVE, "", actor)


@ledger.money_transaction
def void_loan(*, loan_id: int, reason: str, effective_on: date | None = None, actor: User | None) -> DriverLoan:
    """Undo a loan whose money never left: what is charged of it is voided, newest first, the rest is never charged.

    What was paid on it returns to where the money came from. ``effective_on`` defaults to today in New York.

    :raises ledger.services.ReasonRequired, TextRefused: no reason, or one that is too long
    :raises LoanNotFound: no such loan
    :raises LoanEnded: it was paid off early, written off or voided before
    """
    reason = check_reason(reason)
    loan = lock_loan(loan_id)
    require_open(loan)
    set_on_hold(list_unposted(lock_installments(loan)), actor, on_hold=True)
    for row in reversed(selectors.list_schedule(loan)):
        if row.is_live and row.balance_id:
            ledger.void_posting(posting_id=row.balance_id, reason=reason, effective_on=effective_on, actor=actor)
    return save_status(loan, Status.VOIDED, reason, actor)
