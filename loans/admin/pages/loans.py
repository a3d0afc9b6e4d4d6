"""Loans, acted on: disburse, hold, pay off, restore, write off, void; set the bands of their plans."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage, Fact
from core.errors import DomainError
from ledger.installments.pages import BandsPage, PlanActPage, ResumeForm
from ledger.installments.rules import Band
from ledger.money import format_dollars
from ledger.selectors import PlanRow
from ledger.services import IdempotencyConflict
from loans import rules, selectors, services
from loans.forms import LoanForm, PayoffForm, RestoreForm, WriteOffForm
from loans.models import DriverLoan, LoanPayoff


class DisbursePage(ActPage):
    permission_required = "loans.add_driverloan"
    title = "Disburse a loan"
    template_name = "loans/disburse.html"
    form_class = LoanForm
    verb = "Record the loan"
    has_preview = True

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


class HoldPage(LoanActPage):
    permission_required = "loans.hold_driverloan"
    title = "Hold the loan"
    verb = "Hold"
    sentence = "No further installment is charged until it is released. What is charged already stays owed."

    def act(self, form: forms.Form) -> DriverLoan:
        return services.hold_loan(
            loan_id=self.kwargs["record_id"], reason=form.cleaned_data["reason"], actor=self.actor
        )

    def describe(self, result: DriverLoan) -> str:
        return f"{result} is on hold."


class ReleasePage(LoanActPage):
    permission_required = "loans.hold_driverloan"
    title = "Release the loan"
    verb = "Release"
    form_class = ResumeForm
    sentence = "The pause bears no interest."

    def act(self, form: forms.Form) -> DriverLoan:
        return services.release_loan(
            loan_id=self.kwargs["record_id"],
            starts_on=form.cleaned_data["starts_on"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: DriverLoan) -> str:
        return f"{result} is released."


class PayOffPage(LoanActPage):
    permission_required = "loans.pay_off_driverloan"
    title = "Pay off early"
    verb = "Charge the payoff"
    form_class = PayoffForm
    sentence = "One charge takes the place of the installments that are not charged yet; it is paid like any other."

    def get_initial(self) -> dict[str, Any]:
        return {"as_of": timezone.localdate()}

    def list_facts(self) -> Sequence[Fact]:
        payoff = selectors.find_payoff(self.record)
        return _describe_payoff(payoff) if payoff else ()

    def act(self, form: forms.Form) -> LoanPayoff:
        return services.pay_off_loan(
            loan_id=self.kwargs["record_id"],
            as_of=form.cleaned_data["as_of"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: LoanPayoff) -> str:
        return f"{rules.name_payoff(result.loan_id)} of {format_dollars(result.amount)} is charged."


class RestorePage(LoanActPage):
    permission_required = "loans.pay_off_driverloan"
    title = "Restore the schedule"
    verb = "Restore"
    form_class = RestoreForm
    sentence = "The payoff is taken back, and its installments are charged when due, as before."

    def act(self, form: forms.Form) -> DriverLoan:
        return services.restore_schedule(
            loan_id=self.kwargs["record_id"],
            reason=form.cleaned_data["reason"],
            starts_on=form.cleaned_data["starts_on"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: DriverLoan) -> str:
        return f"The schedule of {result} is in force again."


class WriteOffPage(LoanActPage):
    permission_required = "loans.write_off_driverloan"
    title = "Write off the loan"
    verb = "Write off"
    form_class = WriteOffForm
    is_dangerous = True
    sentence = "What is not charged yet is charged with the interest earned by then, and all that is open is forgiven."

    def get_initial(self) -> dict[str, Any]:
        return {"as_of": timezone.localdate()}

    def act(self, form: forms.Form) -> DriverLoan:
        return services.write_off_loan(
            loan_id=self.kwargs["record_id"],
            reason=form.cleaned_data["reason"],
            as_of=form.cleaned_data["as_of"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: DriverLoan) -> str:
        return f"{result} is written off."


class VoidPage(LoanActPage):
    permission_required = "loans.void_driverloan"
    title = "Void the loan"
    verb = "Void"
    is_dangerous = True
    sentence = "For a loan whose money never left. What is charged is voided; the rest is never charged."

    def act(self, form: forms.Form) -> DriverLoan:
        return services.void_loan(
            loan_id=self.kwargs["record_id"], reason=form.cleaned_data["reason"], actor=self.actor
        )

    def describe(self, result: DriverLoan) -> str:
        return f"{result} is voided."


PAGES: dict[str, type[LoanActPage]] = {
    "hold": HoldPage,
    "release": ReleasePage,
    "pay_off": PayOffPage,
    "restore": RestorePage,
    "write_off": WriteOffPage,
    "void": VoidPage,
}


def _describe_payoff(payoff: LoanPayoff) -> list[Fact]:
    return [
        Fact("Payoff as of", payoff.as_of),
        Fact("Principal", format_dollars(payoff.principal)),
        Fact("Interest", format_dollars(payoff.interest)),
        Fact("Charged", format_dollars(payoff.amount)),
    ]


class SetBandsPage(BandsPage):
    permission_required = "loans.add_loanband"
    title = "Set the bands of loan plans"
    changelist = "loans_loanband_changelist"

    def list_bands(self, on: date) -> list[Band]:
        return selectors.list_bands(on)

    def set_bands(self, *, effective_on: date, bands: list[Band], today: date) -> Any:
        return services.set_plan_bands(effective_on=effective_on, bands=bands, today=today, actor=self.actor)
