"""Forgiving what a driver owes."""

from django import forms
from django.http import Http404
from django.utils import timezone

from ledger import services
from ledger.admin.pages.base import MoneyPage
from ledger.forms import WriteOffForm
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import format_dollars
from ledger.narration import tell_opening


class WriteOffPage(MoneyPage):
    model = LedgerBalance
    related = ("driver", "posting")
    permission_required = "ledger.write_off_ledgerposting"
    form_class = WriteOffForm
    verb = "Write off"
    is_dangerous = True

    def get_title(self) -> str:
        return f"Write off {self.record.reference_id}"

    def read(self) -> LedgerBalance:
        balance: LedgerBalance = super().read()
        if not balance.is_obligation:
            raise Http404
        return balance

    def act(self, form: forms.Form) -> LedgerPosting:
        return services.write_off_obligation(
            posting_id=self.record.pk,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            effective_on=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: LedgerPosting) -> str:
        return f"{format_dollars(result.amount)} of {result.reference_id} is written off, by posting {result.pk}."

    def get_sentence(self) -> str:
        remaining = format_dollars(self.record.remaining)
        return f"{tell_opening(self.record.posting)}: {remaining} remains of {self.record.reference_id}."
