"""What the acts on a loan share: the locks, in their order, and the writing of its state."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.models import User
from simple_history.utils import bulk_update_with_history

from ledger import services as ledger
from ledger.locks import lock_accounts
from loans.errors import LoanEnded, LoanNotActive, LoanNotFound, TextRefused
from loans.models import DriverLoan, LoanInstallment

MAX_REASON = 500
Status = DriverLoan.Status


def lock_loan(loan_id: int) -> DriverLoan:
    """Lock the driver's account, then the loan, and return it.

    :raises LoanNotFound: no such loan
    """
    # The driver of a loan never changes, so he may be read before his account is locked.
    driver_id = DriverLoan.objects.filter(pk=loan_id).values_list("driver_id", flat=True).first()
    if driver_id is None:
        raise LoanNotFound(f"No loan {loan_id}.")
    lock_accounts([driver_id])
    return DriverLoan.objects.select_for_update(no_key=True).get(pk=loan_id)


def lock_installments(loan: DriverLoan) -> list[LoanInstallment]:
    """Lock all installments of a locked loan, and return them in order."""
    rows = LoanInstallment.objects.filter(loan=loan).order_by("number")
    return list(rows.select_for_update(no_key=True, of=("self",)))


def list_unposted(rows: Sequence[LoanInstallment]) -> list[LoanInstallment]:
    return [row for row in rows if row.posted_at is None]


def require_active(loan: DriverLoan) -> None:
    """:raises LoanNotActive: on hold, or ended"""
    if loan.status != Status.ACTIVE:
        raise LoanNotActive(f"{loan} is {loan.get_status_display().lower()}.")


def require_open(loan: DriverLoan) -> None:
    """:raises LoanEnded: paid off early, written off or voided"""
    if loan.status not in (Status.ACTIVE, Status.ON_HOLD):
        raise LoanEnded(f"{loan} is {loan.get_status_display().lower()}.")


def check_reason(reason: str) -> str:
    """Return the reason in one line.

    :raises ledger.services.ReasonRequired: nothing but blanks
    :raises TextRefused: longer than 500 characters, or with characters that can't be seen
    """
    text = " ".join(reason.split()) if isinstance(reason, str) else ""
    if not text:
        raise ledger.ReasonRequired("Say why: a reason is required.")
    if len(text) > MAX_REASON or not text.isprintable():
        raise TextRefused(f"A reason has at most {MAX_REASON} characters, all of them visible.", field="reason")
    return text


def set_on_hold(
    rows: Sequence[LoanInstallment], actor: User | None, *, on_hold: bool, delay: timedelta = timedelta(0)
) -> None:
    """Hold installments back, or let them go and move their dates. The interest stays as planned: a pause is free."""
    for row in rows:
        row.on_hold = on_hold
        row.due_on += delay
        row.accrues_from += delay
    if rows:
        fields = ["on_hold", "due_on", "accrues_from"]
        bulk_update_with_history(rows, LoanInstallment, fields, default_user=actor)


def save_status(loan: DriverLoan, status: str, reason: str, actor: User | None) -> DriverLoan:
    """Save where the loan stands, and why, with who said so."""
    loan.status = status
    loan.reason = reason
    loan._history_user = actor  # type: ignore[attr-defined]  # read by the history that this save writes
    loan.save(update_fields=["status", "reason"])
    return loan
