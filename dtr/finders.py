"""What Find anything finds of the pay week: a DTR by its number."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from core.finders import Found, FoundGroup
from core.sources import number_in
from core.words import say_amount
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
            _say_net(dtr.net_due),
        )
        for dtr in (Dtr.objects.filter(number=number) if number else ())
    ]
    yield FoundGroup("DTRs", "description", rows, reverse("admin:dtr_dtr_changelist"), is_meant=True)


def _say_net(net_due: Decimal) -> str:
    """Return ``owes 369.25``, ``due to driver 12.00``; or nothing but the zero."""
    if not net_due:
        return say_amount(net_due)
    return f"owes {say_amount(-net_due)}" if net_due < 0 else f"due to driver {say_amount(net_due)}"
