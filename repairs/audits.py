"""The promises of repairs, checked from the rows. That a posted mark tells the truth is the ledger's own audit."""

from collections.abc import Iterator

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.audits import audit
from ledger import selectors as ledger
from ledger.categories import Status
from repairs.models import RepairInstallment, RepairInvoice, RepairLine

#: A promise broken a thousand times is broken.
MAX_FINDINGS = 1000
REFERENCES_AT_ONCE = 5000


@audit("repairs.sums", "The lines and the installments of an invoice each add up to its amount, to the cent.")
def find_wrong_sums() -> Iterator[str]:
    for model, noun in ((RepairLine, "lines"), (RepairInstallment, "installments")):
        invoices = RepairInvoice.objects.annotate(together=_sum_of(model)).exclude(together=F("amount"))
        for invoice in invoices.order_by("pk")[:MAX_FINDINGS]:
            yield f"{invoice}: its {noun} add up to {invoice.together}, the invoice is {invoice.amount}."


@audit("repairs.holds", "Installments wait on hold exactly while their invoice is on hold or voided.")
def find_wrong_holds() -> Iterator[str]:
    unposted = RepairInstallment.objects.filter(posted_at=None).select_related("invoice").order_by("pk")
    active = RepairInvoice.Status.ACTIVE
    for row in unposted.filter(on_hold=True, invoice__status=active)[:MAX_FINDINGS]:
        yield f"{row} is on hold, and {row.invoice} is active."
    for row in unposted.filter(on_hold=False).exclude(invoice__status=active)[:MAX_FINDINGS]:
        yield f"{row} will be charged, and {row.invoice} is {row.invoice.get_status_display().lower()}."


@audit("repairs.voids", "Nothing of a voided invoice is owed.")
def find_charges_of_voided() -> Iterator[str]:
    voided = RepairInstallment.objects.filter(invoice__status=RepairInvoice.Status.VOIDED, posted_at__isnull=False)
    references = list(voided.order_by("pk").values_list("reference_id", flat=True))
    for start in range(0, len(references), REFERENCES_AT_ONCE):
        chunk = references[start : start + REFERENCES_AT_ONCE]
        for balance in ledger.list_balances_by_reference(chunk):
            if balance.status != Status.VOIDED:
                yield f"{balance.reference_id} of a voided invoice is {balance.get_status_display().lower()}."


def _sum_of(model: type[RepairLine] | type[RepairInstallment]) -> Coalesce:
    rows: QuerySet = model._default_manager.filter(invoice=OuterRef("pk")).order_by()
    sums = rows.values("invoice").annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(sums), Value(0), output_field=DecimalField(max_digits=14, decimal_places=2))
