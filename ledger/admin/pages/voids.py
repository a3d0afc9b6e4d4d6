"""Undoing a posting, a payment or a payout, with what it would do shown first."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property

from core.errors import DomainError
from ledger import selectors, services
from ledger.admin.pages.base import MoneyPage
from ledger.admin.reviewing import say_how
from ledger.categories import PaymentMethod
from ledger.errors import CreditInUse, CreditPaidOut
from ledger.forms import VoidForm, VoidPaymentForm
from ledger.models import InterimPayment, LedgerPosting, Payout
from ledger.money import format_dollars
from ledger.narration import say, tell
from ledger.selectors import list_words


class VoidPage(MoneyPage):
    """A reason, and the consequences. What has paid for other things takes them along only when that is asked for."""

    template_name = "ledger/void.html"
    form_class: type[VoidForm] = VoidForm
    verb = "Void"
    is_dangerous = True

    def preview_with(self, *, cascade: bool, returned_item: bool) -> services.MoneyPreview:
        raise NotImplementedError

    @cached_property
    def _foreseen(self) -> dict[tuple[bool, bool], services.MoneyPreview | DomainError]:
        return {}

    def foresee(self, *, cascade: bool, returned_item: bool) -> services.MoneyPreview | DomainError:
        """Return what the void would do, or why it is refused. A page asks several times: each void is tried once."""
        asked = cascade, returned_item
        if asked not in self._foreseen:
            try:
                self._foreseen[asked] = self.preview_with(cascade=cascade, returned_item=returned_item)
            except DomainError as refusal:
                self._foreseen[asked] = refusal
        return self._foreseen[asked]

    def preview(self, form: forms.Form) -> services.MoneyPreview:
        chosen = form.cleaned_data
        foreseen = self.foresee(cascade=chosen.get("cascade", False), returned_item=chosen.get("returned_item", False))
        if isinstance(foreseen, DomainError):
            raise foreseen
        return foreseen

    @property
    def obstacle(self) -> DomainError | None:
        """Why it can't be voided just so; None where nothing stands in the way."""
        foreseen = self.foresee(cascade=False, returned_item=self.starts_as_returned)
        return foreseen if isinstance(foreseen, DomainError) else None

    @property
    def starts_as_returned(self) -> bool:
        return False

    @property
    def is_blocked(self) -> bool:
        """Whether no choice on the page would help."""
        return self.obstacle is not None and not isinstance(self.obstacle, CreditInUse)

    def look_ahead(self) -> services.MoneyPreview | None:
        foreseen = self.foresee(cascade=False, returned_item=self.starts_as_returned)
        return None if isinstance(foreseen, DomainError) else foreseen

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"offers_cascade": isinstance(self.obstacle, CreditInUse)}

    def refuse(self, form: forms.Form, refusal: DomainError) -> None:
        if isinstance(refusal, CreditInUse) and "cascade" in form.fields:
            form.add_error("cascade", refusal.message)
        else:
            super().refuse(form, refusal)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        uses = self.obstacle.facts["uses"] if isinstance(self.obstacle, CreditInUse) else []
        words = list_words([use["posting_id"] for use in uses])
        return super().get_context_data(
            obstacle=self.obstacle,
            is_blocked=self.is_blocked,
            uses=[(use, words[use["posting_id"]]) for use in uses],
            **kwargs,
        )


class VoidPostingPage(VoidPage):
    model = LedgerPosting
    related = ("driver", "funding", "balance")
    permission_required = "ledger.void_ledgerposting"

    def get_title(self) -> str:
        return f"Void posting {self.record.pk}"

    def preview_with(self, *, cascade: bool, returned_item: bool) -> services.MoneyPreview:
        return services.preview_void(posting_id=self.record.pk, cascade=cascade, effective_on=timezone.localdate())

    def act(self, form: forms.Form) -> list[LedgerPosting]:
        return services.void_posting(
            posting_id=self.record.pk,
            reason=form.cleaned_data["reason"],
            cascade=form.cleaned_data.get("cascade", False),
            effective_on=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: list[LedgerPosting]) -> str:
        return f"{format_dollars(self.record.amount)} on {self.record.reference_id} is voided, {_count(result)}."

    def get_sentence(self) -> str:
        return f"{tell(self.record)}. {say(self.record)}"


class VoidPaymentPage(VoidPage):
    model = InterimPayment
    related = ("driver",)
    permission_required = "ledger.void_interimpayment"
    form_class = VoidPaymentForm

    def get_title(self) -> str:
        return f"Void payment {self.record.reference_id}"

    @property
    def may_be_returned(self) -> bool:
        return bool(self.record.method != PaymentMethod.CASH)

    @cached_property
    def asks_for_bank(self) -> bool:
        """Whether only a person knows if the check was at the bank."""
        return self.record.method == PaymentMethod.CHECK and not selectors.is_on_slip(self.record.pk)

    @property
    def starts_as_returned(self) -> bool:
        return self.may_be_returned and self.request.GET.get("returned") == "1"

    @property
    def is_blocked(self) -> bool:
        if isinstance(self.obstacle, CreditPaidOut) and self.may_be_returned:
            return False
        return super().is_blocked

    @property
    def offers_cascade(self) -> bool:
        # As a returned item it may meet another obstacle than as a mistake of the cashier's.
        ways = (False, True) if self.may_be_returned else (False,)
        foreseen = [self.foresee(cascade=False, returned_item=returned_item) for returned_item in ways]
        return any(isinstance(obstacle, CreditInUse) for obstacle in foreseen)

    def get_initial(self) -> dict[str, Any]:
        return {"returned_item": self.starts_as_returned}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            "offers_cascade": self.offers_cascade,
            "may_be_returned": self.may_be_returned,
            "asks_for_bank": self.asks_for_bank,
        }

    def preview_with(self, *, cascade: bool, returned_item: bool) -> services.MoneyPreview:
        return services.preview_void_payment(
            payment_id=self.record.pk,
            cascade=cascade,
            returned_item=returned_item,
            # To the driver's money it makes no difference, so the answer need not be there yet.
            was_at_bank=False if returned_item and self.asks_for_bank else None,
            effective_on=timezone.localdate(),
        )

    def act(self, form: forms.Form) -> list[LedgerPosting]:
        assert isinstance(form, VoidPaymentForm)
        return services.void_payment(
            payment_id=self.record.pk,
            reason=form.cleaned_data["reason"],
            cascade=form.cleaned_data.get("cascade", False),
            returned_item=form.cleaned_data.get("returned_item", False),
            was_at_bank=form.tells_bank(),
            effective_on=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: list[LedgerPosting]) -> str:
        return f"{self.record.reference_id} of {format_dollars(self.record.amount)} is voided, {_count(result)}."

    def get_sentence(self) -> str:
        how = say_how(self.record.method, self.record.instrument_number)
        return f"{self.record.reference_id}: {format_dollars(self.record.amount)} received {how}."


class VoidPayoutPage(VoidPage):
    model = Payout
    related = ("driver",)
    permission_required = "ledger.void_payout"

    def get_title(self) -> str:
        return f"Void payout {self.record.reference_id}"

    def preview_with(self, *, cascade: bool, returned_item: bool) -> services.MoneyPreview:
        today = timezone.localdate()
        return services.preview_money(
            driver_id=self.driver.pk,
            act=lambda: services.void_payout(
                payout_id=self.record.pk, reason="Preview", actor=None, effective_on=today
            ),
            today=today,
        )

    def act(self, form: forms.Form) -> list[LedgerPosting]:
        return services.void_payout(
            payout_id=self.record.pk,
            reason=form.cleaned_data["reason"],
            effective_on=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: list[LedgerPosting]) -> str:
        return f"{self.record.reference_id} of {format_dollars(self.record.amount)} is voided, {_count(result)}."

    def get_sentence(self) -> str:
        return f"{self.record.reference_id}: {format_dollars(self.record.amount)} paid out."


def _count(written: list[LedgerPosting]) -> str:
    return "by 1 posting" if len(written) == 1 else f"by {len(written)} postings"
