"""Loans at the office's desk: disburse, look at the schedule, hold, pay off, restore, write off."""

from collections.abc import Sequence
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
from config.kit.errors import DomainError
from ledger.money import format_dollars
from ledger.plan_pages import BandAdmin, BandsPage, PlanActPage, ResumeForm
from ledger.plans import Band
from ledger.selectors import PlanRow, find_balance_by_reference
from ledger.services import IdempotencyConflict
from loans import rules, selectors, services
from loans.forms import AmountForm, LoanForm, PayoffForm, RestoreForm, WriteOffForm
from loans.models import DriverLoan, LoanBand, LoanPayoff, RateLimit

Status = DriverLoan.Status


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


_HOLD = ("Hold", "hold", "loans.hold_driverloan", False)
_RELEASE = ("Release", "release", "loans.hold_driverloan", False)
_PAY_OFF = ("Pay off early", "pay_off", "loans.pay_off_driverloan", False)
_RESTORE = ("Restore the schedule", "restore", "loans.pay_off_driverloan", False)
_WRITE_OFF = ("Write off", "write_off", "loans.write_off_driverloan", True)
_VOID = ("Void", "void", "loans.void_driverloan", True)

#: The acts that fit a status: what the button says, its address, the permission, whether it undoes or gives away.
ACTS: dict[str, list[tuple[str, str, str, bool]]] = {
    Status.ACTIVE: [_PAY_OFF, _HOLD, _WRITE_OFF, _VOID],
    Status.ON_HOLD: [_RELEASE, _WRITE_OFF, _VOID],
    Status.PAID_OFF: [_RESTORE],
    Status.WRITTEN_OFF: [_RESTORE],
    Status.VOIDED: [],
}

PAGES: dict[str, type[LoanActPage]] = {
    "hold": HoldPage,
    "release": ReleasePage,
    "pay_off": PayOffPage,
    "restore": RestorePage,
    "write_off": WriteOffPage,
    "void": VoidPage,
}


@admin.register(DriverLoan)
class DriverLoanAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = ["__str__", "driver", "money", "rate_percent", "disbursed_on", "method", "state"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("disbursed_on", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
    ]
    search_fields = ["id__exact", "driver__last_name__istartswith", "driver__tlc_license__startswith"]
    search_help_text = "Number of the loan, or first characters of a last name or TLC license number"
    ordering = ["-id"]
    change_list_template = "admin/plans/list.html"
    detail_template = "loans/loan.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("disburse/", DisbursePage, "loans_driverloan_disburse"),
            *(
                self.page(f"<int:record_id>/{name.replace('_', '-')}/", page, f"loans_driverloan_{name}")
                for name, page in PAGES.items()
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DriverLoan]:
        return selectors.list_loans()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_lend = request.user.has_perm("loans.add_driverloan")
        context = {
            "add_url": reverse("admin:loans_driverloan_disburse") if may_lend else "",
            "add_label": "Disburse a loan",
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.display(description="Lent")
    def money(self, loan: DriverLoan) -> str:
        return f"{loan.principal:,.2f}"

    @display(
        description="State",
        label={
            "Active": "info",
            "On hold": "warning",
            "Paid off early": "success",
            "Written off": "danger",
            "Voided": "danger",
        },
    )
    def state(self, loan: DriverLoan) -> str:
        return loan.get_status_display()

    def get_detail(self, request: HttpRequest, record: DriverLoan) -> dict[str, Any]:
        form = AmountForm(request.GET if "payoff_on" in request.GET else None)
        day = form.day_or(timezone.localdate()) if form.is_bound else timezone.localdate()
        sees_money = request.user.has_perm("ledger.view_ledgerbalance")
        payoff = selectors.find_payoff(record)
        return {
            "facts": self._list_facts(request, record),
            "buttons": [
                *(
                    Button(label, reverse(f"admin:loans_driverloan_{name}", args=[record.pk]), is_dangerous)
                    for label, name, permission, is_dangerous in ACTS[record.status]
                    if request.user.has_perm(permission)
                ),
                Button("History", reverse("admin:loans_driverloan_history", args=[record.pk])),
            ],
            "rows": selectors.list_schedule(record),
            "has_interest": True,
            "payoff_facts": _describe_payoff(payoff) if payoff else (),
            "payoff_balance": find_balance_by_reference(rules.name_payoff(record.pk)) if payoff else None,
            "amount_form": form if form.is_bound else AmountForm(initial={"payoff_on": day}),
            "amount": selectors.get_payoff_amount(record, day)
            if sees_money and record.status in (Status.ACTIVE, Status.ON_HOLD)
            else None,
        }

    def _list_facts(self, request: HttpRequest, loan: DriverLoan) -> list[Fact]:
        site = self.admin_site
        return [
            Fact("Driver", loan.driver, find_url(site, request, loan.driver)),
            Fact("Lease", loan.lease, find_url(site, request, loan.lease)),
            Fact("Lent", format_dollars(loan.principal)),
            Fact("Interest a year", f"{loan.rate_percent} %"),
            Fact("Principal a week", format_dollars(loan.weekly_amount)),
            Fact("Disbursed", loan.disbursed_on),
            Fact("How it left", loan.get_method_display()),
            Fact("Check or bank number", loan.instrument_number),
            Fact("Plan starts", loan.starts_on),
            Fact("All charged at creation", "yes" if loan.posts_at_once else ""),
            Fact("State", loan.get_status_display()),
            Fact("Reason", loan.reason),
        ]


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


@admin.register(LoanBand)
class LoanBandAdmin(BandAdmin):
    bands_page = SetBandsPage
    bands_url = "loans_loanband_set"


@admin.register(RateLimit)
class RateLimitAdmin(HistoryAdmin):
    list_display = ["effective_on", "highest_percent", "citation"]
