"""From ``REPAIR-5-2`` to the page of invoice 5."""

import re

from django.urls import reverse

from core.sources import SourcePage
from repairs.models import RepairInvoice

_REFERENCE = re.compile(r"REPAIR-([1-9][0-9]{0,17})-[0-9]{1,9}")


def find_page(reference_id: str) -> SourcePage | None:
    """Return the page of the invoice that a reference stands for; None where there is none."""
    match = _REFERENCE.fullmatch(reference_id)
    if match is None or not RepairInvoice.objects.filter(pk=int(match.group(1))).exists():
        return None
    return SourcePage(
        f"Repair {match.group(1)}",
        reverse("admin:repairs_repairinvoice_change", args=[match.group(1)]),
        "repairs.view_repairinvoice",
    )
