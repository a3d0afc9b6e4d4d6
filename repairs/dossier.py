"""Repairs on the pages of a driver, a vehicle and a lease, and what became of them."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.changes import read_changes
from core.dossier import (
    SHOWN,
    Act,
    Before,
    Event,
    Line,
    Linked,
    Section,
    Source,
    Subject,
    Table,
    driver_url,
    register_act,
    register_events,
    register_section,
    vehicle_url,
)
from core.words import say_amount, say_day
from ledger.installments.words import say_plan_change
from repairs.models import RepairInvoice


def read_invoices(request: HttpRequest, driver_id: int, today: date) -> Table:
    return _tell(RepairInvoice.objects.filter(driver=driver_id), f"driver__id__exact={driver_id}", today)


def read_vehicle_invoices(request: HttpRequest, vehicle_id: int, today: date) -> Table:
    return _tell(RepairInvoice.objects.filter(vehicle=vehicle_id), f"vehicle__id__exact={vehicle_id}", today)


def read_lease_invoices(request: HttpRequest, lease_id: int, today: date) -> Table:
    return _tell(RepairInvoice.objects.filter(lease=lease_id), f"lease__id__exact={lease_id}", today)


def _tell(invoices: QuerySet[RepairInvoice], narrowed: str, today: date) -> Table:
    return Table(
        columns=["Repair", "Workshop", "Cab", "Driver", "Invoice of", "State", "Amount#", "A week#"],
        lines=[
            Line(
                [
                    invoice,
                    f"{invoice.workshop}, invoice {invoice.workshop_number}",
                    Linked(invoice.vehicle.medallion, vehicle_url(invoice.vehicle_id)),
                    Linked(invoice.driver, driver_url(invoice.driver_id)),
                    say_day(invoice.invoiced_on, told_on=today),
                    invoice.get_status_display(),
                    say_amount(invoice.amount),
                    say_amount(invoice.weekly_amount),
                ],
                reverse("admin:repairs_repairinvoice_change", args=[invoice.pk]),
            )
            for invoice in invoices.select_related("vehicle", "driver").order_by("-id")[:SHOWN]
        ],
        empty="No repair was charged.",
        list_url=f"{reverse('admin:repairs_repairinvoice_changelist')}?{narrowed}",
    )


def _read_events(column: str) -> Callable[[int, Before, int], Sequence[Event]]:
    def read(record_id: int, before: Before, most: int) -> Sequence[Event]:
        return read_changes(RepairInvoice, Q(**{column: record_id}), before, most, say=_say_change, url=_url_of)

    return read


def _say_change(newer: Any, older: Any) -> str:
    if older is None:
        return (
            f"Repair started: {newer.workshop}, invoice {newer.workshop_number}, ${say_amount(newer.amount)}, "
            f"${say_amount(newer.weekly_amount)} a week"
        )
    return say_plan_change("Repair", RepairInvoice, newer, older)


def _list_of(column: str, record_id: int) -> QuerySet[RepairInvoice]:
    return RepairInvoice.objects.filter(**{column: record_id})


def _url_of(row: Any) -> str:
    return reverse("admin:repairs_repairinvoice_change", args=[row.id])


for subject, tab, read, column in (
    (Subject.DRIVER, "Plans", read_invoices, "driver_id"),
    (Subject.VEHICLE, "Repairs", read_vehicle_invoices, "vehicle_id"),
    (Subject.LEASE, "Plans", read_lease_invoices, "lease_id"),
):
    register_section(
        Section(
            of=subject,
            place=35,
            tab=tab,
            title="Repairs",
            permission="repairs.view_repairinvoice",
            read=read,
            rows=partial(_list_of, column),
        )
    )
    register_events(
        Source(of=subject, name="repairs", permission="repairs.view_repairinvoice", read=_read_events(column))
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
