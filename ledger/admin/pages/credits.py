"""Money the fleet owes a driver: a memo that says so, a payout, and its use for what is due."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from ledger import services
from ledger.admin.pages.base import DriverPage
from ledger.forms import ApplyForm, CreditMemoForm, PayoutForm
from ledger.models import LedgerPosting, Payout
from ledger.money import format_dollars
from ledger.selectors import find_driver_lock, get_payable


class CreditMemoPage(DriverPage):
    permission_required = "ledger.credit_driver"
    form_class = CreditMemoForm
    verb = "Credit the driver"

    def get_title(self) -> str:
        return f"Credit memo for {self.driver}"

    def act(self, form: forms.Form) -> LedgerPosting:
        # From the page's own mark: the same page sent twice names the same memo.
        reference_id = f"MEMO-{self.driver.pk}-{form.cleaned_data['token'][:8].upper()}"
        return services.credit_driver(
            driver_id=self.driver.pk,
            category=form.cleaned_data["category"],
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            reference_id=reference_id,
            effective_on=timezone.localdate(),
            same_on_any_day=True,
            by_hand=True,
            actor=self.actor,
        )

    def describe(self, result: LedgerPosting) -> str:
        return f"{format_dollars(result.amount)} is credited as {result.reference_id}."

    def get_sentence(self) -> str:
        return "The fleet owes the driver money back: a toll refund, restitution, days without a cab."


class PayoutPage(DriverPage):
    permission_required = "ledger.add_payout"
    form_class = PayoutForm
    verb = "Pay out"
    inputs = {"payment_method": "method"}

    def get_title(self) -> str:
        return f"Pay out to {self.driver}"

    def act(self, form: forms.Form) -> Payout:
        return services.pay_out(
            driver_id=self.driver.pk,
            amount=form.cleaned_data["amount"],
            method=form.cleaned_data["method"],
            instrument_number=form.cleaned_data["instrument_number"],
            idempotency_key=form.cleaned_data["token"],
            effective_on=timezone.localdate(),
            same_on_any_day=True,
            actor=self.actor,
        )

    def describe(self, result: Payout) -> str:
        return f"{result.reference_id}: {format_dollars(result.amount)} is paid out."

    def get_success_url(self, result: Payout) -> str:
        return reverse("admin:ledger_payout_voucher", args=[result.pk])

    def get_sentence(self) -> str:
        net = get_payable(self.driver.pk, on=timezone.localdate()).say_net()
        locked = find_driver_lock(self.driver.pk)
        return net if locked is None else f"Locked ({locked}): nothing is paid out until that is taken back. {net}"


class ApplyPage(DriverPage):
    permission_required = "ledger.apply_earnings"
    form_class = ApplyForm
    verb = "Apply"

    def get_title(self) -> str:
        return f"Apply what is held for {self.driver}"

    def get_initial(self) -> dict[str, Any]:
        return {"as_of": timezone.localdate()}

    def act(self, form: forms.Form) -> services.ApplicationSummary:
        return services.apply_weekly_earnings(
            driver_ids=[self.driver.pk],
            as_of=form.cleaned_data["as_of"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: services.ApplicationSummary) -> str:
        if not result.applications:
            return "Nothing was held, or nothing due: nothing was applied."
        parts = "1 part" if result.applications == 1 else f"{result.applications} parts"
        return f"{format_dollars(result.amount)} applied in {parts}."

    def get_sentence(self) -> str:
        return "Uses what is held for the driver to pay what they owe, as the weekly close would."
