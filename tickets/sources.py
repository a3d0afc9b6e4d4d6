"""From ``PVB-4664359196``, ``EZPASS-90000000006-REFUND`` or ``MISC-88`` to the page of the ticket or the charge.

Nothing is looked up here, since a list asks for each of its rows: a ticket's address is found when it is opened.
"""

import re

from django.urls import reverse

from core.sources import SourcePage
from tickets.rules import REFUND_SUFFIX

_TICKET = re.compile(r"(PVB|TLC|EZPASS)-[A-Z0-9][A-Z0-9-]{0,46}")
_CHARGE = re.compile(r"MISC-([1-9][0-9]{0,17})")


def find_ticket_page(reference_id: str) -> SourcePage | None:
    """Return the page of the ticket that a reference stands for; None where it can stand for none."""
    if not _TICKET.fullmatch(reference_id):
        return None
    url = reverse("admin:tickets_ticket_of_reference", args=[reference_id])
    return SourcePage(reference_id.removesuffix(REFUND_SUFFIX), url, "tickets.view_ticket")


def find_charge_page(reference_id: str) -> SourcePage | None:
    """Return the page of the miscellaneous charge that a reference stands for."""
    match = _CHARGE.fullmatch(reference_id)
    if match is None:
        return None
    url = reverse("admin:tickets_misccharge_change", args=[match.group(1)])
    return SourcePage(reference_id, url, "tickets.view_misccharge")
