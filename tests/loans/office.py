"""What the tests of loans say over and over: lend 1,200.00 at 10 % on Tuesday, November 17, 2026."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from leases.models import Driver
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from loans import services
from loans.models import DriverLoan, LoanInstallment, LoanPayoff

TUESDAY = date(2026, 11, 17)
TODAY = date(2026, 11, 18)
THIS_SUNDAY = date(2026, 11, 15)
NEXT_SUNDAY = date(2026, 11, 22)
#: The Wednesday of the third week: two installments are charged by then.
THIRD_WEEK = date(2026, 12, 2)
#: What an act on a loan locks, in this order.
LOCKS = ["ledger_accounts", "loans_driverloan", "loans_loaninstallment"]


def facts_of(driver: Driver, **changed: Any) -> dict[str, Any]:
    return {
        "driver_id": driver.pk,
        "principal": Decimal("1200.00"),
        "rate_percent": Decimal("10"),
        "disbursed_on": TUESDAY,
        "method": "CASH",
        "starts_on": THIS_SUNDAY,
        "today": TODAY,
        "actor": None,
        **changed,
    }


def lend(driver: Driver, **changed: Any) -> DriverLoan:
    return services.disburse_loan(**facts_of(driver, **changed))


def hold(loan: DriverLoan, reason: str = "Ill", *, actor: User | None = None) -> DriverLoan:
    return services.hold_loan(loan_id=loan.pk, reason=reason, actor=actor)


def resume(loan: DriverLoan, starts_on: date = THIS_SUNDAY, today: date = TODAY) -> DriverLoan:
    return services.resume_loan(loan_id=loan.pk, starts_on=starts_on, today=today, actor=None)


def void(loan: DriverLoan, reason: str = "The check was never handed over") -> DriverLoan:
    """Void the loan in its third week."""
    return services.void_loan(loan_id=loan.pk, reason=reason, effective_on=THIRD_WEEK, actor=None)


def pay_off(loan: DriverLoan, on: date = THIRD_WEEK) -> LoanPayoff:
    return services.pay_off_loan(loan_id=loan.pk, as_of=on, today=on, actor=None)


def restore(loan: DriverLoan, starts_on: date = date(2026, 11, 29), today: date = THIRD_WEEK) -> DriverLoan:
    return services.restore_schedule(
        loan_id=loan.pk, reason="Payment bounced", starts_on=starts_on, today=today, effective_on=today, actor=None
    )


def write_off(loan: DriverLoan, on: date = THIRD_WEEK, reason: str = "Left the country") -> DriverLoan:
    return services.write_off_loan(loan_id=loan.pk, reason=reason, as_of=on, today=on, actor=None)


def count_rows() -> tuple[int, int, int, int]:
    """Loans, installments, payoffs and postings."""
    return (
        DriverLoan.objects.count(),
        LoanInstallment.objects.count(),
        LoanPayoff.objects.count(),
        LedgerPosting.objects.count(),
    )


def plan_of(loan: DriverLoan) -> list[tuple[str, str, str, str]]:
    """Each installment: due date, principal, interest, and whether it is posted, waits or is on hold."""
    return [
        (
            str(part.due_on),
            str(part.principal),
            str(part.interest),
            "posted" if part.posted_at else "held" if part.on_hold else "waits",
        )
        for part in loan.installments.order_by("number")
    ]


def books() -> list[tuple[str, str, str, str]]:
    """Every balance in the order it was opened: reference, original amount, what remains, status."""
    return [
        (balance.reference_id, str(balance.original_amount), str(balance.remaining), balance.status)
        for balance in LedgerBalance.objects.order_by("posting_id")
    ]


def post_due(on: date) -> None:
    ledger.post_scheduled_installments(as_of=on)


def pay(loan: DriverLoan, reference: str, amount: str) -> InterimPayment:
    """Take cash for one charge of the loan, in its third week."""
    return ledger.apply_interim_payment(
        payment_amount=Decimal(amount),
        allocations={reference: Decimal(amount)},
        driver_id=loan.driver_id,
        payment_method="CASH",
        effective_on=THIRD_WEEK,
    )
