"""Tickets, tolls and miscellaneous charges on a driver's page."""

from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest
from django.urls import reverse

from core.dossier import (
    SHOWN,
    Act,
    Line,
    Notice,
    Section,
    Table,
    register_act,
    register_notices,
    register_section,
)
from core.reports import say_figure
from core.words import say_amount, say_moment
from tickets.models import Ticket


def read_tickets(request: HttpRequest, driver_id: int, today: date) -> Table:
    tickets = Ticket.objects.filter(driver=driver_id).defer("received").order_by("-id")[:SHOWN]
    return Table(
        columns=["What", "When", "Where", "State", "Amount#"],
        lines=[
            Line(
                [
                    f"{ticket.get_kind_display()} {ticket.number}",
                    say_moment(ticket.at, told_on=today),
                    ticket.place or ticket.violation,
                    ticket.get_state_display(),
                    say_figure(ticket.amount),
                ],
                reverse("admin:tickets_ticket_change", args=[ticket.pk]),
            )
            for ticket in tickets
        ],
        empty="No ticket and no toll.",
        list_url=f"{reverse('admin:tickets_ticket_changelist')}?driver__id__exact={driver_id}",
    )


def tell_disputes(driver_id: int, today: date) -> Sequence[Notice]:
    """Tell the newest ticket that is in dispute, and how many more there are."""
    open_ones = Ticket.objects.filter(driver=driver_id, state=Ticket.State.DISPUTED).defer("received")
    disputed = list(open_ones.order_by("-id")[:SHOWN])
    if not disputed:
        return []
    first = disputed[0]
    more = f" There are {len(disputed) - 1} more." if len(disputed) > 1 else ""
    return [
        Notice(
            f"{first.get_kind_display()} {first.number} is in dispute.",
            f"${say_amount(first.amount)} is not charged until it is decided.{more}",
            reverse("admin:tickets_ticket_change", args=[first.pk]),
            "See the ticket",
        )
    ]


register_notices("tickets.view_ticket", tell_disputes)
register_section(
    Section(
        place=40,
        tab="Tickets and tolls",
        title="Tickets and tolls",
        permission="tickets.view_ticket",
        read=read_tickets,
        rows=lambda driver_id: Ticket.objects.filter(driver=driver_id),
    )
)
register_act(
    Act(
        place=20,
        title="Add charge",
        permission="tickets.add_misccharge",
        url=lambda driver_id: f"{reverse('admin:tickets_misccharge_enter')}?driver={driver_id}",
    )
)
