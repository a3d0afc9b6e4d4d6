"""Repairs at the office's desk: enter an invoice, look at its plan, hold, release and void it."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from config.kit.admin import ActPage, Button, Fact, ReadOnlyAdmin, find_url
from config.kit.admin.history import HistoryAdmin
from ledger.money import format_dollars
from ledger.plan_pages import BandAdmin, BandsPage, PlanActPage, ResumeForm
from ledger.plans import Band
from ledger.selectors import PlanRow
from repairs import selectors, services
from repairs.forms import InvoiceForm
from repairs.models import MaintenanceRule, RepairBand, RepairInvoice
from repairs.rules import PlannedInstallment

Status = RepairInvoice.Status


class CreateInvoicePage(ActPage):
    permission_required = "repairs.add_repairinvoice"
    title = "Enter a repair invoice"
    template_name = "repairs/create_invoice.html"
    form_class = InvoiceForm
    verb = "Enter the invoice"
    has_preview = True
    inputs = {"lines": "line_0"}

    def facts_of(self, form: forms.Form) -> dict[str, Any]:
        assert isinstance(form, InvoiceForm)
        typed = form.cleaned_data
        return {
            "driver_id": typed["driver"].pk,
            "vehicle_id": typed["vehicle"].pk,
            "lease_id": typed["lease"].pk if typed["lease"] else None,
            "workshop": typed["workshop"],
            "workshop_number": typed["workshop_number"],
            "invoiced_on": typed["invoiced_on"],
            "lines": form.lines(),
            "amount": typed["amount"],
            "starts_on": typed["starts_on"],
            "posts_at_once": typed["posts_at_once"],
            "today": timezone.localdate(),
            "actor": self.actor,
        }

    def preview(self, form: forms.Form) -> list[PlannedInstallment]:
        return services.preview_invoice(**self.facts_of(form))

    def act(self, form: forms.Form) -> RepairInvoice:
        return services.create_invoice(**self.facts_of(form))

    def describe(self, result: RepairInvoice) -> str:
        return f"{result} of {format_dollars(result.amount)} is entered."

    def get_success_url(self, result: RepairInvoice) -> str:
        return reverse("admin:repairs_repairinvoice_change", args=[result.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:repairs_repairinvoice_changelist")


class InvoiceActPage(PlanActPage):
    model = RepairInvoice

    def list_rows(self) -> list[PlanRow]:
        return selectors.list_schedule(self.read())


class HoldPage(InvoiceActPage):
    permission_required = "repairs.hold_repairinvoice"
    title = "Hold for a dispute"
    verb = "Hold"
    sentence = "No further installment is charged until it is released. What is charged already stays owed."

    def act(self, form: forms.Form) -> RepairInvoice:
        return services.hold_invoice(
            invoice_id=self.kwargs["record_id"], reason=form.cleaned_data["reason"], actor=self.actor
        )

    def describe(self, result: RepairInvoice) -> str:
        return f"{result} is on hold."


class ReleasePage(InvoiceActPage):
    permission_required = "repairs.hold_repairinvoice"
    title = "Release"
    verb = "Release"
    form_class = ResumeForm

    def act(self, form: forms.Form) -> RepairInvoice:
        return services.release_invoice(
            invoice_id=self.kwargs["record_id"],
            starts_on=form.cleaned_data["starts_on"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: RepairInvoice) -> str:
        return f"{result} is released."


class VoidPage(InvoiceActPage):
    permission_required = "repairs.void_repairinvoice"
    title = "Void the invoice"
    verb = "Void"
    is_dangerous = True
    sentence = "What is charged is voided, and what paid it is free again. The rest is never charged."

    def act(self, form: forms.Form) -> RepairInvoice:
        return services.void_invoice(
            invoice_id=self.kwargs["record_id"], reason=form.cleaned_data["reason"], actor=self.actor
        )

    def describe(self, result: RepairInvoice) -> str:
        return f"{result} is voided."


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
    change_list_template = "admin/plans/list.html"
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


class SetBandsPage(BandsPage):
    permission_required = "repairs.add_repairband"
    title = "Set the bands of repair plans"
    changelist = "repairs_repairband_changelist"

    def list_bands(self, on: date) -> list[Band]:
        return selectors.list_bands(on)

    def set_bands(self, *, effective_on: date, bands: list[Band], today: date) -> Any:
        return services.set_plan_bands(effective_on=effective_on, bands=bands, today=today, actor=self.actor)


@admin.register(RepairBand)
class RepairBandAdmin(BandAdmin):
    bands_page = SetBandsPage
    bands_url = "repairs_repairband_set"


@admin.register(MaintenanceRule)
class MaintenanceRuleAdmin(HistoryAdmin):
    list_display = ["lease_type", "effective_on", "is_owners", "citation"]
    list_filter = ["lease_type"]
