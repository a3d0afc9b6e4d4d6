"""Repairs at the office's desk: enter an invoice, look at its plan, hold, release and void it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from core.admin import Button, Fact, ReadOnlyAdmin, find_url
from core.admin.history import HistoryAdmin
from ledger.installments.pages import BandAdmin
from ledger.money import format_dollars
from repairs import selectors
from repairs.admin.pages.repairs import CreateInvoicePage, HoldPage, ReleasePage, SetBandsPage, VoidPage
from repairs.models import MaintenanceRule, RepairBand, RepairInvoice

Status = RepairInvoice.Status


#: The acts that fit a status: what the button says, its address, the permission, whether it undoes.
ACTS: dict[str, list[tuple[str, str, str, bool]]] = {
    Status.ACTIVE: [
        ("Hold for a dispute", "hold", "repairs.hold_repairinvoice", False),
        ("Void", "void", "repairs.void_repairinvoice", True),
    ],
    Status.ON_HOLD: [
        ("Release", "release", "repairs.hold_repairinvoice", False),
        ("Void", "void", "repairs.void_repairinvoice", True),
    ],
    Status.VOIDED: [],
}


@admin.register(RepairInvoice)
class RepairInvoiceAdmin(ReadOnlyAdmin, HistoryAdmin):
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
        ("invoiced_on", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
        ("vehicle", AutocompleteSelectFilter),
    ]
    search_fields = [
        "id__exact",
        "workshop_number__iexact",
        "vehicle__medallion__istartswith",
        "driver__last_name__istartswith",
        "driver__tlc_license__startswith",
    ]
    search_help_text = "Number of the repair or of the workshop's invoice, a medallion, last name or TLC license number"
    ordering = ["-id"]
    change_list_template = "ledger/installments/list.html"
    detail_template = "repairs/invoice.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("enter/", CreateInvoicePage, "repairs_repairinvoice_enter"),
            self.page("<int:record_id>/hold/", HoldPage, "repairs_repairinvoice_hold"),
            self.page("<int:record_id>/release/", ReleasePage, "repairs_repairinvoice_release"),
            self.page("<int:record_id>/void/", VoidPage, "repairs_repairinvoice_void"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RepairInvoice]:
        return selectors.list_invoices()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_enter = request.user.has_perm("repairs.add_repairinvoice")
        context = {
            "add_url": reverse("admin:repairs_repairinvoice_enter") if may_enter else "",
            "add_label": "Enter an invoice",
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.display(description="Amount")
    def money(self, invoice: RepairInvoice) -> str:
        return f"{invoice.amount:,.2f}"

    @display(description="State", label={"Active": "info", "On hold": "warning", "Voided": "danger"})
    def state(self, invoice: RepairInvoice) -> str:
        return invoice.get_status_display()

    def get_detail(self, request: HttpRequest, record: RepairInvoice) -> dict[str, Any]:
        site = self.admin_site
        return {
            "facts": [
                Fact("Driver", record.driver, find_url(site, request, record.driver)),
                Fact("Vehicle", record.vehicle, find_url(site, request, record.vehicle)),
                Fact("Lease", record.lease, find_url(site, request, record.lease)),
                Fact("Workshop", record.workshop),
                Fact("Workshop's invoice", record.workshop_number),
                Fact("Invoice date", record.invoiced_on),
                Fact("Amount", format_dollars(record.amount)),
                Fact("A week", format_dollars(record.weekly_amount)),
                Fact("Plan starts", record.starts_on),
                Fact("All charged at creation", "yes" if record.posts_at_once else ""),
                Fact("State", record.get_status_display()),
                Fact("Reason", record.reason),
            ],
            "buttons": [
                *(
                    Button(label, reverse(f"admin:repairs_repairinvoice_{name}", args=[record.pk]), is_dangerous)
                    for label, name, permission, is_dangerous in ACTS[record.status]
                    if request.user.has_perm(permission)
                ),
                Button("History", reverse("admin:repairs_repairinvoice_history", args=[record.pk])),
            ],
            "lines": record.lines.all(),
            "rows": selectors.list_schedule(record),
        }


@admin.register(RepairBand)
class RepairBandAdmin(BandAdmin):
    bands_page = SetBandsPage
    bands_url = "repairs_repairband_set"


@admin.register(MaintenanceRule)
class MaintenanceRuleAdmin(HistoryAdmin):
    list_display = ["lease_type", "effective_on", "is_owners", "citation"]
    list_filter = ["lease_type"]
