"""Tickets, tolls and miscellaneous charges on the pages of a driver, a vehicle and a lease."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse

from core.admin import list_url
from core.dossier import (
    SHOWN,
    Act,
    Line,
    Linked,
    Notice,
    Section,
    Subject,
    Table,
    Tile,
    driver_url,
    register_act,
    register_notices,
    register_section,
    register_tiles,
)
from core.reports import say_figure
from core.words import say_amount, say_moment
from ledger.money import format_dollars
from tickets.models import Ticket


def read_tickets(request: HttpRequest, driver_id: int, today: date) -> Table:
    return _tell(Ticket.objects.filter(driver=driver_id), f"driver__id__exact={driver_id}", today)


def read_vehicle_tickets(request: HttpRequest, vehicle_id: int, today: date) -> Table:
    return _tell(Ticket.objects.filter(vehicle=vehicle_id), f"vehicle__id__exact={vehicle_id}", today)


def read_lease_tickets(request: HttpRequest, lease_id: int, today: date) -> Table:
    return _tell(Ticket.objects.filter(lease=lease_id), f"lease__id__exact={lease_id}", today)


def _tell(tickets: QuerySet[Ticket], narrowed: str, today: date) -> Table:
    newest = tickets.defer("received").select_related("driver").order_by("-id")
    return Table(
        columns=["What", "When", "Where", "Driver", "State", "Amount#"],
        lines=[
            Line(
                [
                    f"{ticket.get_kind_display()} {ticket.number}",
                    say_moment(ticket.at, told_on=today),
                    ticket.place or ticket.violation,
                    Linked(ticket.driver, driver_url(ticket.driver.pk)) if ticket.driver else "nobody yet",
                    ticket.get_state_display(),
                    say_figure(ticket.amount),
                ],
                reverse("admin:tickets_ticket_change", args=[ticket.pk]),
            )
            for ticket in newest[:SHOWN]
        ],
        empty="No ticket and no toll.",
        list_url=f"{reverse('admin:tickets_ticket_changelist')}?{narrowed}",
    )


def tell_waiting(standing: Any, today: date) -> list[Tile]:
    """Tell what of a vehicle waits in review."""
    waiting = Ticket.objects.waiting().filter(vehicle=standing.pk).aggregate(count=Count("pk"), amount=Sum("amount"))
    if not waiting["count"]:
        return [Tile("Tolls and tickets waiting", "None")]
    url = list_url(Ticket, vehicle__id__exact=standing.pk, state__exact=Ticket.State.WAITING.value)
    told = f"{waiting['count']:,} in review"
    return [Tile("Tolls and tickets waiting", format_dollars(waiting["amount"]), told, url)]


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
register_tiles(Subject.VEHICLE, 20, "tickets.view_ticket", tell_waiting)
for subject, read, rows in (
    (Subject.DRIVER, read_tickets, lambda driver_id: Ticket.objects.filter(driver=driver_id)),
    (Subject.VEHICLE, read_vehicle_tickets, lambda vehicle_id: Ticket.objects.filter(vehicle=vehicle_id)),
    (Subject.LEASE, read_lease_tickets, lambda lease_id: Ticket.objects.filter(lease=lease_id)),
):
    register_section(
        Section(
            of=subject,
            place=40,
            tab="Tickets and tolls",
            title="Tickets and tolls",
            permission="tickets.view_ticket",
            read=read,
            rows=rows,
        )
    )
register_act(
    Act(
        place=20,
        title="Add charge",
        permission="tickets.add_misccharge",
        url=lambda state: f"{reverse('admin:tickets_misccharge_enter')}?driver={state.pk}",
    )
)
register_act(
    Act(
        of=Subject.VEHICLE,
        place=15,
        title="Add ticket",
        permission="tickets.add_ticket",
        url=lambda standing: f"{reverse('admin:tickets_ticket_enter')}?vehicle={standing.pk}",
    )
)
register_act(
    Act(
        of=Subject.LEASE,
        place=44,
        title="Add charge",
        permission="tickets.add_misccharge",
        url=lambda standing: (
            f"{reverse('admin:tickets_misccharge_enter')}?driver={standing.lease.primary_driver_id}&lease={standing.pk}"
        ),
        is_further=True,
    )
)
