"""What Find anything finds of the pay week: a DTR by its number."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse

from core.finders import Found, FoundGroup
from core.sources import number_in
from dtr.models import Dtr


def find_dtrs(term: str, user: Any, at: datetime) -> Iterator[FoundGroup]:
    """Find the DTR of that number."""
    number = number_in(term, "DTR")
    rows = [
        Found(
            reverse("admin:dtr_dtr_change", args=[dtr.pk]),
            dtr.reference_id,
            dtr.driver_id,
            f"week ending {dtr.week_id:%b %-d, %Y}",
            f"{dtr.net_due:,.2f}",
        )
        for dtr in (Dtr.objects.filter(number=number) if number else ())
    ]
    yield FoundGroup("DTRs", "description", rows, reverse("admin:dtr_dtr_changelist"), is_meant=True)
