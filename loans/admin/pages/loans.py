"""Loans, acted on: disburse, hold, resume and void one."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage
from core.errors import DomainError
from ledger.installments.pages import HoldPage, PlanActPage, ResumePage, VoidPlanPage
from ledger.installments.selectors import PlanRow
from ledger.money import format_dollars
from ledger.services import IdempotencyConflict
from loans import rules, selectors, services
from loans.forms import LoanForm
from loans.models import DriverLoan


class DisbursePage(ActPage):
    permission_required = "loans.add_driverloan"
    title = "Disburse a loan"
    template_name = "loans/disburse.html"
    form_class = LoanForm
    verb = "Record the loan"
    has_preview = True
    filled_in = ("driver",)

    def facts_of(self, form: forms.Form) -> dict[str, Any]:
        typed = form.cleaned_data
        return {
            "driver_id": typed["driver"].pk,
            "lease_id": typed["lease"].pk if typed["lease"] else None,
            "principal": typed["principal"],
            "rate_percent": typed["rate_percent"],
            "disbursed_on": typed["disbursed_on"],
            "method": typed["method"],
            "instrument_number": typed["instrument_number"],
            "paper_number": typed["paper_number"],
            "starts_on": typed["starts_on"],
            "posts_at_once": typed["posts_at_once"],
            "idempotency_key": typed["token"],
            "today": timezone.localdate(),
            "actor": self.actor,
        }

    def preview(self, form: forms.Form) -> list[rules.PlannedInstallment]:
        return services.preview_loan(**self.facts_of(form))

    def act(self, form: forms.Form) -> DriverLoan:
        return services.disburse_loan(**self.facts_of(form))

    def refuse(self, form: forms.Form, refusal: DomainError) -> None:
        if isinstance(refusal, IdempotencyConflict):
            made = refusal.facts.get("first", "A loan")
            form.add_error(None, f"{made} was already made from this page. Open the page anew to make another.")
        else:
            super().refuse(form, refusal)

    def describe(self, result: DriverLoan) -> str:
        return f"{result} of {format_dollars(result.principal)} is recorded."

    def get_success_url(self, result: DriverLoan) -> str:
        return reverse("admin:loans_driverloan_change", args=[result.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:loans_driverloan_changelist")


class LoanActPage(PlanActPage):
    model = DriverLoan
    has_interest = True

    def list_rows(self) -> list[PlanRow]:
        return selectors.list_schedule(self.read())


class HoldLoanPage(LoanActPage, HoldPage):
    permission_required = "loans.hold_driverloan"
    title = "Hold the loan"

    def act(self, form: forms.Form) -> DriverLoan:
        return services.hold_loan(
            loan_id=self.kwargs["record_id"], reason=form.cleaned_data["reason"], actor=self.actor
        )


class ResumeLoanPage(LoanActPage, ResumePage):
    permission_required = "loans.hold_driverloan"
    title = "Resume the loan"
    sentence = "The pause bears no interest."

    def act(self, form: forms.Form) -> DriverLoan:
        return services.resume_loan(
            loan_id=self.kwargs["record_id"],
            starts_on=form.cleaned_data["starts_on"],
            today=timezone.localdate(),
            actor=self.actor,
        )


class VoidLoanPage(LoanActPage, VoidPlanPage):
    permission_required = "loans.void_driverloan"
    title = "Void the loan"
    sentence = "For a loan whose money never left. What is charged is voided; the rest is never charged."

    def act(self, form: forms.Form) -> DriverLoan:
        return services.void_loan(
            loan_id=self.kwargs["record_id"],
            reason=form.cleaned_data["reason"],
            effective_on=timezone.localdate(),
            actor=self.actor,
        )
