"""What Find anything finds of repairs: a repair by its number, or by that of the workshop's invoice."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from core.finders import MAX_ROWS, Found, FoundGroup, cut
from core.sources import number_in
from repairs.models import RepairInvoice


def find_repairs(term: str, user: Any, at: datetime) -> Iterator[FoundGroup]:
    """Find repairs; of the workshop's number, the beginning is enough."""
    number = number_in(term, "REPAIR")
    named = Q(lower_number__startswith=term.lower()) | Q(pk=number or 0)
    invoices = RepairInvoice.objects.annotate(lower_number=Lower("workshop_number")).filter(named).order_by("-pk")
    rows, is_cut = cut(
        Found(
            reverse("admin:repairs_repairinvoice_change", args=[invoice.pk]),
            f"{invoice}, invoice {invoice.workshop_number}",
            invoice.driver_id,
            f"{invoice.workshop} · {invoice.get_status_display().lower()}",
            f"{invoice.amount:,.2f}",
        )
        for invoice in sorted(invoices[: MAX_ROWS + 1], key=lambda invoice: invoice.pk != number)
    )
    url = reverse("admin:repairs_repairinvoice_changelist")
    yield FoundGroup("Repairs", "build", rows, url, is_cut, is_meant=True)
