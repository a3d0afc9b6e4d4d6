"""Undoing a posting, a payment or a payout, with what it would do shown first."""

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property

from core.errors import DomainError
from ledger import services
from ledger.admin.pages.base import MoneyPage
from ledger.admin.words import say
from ledger.categories import PaymentMethod
from ledger.errors import CreditInUse, CreditPaidOut
from ledger.forms import VoidForm, VoidPaymentForm
from ledger.models import InterimPayment, LedgerPosting, Payout
from ledger.money import format_dollars
from ledger.services.rehearsals import rehearse


class VoidPage(MoneyPage):
    """A reason, and the consequences. What has paid for other things takes them along only when that is asked for."""

    template_name = "ledger/void.html"
    form_class: type[VoidForm] = VoidForm
    verb = "Void"
    is_dangerous = True

    @property
    def target(self) -> Any:
        """What is voided."""
        raise NotImplementedError

    @property
    def driver_id(self) -> int:
        driver_id: int = self.target.driver_id
        return driver_id

    def preview_with(self, *, cascade: bool, returned_item: bool) -> services.VoidPreview | None:
        raise NotImplementedError

    def preview(self, form: forms.Form) -> services.VoidPreview | None:
        chosen = form.cleaned_data
        return self.preview_with(cascade=chosen.get("cascade", False), returned_item=chosen.get("returned_item", False))

    @cached_property
    def obstacle(self) -> DomainError | None:
        """Why it can't be voided just so; None where nothing stands in the way."""
        try:
            self.preview_with(cascade=False, returned_item=self.starts_as_returned)
        except DomainError as refusal:
            return refusal
        return None

    @property
    def starts_as_returned(self) -> bool:
        return False

    @property
    def is_blocked(self) -> bool:
        """Whether no choice on the page would help."""
        return self.obstacle is not None and not isinstance(self.obstacle, CreditInUse)

    def look_ahead(self) -> services.VoidPreview | None:
        if self.obstacle is not None:
            return None
        return self.preview_with(cascade=False, returned_item=self.starts_as_returned)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"offers_cascade": isinstance(self.obstacle, CreditInUse)}

    def refuse(self, form: forms.Form, refusal: DomainError) -> None:
        if isinstance(refusal, CreditInUse) and "cascade" in form.fields:
            form.add_error("cascade", refusal.message)
        else:
            super().refuse(form, refusal)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        in_use = self.obstacle if isinstance(self.obstacle, CreditInUse) else None
        return super().get_context_data(
            obstacle=self.obstacle,
            is_blocked=self.is_blocked,
            uses=in_use.facts["uses"] if in_use else [],
            target=self.target,
            **kwargs,
        )


class VoidPostingPage(VoidPage):
    permission_required = "ledger.void_ledgerposting"

    def get_title(self) -> str:
        return f"Void posting {self.target.pk}"

    @cached_property
    def target(self) -> LedgerPosting:
        postings = LedgerPosting.objects.select_related("driver", "funding", "balance")
        posting = postings.filter(pk=self.kwargs["posting_id"]).first()
        if posting is None:
            raise Http404
        return posting

    def preview_with(self, *, cascade: bool, returned_item: bool) -> services.VoidPreview:
        return services.preview_void(posting_id=self.target.pk, cascade=cascade)

    def act(self, form: forms.Form) -> list[LedgerPosting]:
        return services.void_posting(
            posting_id=self.target.pk,
            reason=form.cleaned_data["reason"],
            cascade=form.cleaned_data.get("cascade", False),
            actor=self.actor,
        )

    def describe(self, result: list[LedgerPosting]) -> str:
        return f"{format_dollars(self.target.amount)} on {self.target.reference_id} is voided, {_count(result)}."

    def get_success_url(self, result: Any) -> str:
        return reverse("admin:ledger_ledgerposting_change", args=[self.target.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:ledger_ledgerposting_change", args=[self.target.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sentence=say(self.target), **kwargs)


class VoidPaymentPage(VoidPage):
    permission_required = "ledger.void_interimpayment"
    form_class = VoidPaymentForm

    def get_title(self) -> str:
        return f"Void payment {self.target.reference_id}"

    @cached_property
    def target(self) -> InterimPayment:
        payment = InterimPayment.objects.select_related("driver").filter(pk=self.kwargs["payment_id"]).first()
        if payment is None:
            raise Http404
        return payment

    @property
    def may_be_returned(self) -> bool:
        return self.target.method != PaymentMethod.CASH

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
        obstacles = [self.obstacle]
        if self.may_be_returned:
            # As a returned item it may meet another obstacle than as a mistake of the cashier's.
            for returned_item in (False, True):
                try:
                    self.preview_with(cascade=False, returned_item=returned_item)
                except DomainError as refusal:
                    obstacles.append(refusal)
        return any(isinstance(obstacle, CreditInUse) for obstacle in obstacles)

    def get_initial(self) -> dict[str, Any]:
        return {"returned_item": self.starts_as_returned}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"offers_cascade": self.offers_cascade, "may_be_returned": self.may_be_returned}

    def preview_with(self, *, cascade: bool, returned_item: bool) -> services.VoidPreview:
        return services.preview_void_payment(payment_id=self.target.pk, cascade=cascade, returned_item=returned_item)

    def act(self, form: forms.Form) -> list[LedgerPosting]:
        return services.void_payment(
            payment_id=self.target.pk,
            reason=form.cleaned_data["reason"],
            cascade=form.cleaned_data.get("cascade", False),
            returned_item=form.cleaned_data.get("returned_item", False),
            actor=self.actor,
        )

    def describe(self, result: list[LedgerPosting]) -> str:
        return f"{self.target.reference_id} of {format_dollars(self.target.amount)} is voided, {_count(result)}."

    def get_success_url(self, result: Any) -> str:
        return reverse("admin:ledger_interimpayment_change", args=[self.target.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:ledger_interimpayment_change", args=[self.target.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        amount = format_dollars(self.target.amount)
        sentence = f"{self.target.reference_id}: {amount} received by {self.target.get_method_display().lower()}."
        return super().get_context_data(sentence=sentence, **kwargs)


class VoidPayoutPage(VoidPage):
    permission_required = "ledger.void_payout"

    def get_title(self) -> str:
        return f"Void payout {self.target.reference_id}"

    @cached_property
    def target(self) -> Payout:
        payout = Payout.objects.select_related("driver").filter(pk=self.kwargs["payout_id"]).first()
        if payout is None:
            raise Http404
        return payout

    def preview_with(self, *, cascade: bool, returned_item: bool) -> services.VoidPreview:
        return rehearse(
            driver_id=self.driver_id,
            act=lambda: services.void_payout(payout_id=self.target.pk, reason="preview", actor=None),
        )

    def act(self, form: forms.Form) -> list[LedgerPosting]:
        return services.void_payout(payout_id=self.target.pk, reason=form.cleaned_data["reason"], actor=self.actor)

    def describe(self, result: list[LedgerPosting]) -> str:
        return f"{self.target.reference_id} of {format_dollars(self.target.amount)} is voided, {_count(result)}."

    def get_success_url(self, result: Any) -> str:
        return reverse("admin:ledger_payout_change", args=[self.target.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:ledger_payout_change", args=[self.target.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sentence = f"{self.target.reference_id}: {format_dollars(self.target.amount)} paid out."
        return super().get_context_data(sentence=sentence, **kwargs)


def _count(written: list[LedgerPosting]) -> str:
    return "by 1 posting" if len(written) == 1 else f"by {len(written)} postings"
