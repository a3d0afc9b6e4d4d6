"""What Find anything finds of tickets: violations, summonses and tolls by number, and miscellaneous charges."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse

from core.finders import MAX_ROWS, Found, FoundGroup, cut
from core.sources import number_in
from tickets.models import MiscCharge, Ticket


def find_tickets(term: str, user: Any, at: datetime) -> Iterator[FoundGroup]:
    """Find tickets by the number of their document, or their reference."""
    number = term.upper()
    for kind in Ticket.Kind.values:
        number = number.removeprefix(f"{kind}-")
    tickets = Ticket.objects.filter(kind__in=Ticket.Kind.values, number=number).order_by("-pk")
    rows, is_cut = cut(
        Found(
            reverse("admin:tickets_ticket_change", args=[ticket.pk]),
            f"{ticket.get_kind_display()} {ticket.number}",
            ticket.driver_id,
            f"{ticket.at:%b %-d, %Y} · {ticket.get_state_display().lower()}",
            f"{ticket.amount:,.2f}",
        )
        for ticket in tickets[: MAX_ROWS + 1]
    )
    yield FoundGroup("Tickets", "toll", rows, reverse("admin:tickets_ticket_changelist"), is_cut, is_meant=True)


def find_charges(term: str, user: Any, at: datetime) -> Iterator[FoundGroup]:
    """Find the miscellaneous charge of that number."""
    number = number_in(term, "MISC")
    rows = [
        Found(
            reverse("admin:tickets_misccharge_change", args=[charge.pk]),
            str(charge),
            charge.driver_id,
            f"{charge.charged_on:%b %-d, %Y}",
            f"{charge.amount:,.2f}",
        )
        for charge in (MiscCharge.objects.filter(pk=number) if number else ())
    ]
    url = reverse("admin:tickets_misccharge_changelist")
    yield FoundGroup("Miscellaneous charges", "sell", rows, url, is_meant=True)
