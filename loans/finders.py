"""What Find anything finds of loans: a loan by its number."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse

from core.finders import Found, FoundGroup
from core.sources import number_in
from loans.models import DriverLoan


def find_loans(term: str, user: Any, at: datetime) -> Iterator[FoundGroup]:
    """Find the loan of that number."""
    number = number_in(term, "LOAN")
    rows = [
        Found(
            reverse("admin:loans_driverloan_change", args=[loan.pk]),
            str(loan),
            loan.driver_id,
            f"{loan.disbursed_on:%b %-d, %Y} · {loan.get_status_display().lower()}",
            f"{loan.principal:,.2f}",
        )
        for loan in (DriverLoan.objects.filter(pk=number) if number else ())
    ]
    yield FoundGroup("Loans", "savings", rows, reverse("admin:loans_driverloan_changelist"), is_meant=True)
