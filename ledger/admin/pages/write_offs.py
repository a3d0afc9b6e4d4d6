"""Forgiving what a driver owes."""

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property

from ledger import services
from ledger.admin.pages.base import MoneyPage
from ledger.forms import WriteOffForm
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import format_dollars


class WriteOffPage(MoneyPage):
    permission_required = "ledger.write_off_ledgerposting"
    form_class = WriteOffForm
    verb = "Write off"
    is_dangerous = True

    def get_title(self) -> str:
        return f"Write off {self.balance.reference_id}"

    @cached_property
    def balance(self) -> LedgerBalance:
        balance = LedgerBalance.objects.obligations().filter(pk=self.kwargs["posting_id"]).first()
        if balance is None:
            raise Http404
        return balance

    @property
    def driver_id(self) -> int:
        driver_id: int = self.balance.driver_id
        return driver_id

    def act(self, form: forms.Form) -> LedgerPosting:
        return services.write_off_obligation(
            posting_id=self.balance.pk,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            actor=self.actor,
        )

    def describe(self, result: LedgerPosting) -> str:
        return f"{format_dollars(result.amount)} of {result.reference_id} is written off, by posting {result.pk}."

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:ledger_ledgerbalance_change", args=[self.balance.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sentence = f"{format_dollars(self.balance.remaining)} remains of {self.balance.reference_id}."
        return super().get_context_data(sentence=sentence, **kwargs)
