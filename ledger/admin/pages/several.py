"""Acts on several rows of the ledger's lists, each the one of the single page: void, forgive."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldBooleanWidget

from core.admin import LeftAlone, SeveralPage
from core.words import say_amount
from ledger import services
from ledger.categories import Category
from ledger.forms import ReasonField, VoidForm
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting, Payout
from ledger.money import format_dollars
from ledger.narration import tell_opening
from ledger.selectors import list_words

#: Of a row whose money has paid for something.
_IN_USE = "in use"
#: Of what goes with one; its own page tells all.
MOST_TOLD = 3


class ReasonForm(forms.Form):
    reason = ReasonField(label="Reason, kept with each", help_text="")


class VoidSeveralForm(VoidForm):
    field_order = ("cascade", "reason")
    cascade = forms.BooleanField(
        label="Undo what they paid, too",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="It is owed again. The preview says beside each what that is.",
    )
    reason = ReasonField(label="Reason, kept with each", help_text="")


class SeveralMoneyPage(SeveralPage):
    """An act on one driver's money per row."""

    form_class: type[forms.Form] = ReasonForm
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


class VoidSeveralPage(SeveralMoneyPage):
    """Voids each; what its money has paid goes with it where that is ticked, as on the page of one."""

    form_class: type[forms.Form] = VoidSeveralForm
    name, verb, done = "void", "Void", "voided"
    looked_by: ClassVar[tuple[str, ...]] = ("cascade",)

    def get_form_kwargs(self) -> dict[str, Any]:
        act = self.kept
        was_ticked = bool(act.typed and act.typed.get("cascade"))
        return {"offers_cascade": was_ticked or act.rows.exclude(given="").exists()}

    def void(self, record: Any, **how: Any) -> list[LedgerPosting]:
        """Void one, by one service call."""
        raise NotImplementedError

    def act_on(self, record: Any, facts: Mapping[str, Any]) -> list[LedgerPosting]:
        # Done, it takes nothing along that was not told beside it.
        cascade = facts.get("cascade", False) and (bool(self.row.given) or not self.row.act.is_confirmed)
        written = self.void(record, cascade=cascade, **self.facts_of(facts))
        undone = _list_undone(written)
        if self.row.act.is_confirmed and self.row.given and undone != self.row.given:
            raise LeftAlone("Other things were paid from it than when you looked.")
        self._undone = undone
        return written

    def foresee(self, record: Any, facts: Mapping[str, Any]) -> Sequence[str]:
        try:
            return super().foresee(record, {**facts, "cascade": False})
        except services.CreditInUse as used:
            # Kept with the row, so that its tick is offered.
            self.row.given = _IN_USE
            if not facts.get("cascade"):
                raise
            told = super().foresee(record, facts)
            # What goes with it is what was told of it, or it is left alone.
            self.row.given = self._undone
            return (_say_uses(used.facts["uses"]), *told)


class VoidDocumentsPage(VoidSeveralPage):
    """Voids what crossed the counter."""

    heads = ("Driver", "Paid with")

    def cells_of(self, record: InterimPayment | Payout) -> tuple[Any, ...]:
        return record.driver, f"{record.get_method_display()} {record.instrument_number}"


class VoidPaymentsPage(VoidDocumentsPage):
    model = InterimPayment
    permission_required = "ledger.void_interimpayment"
    sentence = "What they paid is owed again."

    def tell_money(self, money: services.MoneyPreview) -> Sequence[str]:
        """By what is open again, in the words of its charge; the postings that do it are on the payment's own page."""
        return [_say_change(change) for change in money.changes]

    def void(self, record: InterimPayment, **how: Any) -> list[LedgerPosting]:
        return services.void_payment(payment_id=record.pk, effective_on=timezone.localdate(), **how)


class VoidPayoutsPage(VoidDocumentsPage):
    """Nothing rests on a payout, so nothing goes with it."""

    model = Payout
    form_class = ReasonForm
    looked_by = ()
    permission_required = "ledger.void_payout"
    sentence = "Every dollar returns to the credit it was drawn from."

    def get_form_kwargs(self) -> dict[str, Any]:
        return {}

    def act_on(self, record: Payout, facts: Mapping[str, Any]) -> list[LedgerPosting]:
        return services.void_payout(payout_id=record.pk, effective_on=timezone.localdate(), **self.facts_of(facts))


class VoidPostingsPage(VoidSeveralPage):
    model = LedgerPosting
    permission_required = "ledger.void_ledgerposting"
    heads = ("Reference", "Driver")

    def cells_of(self, record: LedgerPosting) -> tuple[Any, ...]:
        return record.reference_id, record.driver

    def tell_money(self, money: services.MoneyPreview) -> Sequence[str]:
        """What goes with it is told already, each by its charge: what is left to tell is what is held."""
        if not self.row.given:
            return money.steps
        return [_say_change(change) for change in money.changes if not change.is_obligation]

    def void(self, record: LedgerPosting, **how: Any) -> list[LedgerPosting]:
        return services.void_posting(posting_id=record.pk, effective_on=timezone.localdate(), **how)


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


def _list_undone(written: Sequence[LedgerPosting]) -> str:
    return " ".join(str(key) for key in sorted(posting.reverses_id or 0 for posting in written))


def _say_uses(uses: Sequence[Mapping[str, Any]]) -> str:
    """What else is undone: what its money paid, in the words of each charge."""
    paid = LedgerPosting.objects.filter(pk__in=[use["posting_id"] for use in uses[:MOST_TOLD]]).order_by("-pk")
    words = list_words([posting.balance_id for posting in paid if posting.balance_id])
    named = [f"{words[posting.balance_id]}, {format_dollars(posting.amount)}" for posting in paid if posting.balance_id]
    more = [f"{len(uses) - MOST_TOLD} more"] if len(uses) > MOST_TOLD else []
    return f"What it paid is undone with it: {'; '.join([*named, *more])}."


def _say_change(change: services.BalanceChange) -> str:
    by = change.after - change.before
    if change.is_obligation:
        words = change.description or change.reference_id
        return f"{words} is open again, {say_amount(by)}." if by > 0 else f"{words}: {say_amount(-by)} less is open."
    where = "as deposit" if change.category == Category.DEPOSIT else "on account"
    return f"{say_amount(abs(by))} {'more' if by > 0 else 'less'} is held {where}."
