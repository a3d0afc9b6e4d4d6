"""From a reference of the ledger to the opening that it came with."""

import re

from django.urls import reverse

from core.sources import SourcePage
from golive.models import OpeningRow
from golive.rules import CREDITS, DEBTS, DEPOSITS

_OPENING = re.compile(r"OPEN-(DEBT|CREDIT|DEPOSIT)-(.+)")
_SHEETS = {"DEBT": DEBTS.name, "CREDIT": CREDITS.name, "DEPOSIT": DEPOSITS.name}


def find_opening_page(reference_id: str) -> SourcePage | None:
    """Return the page of the workbook that an opening debt, credit or deposit came in; None where none did."""
    match = _OPENING.fullmatch(reference_id)
    if match is None:
        return None
    rows = OpeningRow.objects.filter(sheet=_SHEETS[match[1]], reference=match[2]).select_related("opening")
    row = rows.defer("opening__content", "opening__pages").first()
    if row is None:
        return None
    url = reverse("admin:golive_openingimport_change", args=[row.opening_id])
    return SourcePage(str(row.opening), url, "golive.view_openingimport")
