"""What the fleet pays of tickets, in the books: the transfer that says so, or the way to record it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from core.admin import Button, Fact
from core.words import say_full_day
from ledger.money import format_dollars
from tickets import selectors
from tickets.models import Ticket


def describe_borne(request: HttpRequest, ticket: Ticket) -> list[Fact]:
    """Return the transfers that have the ticket as borne by the fleet."""
    may_see = request.user.has_perm("ledger.view_transfer")
    return [
        Fact(
            "Borne by the fleet",
            f"{format_dollars(transfer.amount)} on {say_full_day(transfer.effective_on)}",
            reverse("admin:ledger_transfer_change", args=[transfer.pk]) if may_see else "",
        )
        for transfer in selectors.list_borne([ticket])
    ]


def list_borne_buttons(user: Any, ticket: Ticket) -> list[Button]:
    """Return the way to record that a ticket was paid by the fleet, while nobody has."""
    if ticket.state != Ticket.State.FLEET_PAYS or not user.has_perm("ledger.add_transfer"):
        return []
    if selectors.list_borne([ticket]):
        return []
    return [Button("Record it as borne", find_borne_url(ticket))]


def find_borne_url(ticket: Ticket) -> str:
    """The page on which it is recorded, with what is known filled in."""
    known = urlencode({"amount": f"{ticket.amount:.2f}", "reference_id": ticket.reference_id})
    return f"{reverse('admin:ledger_transfer_record', args=['borne'])}?{known}"
