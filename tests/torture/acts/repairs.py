"""Workshop invoices in weekly installments."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from leases.models import Lease
from ledger.installments.rules import Band
from repairs import services as repairs
from repairs.models import RepairInvoice
from tests.torture.books import Change, check
from tests.torture.engine import Torture, act
from tests.torture.fleet import cents_of as cents
from tests.torture.steps import Step


@act("repairs.create_invoice", "repairs.preview_invoice", weight=5)
def enter(t: Torture) -> Step | None:
    lease: Any = t.pick(Lease.objects.order_by("pk"))
    if lease is None:
        return None
    amount, at_once = t.dollars(1000, 150_000), t.maybe(0.2)
    facts: dict[str, Any] = {
        "driver_id": lease.primary_driver_id,
        "vehicle_id": lease.vehicle_id,
        "lease_id": lease.pk,
        "workshop": t.chance.choice(("Queens Auto", "Northern Boulevard Auto")),
        "workshop_number": f"W-{t.number()}",
        "invoiced_on": t.today,
        "lines": [repairs.InvoiceItem("Brakes", amount)],
        "amount": amount,
        "starts_on": t.week.start + timedelta(days=7 * t.chance.randint(0, 1)),
        "today": t.today,
        "posts_at_once": at_once,
        "actor": t.memory["office"],
    }
    if t.maybe(0.2):
        return Step("repairs.preview_invoice", repairs.preview_invoice, facts, only_looks=True)
    if t.maybe(0.1):
        facts["lines"] = [repairs.InvoiceItem("Brakes", amount + 1)]
        return Step("repairs.create_invoice", repairs.create_invoice, facts, must_refuse=True)

    def told(invoice: RepairInvoice) -> Change:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(amount * 100)::bigint FROM repairs_repairinstallment WHERE invoice_id = %s", [invoice.pk]
            )
            check(cursor.fetchone()[0] == cents(amount), "The installments come to the invoice")
        return Change().add(lease.primary_driver_id, owed=cents(amount) if at_once else 0)

    return Step("repairs.create_invoice", repairs.create_invoice, facts, told, again="refused")


@act("repairs.hold_invoice", "repairs.resume_invoice", "repairs.void_invoice", weight=4)
def change(t: Torture) -> Step | None:
    invoice: Any = t.pick(RepairInvoice.objects.order_by("-pk")[:25])
    if invoice is None:
        return None
    by = {"invoice_id": invoice.pk, "actor": t.memory["office"]}
    if invoice.status == "ON_HOLD" and t.maybe(0.7):
        by |= {"starts_on": t.week.start, "today": t.today}
        return Step("repairs.resume_invoice", repairs.resume_invoice, by, again="refused")
    by["reason"] = t.reason()
    if t.maybe(0.6):
        return Step("repairs.hold_invoice", repairs.hold_invoice, by, again="refused")
    undone = Change()
    for balance in t.books.live.values():
        if balance.reference.startswith(f"REPAIR-{invoice.pk}-"):
            t.books.undo_opening(balance, undone)
    by["effective_on"] = t.today
    return Step("repairs.void_invoice", repairs.void_invoice, by, undone, again="refused")


@act("repairs.set_plan_bands", weight=1)
def bands(t: Torture) -> Step | None:
    facts = {
        "effective_on": t.today + timedelta(days=t.chance.choice((0, 7, -1))),
        "bands": [
            Band(Decimal(t.chance.randint(100, 400)), Decimal(50)),
            Band(None, Decimal(t.chance.randint(100, 300))),
        ],
        "today": t.today,
        "actor": t.memory["supervisor"],
    }
    return Step("repairs.set_plan_bands", repairs.set_plan_bands, facts)
