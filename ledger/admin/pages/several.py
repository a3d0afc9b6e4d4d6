"""Acts on several rows of the ledger's lists, each the one of the single page: void, forgive."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from core.admin import LeftAlone, SeveralPage
from core.words import say_amount
from ledger import services
from ledger.categories import Category
from ledger.forms import ReasonField
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting, Payout
from ledger.narration import tell_opening


class ReasonForm(forms.Form):
    reason = ReasonField(label="Reason, kept with each", help_text="")


class SeveralMoneyPage(SeveralPage):
    """An act on one driver's money per row."""

    form_class = ReasonForm
    related: ClassVar[tuple[str, ...]] = ("driver",)
    is_dangerous = True

    def facts_of(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        return {"reason": facts["reason"], "actor": self.actor}

    def foresee(self, record: Any, facts: Mapping[str, Any]) -> Sequence[str]:
        money = services.preview_money(
            driver_id=record.driver_id, act=lambda: self.act_on(record, facts), today=timezone.localdate()
        )
        return self.tell_money(money)

    def tell_money(self, money: services.MoneyPreview) -> Sequence[str]:
        """Return what becomes of a driver's money, in sentences."""
        return money.steps


class VoidDocumentsPage(SeveralMoneyPage):
    """Voids what crossed the counter."""

    name, verb, done = "void", "Void", "voided"
    heads = ("Driver", "Paid with")

    def cells_of(self, record: InterimPayment | Payout) -> tuple[Any, ...]:
        return record.driver, f"{record.get_method_display()} {record.instrument_number}"


class VoidPaymentsPage(VoidDocumentsPage):
    model = InterimPayment
    permission_required = "ledger.void_interimpayment"
    sentence = "What they paid is owed again. A payment that something else was paid from is voided on its own page."

    def tell_money(self, money: services.MoneyPreview) -> Sequence[str]:
        """By what is open again, in the words of its charge; the postings that do it are on the payment's own page."""
        return [_say_change(change) for change in money.changes]

    def act_on(self, record: InterimPayment, facts: Mapping[str, Any]) -> Any:
        return services.void_payment(payment_id=record.pk, effective_on=timezone.localdate(), **self.facts_of(facts))


class VoidPayoutsPage(VoidDocumentsPage):
    model = Payout
    permission_required = "ledger.void_payout"
    sentence = "Every dollar returns to the credit it was drawn from."

    def act_on(self, record: Payout, facts: Mapping[str, Any]) -> Any:
        return services.void_payout(payout_id=record.pk, effective_on=timezone.localdate(), **self.facts_of(facts))


class VoidPostingsPage(SeveralMoneyPage):
    model = LedgerPosting
    permission_required = "ledger.void_ledgerposting"
    name, verb, done = "void", "Void", "voided"
    heads = ("Reference", "Driver")

    def cells_of(self, record: LedgerPosting) -> tuple[Any, ...]:
        return record.reference_id, record.driver

    def act_on(self, record: LedgerPosting, facts: Mapping[str, Any]) -> Any:
        return services.void_posting(posting_id=record.pk, effective_on=timezone.localdate(), **self.facts_of(facts))


class WriteOffBalancesPage(SeveralMoneyPage):
    """Forgives all that remains of what is owed."""

    model = LedgerBalance
    related = ("driver", "posting")
    permission_required = "ledger.write_off_ledgerposting"
    name, verb, done = "write-off", "Write off", "written off"
    heads = ("What it is", "Driver")
    amount_head = "Remaining"
    sentence = "All that remains of each is forgiven."

    def cells_of(self, record: LedgerBalance) -> tuple[Any, ...]:
        return tell_opening(record.posting), record.driver

    def amount_of(self, record: LedgerBalance) -> Any:
        return record.remaining

    def act_on(self, record: LedgerBalance, facts: Mapping[str, Any]) -> Any:
        if not record.is_obligation:
            raise LeftAlone("The fleet holds this for the driver; only what is owed is written off.")
        return services.write_off_obligation(
            posting_id=record.pk,
            amount=record.remaining or None,
            effective_on=timezone.localdate(),
            **self.facts_of(facts),
        )


def _say_change(change: services.BalanceChange) -> str:
    by = change.after - change.before
    if change.is_obligation:
        words = change.description or change.reference_id
        return f"{words} is open again, {say_amount(by)}." if by > 0 else f"{words}: {say_amount(-by)} less is open."
    where = "as deposit" if change.category == Category.DEPOSIT else "on account"
    return f"{say_amount(abs(by))} {'more' if by > 0 else 'less'} is held {where}."
