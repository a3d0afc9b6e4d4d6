"""What the tests of repairs say over and over: enter an invoice in the week of November 15, 2026, hold it, void it."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from leases.models import Lease
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from repairs import services
from repairs.models import RepairInstallment, RepairInvoice, RepairLine

TODAY = date(2026, 11, 18)
THIS_SUNDAY = date(2026, 11, 15)
NEXT_SUNDAY = date(2026, 11, 22)
#: The Saturday of the first installment, and the Monday after it.
SATURDAY = date(2026, 11, 21)
NEXT_MONDAY = date(2026, 11, 23)
#: What an act on an invoice locks, in this order.
LOCKS = ["ledger_accounts", "repairs_repairinvoice", "repairs_repairinstallment"]


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


def hold(invoice: RepairInvoice, reason: str = "Dispute", *, actor: User | None = None) -> RepairInvoice:
    return services.hold_invoice(invoice_id=invoice.pk, reason=reason, actor=actor)


def resume(invoice: RepairInvoice, starts_on: date = THIS_SUNDAY, today: date = TODAY) -> RepairInvoice:
    return services.resume_invoice(invoice_id=invoice.pk, starts_on=starts_on, today=today, actor=None)


def void(
    invoice: RepairInvoice, reason: str = "Wrong", *, on: date = NEXT_MONDAY, actor: User | None = None
) -> RepairInvoice:
    """Void the invoice, on the Monday after its first installment fell due unless ``on`` says otherwise."""
    return services.void_invoice(invoice_id=invoice.pk, reason=reason, effective_on=on, actor=actor)


def post_due(on: date) -> None:
    ledger.post_scheduled_installments(as_of=on)


def books() -> list[tuple[str, str, str]]:
    """Every balance in the order it was opened: reference, what remains, status."""
    return [
        (balance.reference_id, str(balance.remaining), balance.status)
        for balance in LedgerBalance.objects.order_by("posting_id")
    ]


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
