"""Repair invoices, acted on: enter one, hold, resume and void it."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage
from ledger.installments.pages import HoldPage, PlanActPage, ResumePage, VoidPlanPage
from ledger.installments.selectors import PlanRow
from ledger.money import format_dollars
from repairs import selectors, services
from repairs.forms import InvoiceForm
from repairs.models import RepairInvoice
from repairs.rules import PlannedInstallment


class CreateInvoicePage(ActPage):
    permission_required = "repairs.add_repairinvoice"
    title = "Enter a repair invoice"
    template_name = "repairs/create_invoice.html"
    form_class = InvoiceForm
    verb = "Enter the invoice"
    has_preview = True
    inputs = {"lines": "line_0"}
    filled_in = ("driver", "vehicle", "lease")

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
            "paper_number": typed["paper_number"],
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


class HoldInvoicePage(InvoiceActPage, HoldPage):
    permission_required = "repairs.hold_repairinvoice"
    title = "Hold for a dispute"

    def act(self, form: forms.Form) -> RepairInvoice:
        return services.hold_invoice(
            invoice_id=self.kwargs["record_id"], reason=form.cleaned_data["reason"], actor=self.actor
        )


class ResumeInvoicePage(InvoiceActPage, ResumePage):
    permission_required = "repairs.hold_repairinvoice"
    title = "Resume the plan"

    def act(self, form: forms.Form) -> RepairInvoice:
        return services.resume_invoice(
            invoice_id=self.kwargs["record_id"],
            starts_on=form.cleaned_data["starts_on"],
            today=timezone.localdate(),
            actor=self.actor,
        )


class VoidInvoicePage(InvoiceActPage, VoidPlanPage):
    permission_required = "repairs.void_repairinvoice"
    title = "Void the invoice"
    sentence = "What is charged is voided, and what paid it is free again. The rest is never charged."

    def act(self, form: forms.Form) -> RepairInvoice:
        return services.void_invoice(
            invoice_id=self.kwargs["record_id"],
            reason=form.cleaned_data["reason"],
            effective_on=timezone.localdate(),
            actor=self.actor,
        )
