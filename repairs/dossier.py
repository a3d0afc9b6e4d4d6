"""Repairs on the pages of a driver, a vehicle and a lease, and what became of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from core.admin import list_url
from core.dossier import Act, Linked, Subject, Tile, driver_url, register_act, register_tiles, vehicle_url
from core.words import say_amount, say_day
from ledger.installments.dossier import Plans, register_plans
from ledger.money import format_dollars
from repairs import selectors
from repairs.models import RepairInvoice


def tell_repair(invoice: RepairInvoice, today: date) -> Sequence[Any]:
    return [
        f"{invoice.workshop}, invoice {invoice.workshop_number}",
        Linked(invoice.vehicle.medallion, vehicle_url(invoice.vehicle_id)),
        Linked(invoice.driver, driver_url(invoice.driver_id)),
        say_day(invoice.invoiced_on, told_on=today),
        invoice.get_status_display(),
        say_amount(invoice.amount),
        say_amount(invoice.weekly_amount),
    ]


def say_repair_started(invoice: Any) -> str:
    return (
        f"Repair started: {invoice.workshop}, invoice {invoice.workshop_number}, ${say_amount(invoice.amount)}, "
        f"${say_amount(invoice.weekly_amount)} a week"
    )


def tell_open_repairs(standing: Any, today: date) -> list[Tile]:
    """Tell of how many repairs of a vehicle something is still to be charged, and how much."""
    invoices, left = selectors.sum_left(standing.pk)
    if not invoices:
        return [Tile("Repairs open", "None")]
    url = list_url(RepairInvoice, vehicle__id__exact=standing.pk, charges="left")
    return [Tile("Repairs open", f"{invoices:,}", f"{format_dollars(left)} not charged yet", url)]


register_plans(
    Plans(
        model=RepairInvoice,
        word="Repair",
        title="Repairs",
        place=35,
        related=["vehicle", "driver"],
        columns=["Workshop", "Cab", "Driver", "Invoice of", "State", "Amount#", "A week#"],
        beside=["State", "A week#"],
        tell=tell_repair,
        begin=say_repair_started,
        empty="No repair was charged.",
    ),
    {Subject.DRIVER: "Plans", Subject.VEHICLE: "Repairs", Subject.LEASE: "Plans"},
)
register_act(
    Act(
        of=Subject.VEHICLE,
        place=10,
        title="Start repair",
        permission="repairs.add_repairinvoice",
        url=lambda standing: f"{reverse('admin:repairs_repairinvoice_enter')}?vehicle={standing.pk}",
    )
)
register_act(
    Act(
        place=30,
        title="Start repair",
        permission="repairs.add_repairinvoice",
        url=lambda state: f"{reverse('admin:repairs_repairinvoice_enter')}?driver={state.pk}",
    )
)
register_act(
    Act(
        of=Subject.LEASE,
        place=45,
        title="Start repair",
        permission="repairs.add_repairinvoice",
        url=lambda standing: (
            f"{reverse('admin:repairs_repairinvoice_enter')}?driver={standing.lease.primary_driver_id}"
            f"&vehicle={standing.lease.vehicle_id}&lease={standing.pk}"
        ),
        is_further=True,
    )
)
register_tiles(Subject.VEHICLE, 30, "repairs.view_repairinvoice", tell_open_repairs)
