"""What the tests of repairs say over and over: enter an invoice in the week of November 15, 2026."""

from datetime import date
from decimal import Decimal
from typing import Any

from leases.models import Lease
from ledger.models import LedgerPosting
from repairs import services
from repairs.models import RepairInstallment, RepairInvoice, RepairLine

TODAY = date(2026, 11, 18)
THIS_SUNDAY = date(2026, 11, 15)
NEXT_SUNDAY = date(2026, 11, 22)


def facts_of(lease: Lease, dollars: str = "500.50", **changed: Any) -> dict[str, Any]:
    return {
        "driver_id": lease.primary_driver_id,
        "vehicle_id": lease.vehicle_id,
        "workshop": "Queens Auto",
        "workshop_number": "QA-1",
        "invoiced_on": date(2026, 11, 16),
        "lines": [services.InvoiceItem("Parts and labor", Decimal(dollars))],
        "amount": Decimal(dollars),
        "starts_on": THIS_SUNDAY,
        "today": TODAY,
        "actor": None,
        **changed,
    }


def enter(lease: Lease, dollars: str = "500.50", **changed: Any) -> RepairInvoice:
    return services.create_invoice(**facts_of(lease, dollars, **changed))


def count_rows() -> tuple[int, int, int, int]:
    """Invoices, their lines and installments, and postings."""
    return (
        RepairInvoice.objects.count(),
        RepairLine.objects.count(),
        RepairInstallment.objects.count(),
        LedgerPosting.objects.count(),
    )


def plan_of(invoice: RepairInvoice) -> list[tuple[str, str, str, bool, bool]]:
    """Each installment: reference, due date, amount, whether it is posted, whether it is on hold."""
    return [
        (part.reference_id, str(part.due_on), str(part.amount), part.posted_at is not None, part.on_hold)
        for part in invoice.installments.order_by("number")
    ]
