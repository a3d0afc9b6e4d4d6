"""Repairs on a driver's page."""

from datetime import date

from django.http import HttpRequest
from django.urls import reverse

from core.dossier import SHOWN, Act, Line, Section, Table, register_act, register_section
from core.words import say_amount, say_day
from repairs.models import RepairInvoice


def read_invoices(request: HttpRequest, driver_id: int, today: date) -> Table:
    invoices = RepairInvoice.objects.filter(driver=driver_id).select_related("vehicle").order_by("-id")[:SHOWN]
    return Table(
        columns=["Repair", "Workshop", "Cab", "Invoice of", "State", "Amount#", "A week#"],
        lines=[
            Line(
                [
                    invoice,
                    f"{invoice.workshop}, invoice {invoice.workshop_number}",
                    invoice.vehicle.medallion,
                    say_day(invoice.invoiced_on, told_on=today),
                    invoice.get_status_display(),
                    say_amount(invoice.amount),
                    say_amount(invoice.weekly_amount),
                ],
                reverse("admin:repairs_repairinvoice_change", args=[invoice.pk]),
            )
            for invoice in invoices
        ],
        empty="No repair was charged.",
        list_url=f"{reverse('admin:repairs_repairinvoice_changelist')}?driver__id__exact={driver_id}",
    )


register_section(
    Section(
        place=30,
        tab="Plans",
        title="Repairs",
        permission="repairs.view_repairinvoice",
        read=read_invoices,
        rows=lambda driver_id: RepairInvoice.objects.filter(driver=driver_id),
    )
)
register_act(
    Act(
        place=30,
        title="Start repair",
        permission="repairs.add_repairinvoice",
        url=lambda driver_id: f"{reverse('admin:repairs_repairinvoice_enter')}?driver={driver_id}",
    )
)
