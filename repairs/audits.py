"""The promises of repairs, checked from the rows. That a posted mark tells the truth is the ledger's own audit."""

from collections.abc import Iterator

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core import guards
from core.audits import audit
from ledger import selectors as ledger
from ledger.installments import audits as plans
from repairs.models import RepairInstallment, RepairInvoice, RepairLine


@audit("repairs.guards", "What guards the repairs stands as it was shipped, and nothing else beside it.")
def find_changed_guards() -> Iterator[str]:
    yield from guards.find_changed_guards("repairs")


@audit("repairs.sums", "The lines and the installments of an invoice each add up to its amount, to the cent.")
def find_wrong_sums() -> Iterator[str]:
    for model, noun in ((RepairLine, "lines"), (RepairInstallment, "installments")):
        invoices = RepairInvoice.objects.annotate(together=_sum_of(model)).exclude(together=F("amount"))
        for invoice in invoices.order_by("pk")[: plans.MAX_FINDINGS]:
            yield f"{invoice}: its {noun} add up to {invoice.together}, the invoice is {invoice.amount}."


@audit("repairs.holds", "Installments wait on hold exactly while their invoice is on hold or voided.")
def find_wrong_holds() -> Iterator[str]:
    return plans.find_wrong_holds(RepairInstallment, "invoice")


@audit("repairs.voids", "Nothing of a voided invoice is owed.")
def find_charges_of_voided() -> Iterator[str]:
    return plans.find_charges_of_voided(RepairInstallment, "invoice", noun="invoice")


@audit("repairs.sources", "Whatever is posted of a repair is an installment of it, its driver's and its lease's.")
def find_postings_of_no_repair() -> Iterator[str]:
    yield from ledger.find_wrong_sources(("REPAIR",), _RECORDS)


_RECORDS = """
    SELECT i.reference_id, ARRAY['OBLIGATION REPAIR'] AS shapes, r.driver_id, r.lease_id, NULL::date AS effective_on,
        NULL::date AS due_on, false AS is_gone
    FROM repairs_repairinstallment i JOIN repairs_repairinvoice r ON r.id = i.invoice_id
"""


def _sum_of(model: type[RepairLine] | type[RepairInstallment]) -> Coalesce:
    rows: QuerySet = model._default_manager.filter(invoice=OuterRef("pk")).order_by()
    sums = rows.values("invoice").annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(sums), Value(0), output_field=DecimalField(max_digits=14, decimal_places=2))
