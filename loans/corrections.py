"""What corrects a loan's charges: never another amount, since an installment follows its schedule."""

from core.corrections import Charge
from ledger.selectors import find_balance_by_reference
from loans.models import DriverLoan, LoanInstallment

_RUNNING = (DriverLoan.Status.ACTIVE, DriverLoan.Status.ON_HOLD)


def say_loan_act(charge: Charge) -> str | None:
    """A running loan's installment that was voided in the ledger is charged again; nothing else would bring it back."""
    installments = LoanInstallment.objects.filter(
        reference_id=charge.reference_id, posted_at__isnull=False, loan__status__in=_RUNNING
    )
    if find_balance_by_reference(charge.reference_id) is None and installments.exists():
        return None
    return (
        f"{charge.reference_id} follows its loan's schedule. On the loan's page it can be held, paid off, restored, "
        "written off or voided."
    )
