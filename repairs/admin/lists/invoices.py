"""Repair invoices: the list, and one invoice with its lines and its plan."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter

from core.admin import AnswerFilter, Fact, ListSum, Part, money_cell
from core.admin.search import number_in
from ledger.installments.admin import PlanAct, PlanAdmin
from ledger.money import format_dollars
from repairs import selectors
from repairs.admin.pages.invoices import CreateInvoicePage, HoldInvoicePage, ResumeInvoicePage, VoidInvoicePage
from repairs.admin.pages.several import HoldInvoicesPage, ResumeInvoicesPage
from repairs.models import RepairInvoice

Status = RepairInvoice.Status

_HOLD = PlanAct("Hold for a dispute", "hold", HoldInvoicePage)
_RESUME = PlanAct("Resume", "resume", ResumeInvoicePage)
_VOID = PlanAct("Void", "void", VoidInvoicePage, is_dangerous=True)


class ChargesLeftFilter(AnswerFilter):
    title = "charges"
    parameter_name = "charges"
    answers = {"left": ("Some still to come", selectors.has_charges_left)}


@admin.register(RepairInvoice)
class RepairInvoiceAdmin(PlanAdmin):
    list_display = [
        "__str__",
        "driver",
        "vehicle",
        "workshop",
        "workshop_number",
        "invoiced_on",
        "money",
        "state",
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ChargesLeftFilter,
        ("invoiced_on", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
        ("vehicle", AutocompleteSelectFilter),
    ]
    several_pages = (HoldInvoicesPage, ResumeInvoicesPage)
    list_sum = ListSum(
        (Part("amount", where=~Q(status=Status.VOIDED)),),
        counted=~Q(status=Status.VOIDED),
        apart=Part("amount", "voided", Q(status=Status.VOIDED)),
    )
    sortable_by = ["invoiced_on", "money"]
    indexed_order = ("invoiced_on",)
    search_fields = ["id"]
    search_help_text = "Number of the repair or of the workshop's invoice, a medallion, or a driver"
    detail_template = "repairs/invoice.html"
    acts = {Status.ACTIVE: [_HOLD, _VOID], Status.ON_HOLD: [_RESUME, _VOID], Status.VOIDED: []}
    new_page = CreateInvoicePage
    new_name = "enter"
    new_label = "Enter an invoice"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RepairInvoice]:
        return selectors.list_invoices()

    def find_exactly(self, term: str) -> Q | None:
        number = number_in(term, "REPAIR")
        named = Q(pk=number or 0) | Q(workshop_number__iexact=term)
        # A medallion is found by its first signs too; a mere number is a repair's.
        return named | Q(vehicle__medallion__istartswith=term) if number is None else named

    @admin.display(description="Amount", ordering="amount")
    def money(self, invoice: RepairInvoice) -> str:
        return money_cell(invoice.amount, is_void=self.is_void(invoice))

    def dollars_of(self, invoice: RepairInvoice) -> Decimal:
        return invoice.amount

    def is_void(self, invoice: RepairInvoice) -> bool:
        return invoice.status == Status.VOIDED

    def get_detail(self, request: HttpRequest, record: RepairInvoice) -> dict[str, Any]:
        return {
            "facts": [
                Fact("Driver", record.driver, self.link_to(request, record.driver)),
                Fact("Vehicle", record.vehicle, self.link_to(request, record.vehicle)),
                Fact("Lease", record.lease, self.link_to(request, record.lease)),
                Fact("Workshop", record.workshop),
                Fact("Workshop's invoice", record.workshop_number),
                Fact("Signed paper's number", record.paper_number),
                Fact("Invoice date", record.invoiced_on),
                Fact("Amount", format_dollars(record.amount)),
                Fact("Weekly amount", format_dollars(record.weekly_amount)),
                Fact("Plan starts", record.starts_on),
                Fact("All charged at creation", "yes" if record.posts_at_once else ""),
                Fact("State", record.get_status_display()),
                Fact("Reason", record.reason),
            ],
            "buttons": self.list_acts(request, record),
            "lines": record.lines.all(),
            "rows": selectors.list_schedule(record),
        }
