"""The pages that record that DTRs were paid: one, or many of a week at once."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.admin import ActPage, Page, RecordActPage
from core.words import say_full_day
from dtr import selectors, services
from dtr.admin.pages.closes import WeekPage
from dtr.errors import NothingDue
from dtr.models import Dtr
from ledger.categories import PaymentMethod
from ledger.forms import DollarsField
from ledger.money import ZERO, format_dollars

_NUMBERED = re.compile(r"(.*?)(\d{1,18})")


class PayForm(forms.Form):
    """Which DTRs, and how. Checks are numbered on from the first, in the order of the list."""

    dtrs = forms.MultipleChoiceField(label="DTRs", error_messages={"required": "Choose at least one."})
    method = forms.ChoiceField(
        choices=[(PaymentMethod.CHECK.value, "Checks"), (PaymentMethod.ACH.value, "Bank transfer (ACH)")],
        widget=UnfoldAdminSelectWidget(),
    )
    instrument_number = forms.CharField(
        label="Number of the first check, or ACH reference", max_length=40, widget=UnfoldAdminTextInputWidget()
    )

    def __init__(self, *args: Any, payable: list[Dtr], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payable = payable
        field = self.fields["dtrs"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(dtr.pk), str(dtr)) for dtr in payable]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        number = cleaned.get("instrument_number", "")
        if cleaned.get("method") == PaymentMethod.CHECK and number and not _NUMBERED.fullmatch(number):
            self.add_error("instrument_number", "A check number ends with digits.")
        return cleaned

    def list_payments(self) -> list[services.DtrPayment]:
        chosen = set(self.cleaned_data["dtrs"])
        method, first = self.cleaned_data["method"], self.cleaned_data["instrument_number"]
        dtrs = [dtr for dtr in self.payable if str(dtr.pk) in chosen]
        return [
            services.DtrPayment(dtr.pk, method, number_on(first, place) if method == PaymentMethod.CHECK else first)
            for place, dtr in enumerate(dtrs)
        ]


@dataclass(frozen=True, slots=True)
class PaymentPreview:
    """One row of what would be paid, in dollars."""

    dtr: str
    driver: str
    instrument_number: str
    amount: Decimal
    why: str


class PayOneForm(PayForm):
    """One DTR, and how much of it where not all."""

    amount = DollarsField(required=False, help_text="Left out: all that may be paid of its net.")

    def list_payments(self) -> list[services.DtrPayment]:
        amount = self.cleaned_data["amount"]
        return [replace(payment, amount=amount) for payment in super().list_payments()]


class PayPage(ActPage):
    permission_required = "ledger.add_payout"
    template_name = "dtr/pay.html"
    form_class = PayForm
    verb = "Record as paid"
    has_preview = True

    def list_payable(self) -> list[Dtr]:
        raise NotImplementedError

    @cached_property
    def payable(self) -> list[Dtr]:
        return self.list_payable()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"payable": self.payable}

    def get_initial(self) -> dict[str, Any]:
        return {"dtrs": [str(dtr.pk) for dtr in self.payable]}

    def preview(self, form: forms.Form) -> list[PaymentPreview]:
        assert isinstance(form, PayForm)
        payments = form.list_payments()
        dtrs = {dtr.pk: dtr for dtr in self.payable}
        chosen = [dtrs[payment.dtr_id] for payment in payments]
        plans = selectors.plan_payouts(chosen, on=timezone.localdate())
        for payment, dtr, plan in zip(payments, chosen, plans, strict=True):
            if payment.amount is not None:
                _check_amount(payment.amount, dtr, plan)
        return [
            PaymentPreview(
                str(dtr),
                str(dtr.driver),
                payment.instrument_number,
                plan.amount if payment.amount is None else payment.amount,
                plan.why,
            )
            for payment, dtr, plan in zip(payments, chosen, plans, strict=True)
        ]

    def act(self, form: forms.Form) -> list[services.PaymentOutcome]:
        assert isinstance(form, PayForm)
        return services.pay_dtrs(payments=form.list_payments(), effective_on=timezone.localdate(), actor=self.actor)

    def describe(self, result: list[services.PaymentOutcome]) -> str:
        paid = [outcome.payout for outcome in result if outcome.payout]
        names = {dtr.pk: str(dtr) for dtr in self.payable}
        for outcome in result:
            if outcome.refusal is not None:
                messages.error(self.request, f"{names[outcome.dtr_id]}: {outcome.refusal.message}")
        total = format_dollars(sum((payout.amount for payout in paid), ZERO))
        return f"{len(paid)} of {len(result)} DTRs recorded as paid, {total} together."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"]
        chosen = set(form.data.getlist("dtrs")) if form.is_bound else set(form.initial["dtrs"])
        preview = kwargs.get("preview") or []
        return super().get_context_data(
            payable=[(dtr, str(dtr.pk) in chosen) for dtr in self.payable],
            total=sum((row.amount for row in preview), ZERO),
            **kwargs,
        )


class PayWeekPage(PayPage, WeekPage):
    """The DTRs of a week that are due and not paid, with boxes to choose."""

    def get_title(self) -> str:
        return f"Record payouts, week ending {say_full_day(self.close.week.end)}"

    def list_payable(self) -> list[Dtr]:
        return selectors.list_payable_dtrs(self.close.week)

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:dtr_weekclose_change", args=[self.close.pk])


class PayLastWeekPage(Page):
    """The way to the payouts of the week that was closed last."""

    permission_required = "ledger.add_payout"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        week = selectors.find_last_closed_week()
        if week is None:
            return redirect("admin:dtr_weekclose_changelist")
        return redirect("admin:dtr_weekclose_pay", week.end)


class PayDtrPage(RecordActPage, PayPage):
    """One DTR, where its net is due and was not paid."""

    form_class = PayOneForm
    model = Dtr
    related = ("week", "driver", "lease")

    def get_title(self) -> str:
        return f"Record the payout of {self.record}"

    def list_payable(self) -> list[Dtr]:
        return selectors.list_payable_dtrs(self.record.days, [self.record.pk])


def _check_amount(amount: Decimal, dtr: Dtr, plan: selectors.PlannedPayout) -> None:
    """What the payout would be refused for is said at its input, not shown as what would be recorded.

    :raises NothingDue: an amount above what the DTR tells, or what may be paid of it by now
    """
    if amount > dtr.net_due:
        raise NothingDue(f"{dtr} says {format_dollars(dtr.net_due)} due to the driver.")
    if amount > plan.amount:
        raise NothingDue(plan.why)
    if amount > plan.held:
        raise NothingDue(f"The credits of its own lease hold {format_dollars(plan.held)} by now.")


def number_on(first: str, place: int) -> str:
    """The number ``place`` after the first: 0099, 0100, …"""
    match = _NUMBERED.fullmatch(first)
    assert match is not None, "the form has checked it"
    digits = match.group(2)
    return f"{match.group(1)}{int(digits) + place:0{len(digits)}}"
