"""From ``LOAN-3-4`` and ``LOAN-3-PAYOFF`` to the page of loan 3."""

import re

from django.urls import reverse

from core.sources import SourcePage
from loans.models import DriverLoan

_REFERENCE = re.compile(r"LOAN-([1-9][0-9]{0,17})-([0-9]{1,9}|PAYOFF)")


def find_page(reference_id: str) -> SourcePage | None:
    """Return the page of the loan that a reference stands for; None where there is none."""
    match = _REFERENCE.fullmatch(reference_id)
    if match is None or not DriverLoan.objects.filter(pk=int(match.group(1))).exists():
        return None
    return SourcePage(
        f"Loan {match.group(1)}",
        reverse("admin:loans_driverloan_change", args=[match.group(1)]),
        "loans.view_driverloan",
    )
