"""From an installment's reference to the page of its plan; and never to the wrong one."""

import pytest

from ledger.installments.sources import make_plan_finder
from loans.models import DriverLoan
from repairs.models import RepairInvoice
from tests.ledger.admin_pages import url_of
from tests.loans.factories import DriverLoanFactory
from tests.repairs.factories import RepairInvoiceFactory

pytestmark = pytest.mark.django_db

find_invoice = make_plan_finder(prefix="FIX", model=RepairInvoice, label="Job", permission="repairs.view_repairinvoice")
find_loan = make_plan_finder(
    prefix="LEND", model=DriverLoan, label="Loan", permission="loans.view_driverloan", ends=("PAYOFF",)
)


def test_a_reference_is_its_plans_page() -> None:
    invoice = RepairInvoiceFactory.create()
    page = find_invoice(f"FIX-{invoice.pk}-12")
    assert page is not None
    assert (page.label, page.url, page.permission) == (
        f"Job {invoice.pk}",
        url_of("repairs_repairinvoice_change", invoice.pk),
        "repairs.view_repairinvoice",
    )


def test_another_ending_is_known_only_where_there_is_one() -> None:
    loan, invoice = DriverLoanFactory.create(), RepairInvoiceFactory.create()
    assert find_loan(f"LEND-{loan.pk}-PAYOFF") == find_loan(f"LEND-{loan.pk}-1")
    assert find_invoice(f"FIX-{invoice.pk}-PAYOFF") is None


@pytest.mark.parametrize(
    "reference",
    [
        "FIX-{pk}",
        "FIX-{pk}-",
        "FIX-{pk}-x",
        "FIX-0{pk}-1",
        "fix-{pk}-1",
        "FIX-{pk}-1\n",
        " FIX-{pk}-1",
        "FIX-{pk}-1-1",
        "FIX-{pk}-1234567890",
        "REPAIR-{pk}-1",
        "FIX-99999999999999999999-1",
        "FIX-999999999-1",
        "",
    ],
)
def test_whatever_else_is_nobodys(reference: str) -> None:
    assert find_invoice(reference.format(pk=RepairInvoiceFactory.create().pk)) is None
