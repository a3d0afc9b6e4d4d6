"""From ``LOAN-3-4``, ``LOAN-3-PAYOFF`` and ``LOAN-3-INTEREST`` to the page of loan 3."""

from ledger.installments.sources import make_plan_finder
from loans.models import DriverLoan

find_page = make_plan_finder(
    prefix="LOAN", model=DriverLoan, label="Loan", permission="loans.view_driverloan", ends=("PAYOFF", "INTEREST")
)
