"""Mending a mistake: another amount, a voided charge charged again, money won back, money used for something else."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from core.corrections import Price, find_price
from core.errors import DomainError
from core.sources import find_source
from ledger import services
from ledger.admin.pages.base import MoneyPage
from ledger.admin.pages.payments import LINE_PREFIX, list_payable_lines
from ledger.categories import EntryType, Kind
from ledger.forms import ChargeAgainForm, CorrectAmountForm, UseCreditForm, WinBackForm
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import ZERO, format_dollars
from ledger.selectors import find_act_instead, find_newer, list_what_had_paid


class MendingPage(MoneyPage):
    """Mends what the ledger itself may mend. What follows a record of a module leads to that record instead."""

    def find_act_instead(self) -> str | None:
        return find_act_instead(self.record)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sentence = self.find_act_instead()
        if sentence is None:
            return super().get(request, *args, **kwargs)
        messages.warning(request, sentence)
        source = find_source(self.record.reference_id)
        may_open = source is not None and request.user.has_perm(source.permission)
        return redirect(source.url if source is not None and may_open else self.get_record_url())


class MendedOncePage(MendingPage):
    """Mends a charge, and leads to the one that took its place: afterwards, and whoever comes too late."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        newer = find_newer(self.record)
        if newer is None:
            return super().get(request, *args, **kwargs)
        messages.warning(
            request, f"{newer.reference_id} was charged anew since; this is the charge that took its place."
        )
        return redirect("admin:ledger_ledgerbalance_change", newer.pk)

    def get_success_url(self, result: LedgerPosting) -> str:
        return reverse("admin:ledger_ledgerbalance_change", args=[result.pk])


class CorrectAmountPage(MendedOncePage):
    """Another amount for a charge that stands; what had paid it pays the new one."""

    model: ClassVar[type[Model]] = LedgerBalance
    related = ("driver", "posting")
    permission_required = "ledger.correct_charge"
    form_class = CorrectAmountForm
    verb = "Correct the amount"

    def get_title(self) -> str:
        return f"Correct the amount of {self.record.reference_id}"

    def read(self) -> LedgerBalance:
        balance: LedgerBalance = super().read()
        if not balance.is_obligation:
            raise Http404
        return balance

    def act(self, form: forms.Form) -> LedgerPosting:
        return services.replace_obligation(
            posting_id=self.record.pk,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            effective_on=timezone.localdate(),
            by_hand=True,
            actor=self.actor,
        )

    def describe(self, result: LedgerPosting) -> str:
        return f"{result.reference_id} now amounts to {format_dollars(result.amount)}, by posting {result.pk}."

    def get_sentence(self) -> str:
        amount, left = format_dollars(self.record.original_amount), format_dollars(self.record.remaining)
        return f"It amounts to {amount}, of which {left} is open."


class ChargeAgainPage(MendedOncePage):
    """A charge that was voided by mistake, once more."""

    model: ClassVar[type[Model]] = LedgerPosting
    related = ("driver",)
    permission_required = "ledger.correct_charge"
    form_class = ChargeAgainForm
    verb = "Charge again"

    def get_title(self) -> str:
        return f"Charge {self.record.reference_id} again"

    def read(self) -> LedgerPosting:
        posting: LedgerPosting = super().read()
        if posting.kind != Kind.OBLIGATION:
            raise Http404
        return posting

    def get_initial(self) -> dict[str, Any]:
        return {"amount": f"{self.price.amount if self.price else self.record.amount:.2f}", "pay_again": True}

    @cached_property
    def price(self) -> Price | None:
        return find_price(self.record, timezone.localdate())

    def act(self, form: forms.Form) -> LedgerPosting:
        return services.charge_again(
            posting_id=self.record.pk,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            with_what_had_paid=form.cleaned_data["pay_again"],
            effective_on=timezone.localdate(),
            by_hand=True,
            actor=self.actor,
        )

    def describe(self, result: LedgerPosting) -> str:
        return f"{format_dollars(result.amount)} is charged again as {result.reference_id}, by posting {result.pk}."

    def get_sentence(self) -> str:
        offered = sum((had.offered for had in list_what_had_paid(self.record)), start=ZERO)
        voided = "It was voided."
        if self.price and self.price.amount != self.record.amount:
            was, now = format_dollars(self.record.amount), format_dollars(self.price.amount)
            voided = f"It was voided. It was {was}, and comes to {now} now: {self.price.description}."
        if not offered:
            return f"{voided} Nothing of what had paid it is still held."
        return f"{voided} {format_dollars(offered)} of what had paid it is still held, and can pay it again."


class WinBackPage(MendingPage):
    """Money that the fleet gave by mistake, charged to the driver."""

    model: ClassVar[type[Model]] = LedgerBalance
    related = ("driver", "posting")
    permission_required = "ledger.win_back"
    form_class = WinBackForm
    verb = "Win back"
    is_dangerous = True

    def get_title(self) -> str:
        return f"Win back {self.record.reference_id}"

    def read(self) -> LedgerBalance:
        balance: LedgerBalance = super().read()
        if balance.posting.kind not in (Kind.CREDIT_MEMO, Kind.EARNINGS):
            raise Http404
        return balance

    def act(self, form: forms.Form) -> LedgerPosting:
        return services.win_back(
            posting_id=self.record.pk,
            reason=form.cleaned_data["reason"],
            effective_on=timezone.localdate(),
            by_hand=True,
            actor=self.actor,
        )

    def describe(self, result: LedgerPosting) -> str:
        return f"{format_dollars(result.amount)} is charged as {result.reference_id}, by posting {result.pk}."

    def get_sentence(self) -> str:
        given, held = format_dollars(self.record.original_amount), format_dollars(self.record.remaining)
        return f"{given} was given, and {held} of it is still held: that pays at once. What it had paid stays paid."


class UseCreditPage(MoneyPage):
    """Money that is held, for what the driver or the office names."""

    model: ClassVar[type[Model]] = LedgerBalance
    related = ("driver", "posting")
    permission_required = "ledger.use_credit"
    template_name = "ledger/use_credit.html"
    form_class = UseCreditForm
    verb = "Use this money"

    def get_title(self) -> str:
        return f"Use {self.record.reference_id} for …"

    def read(self) -> LedgerBalance:
        balance: LedgerBalance = super().read()
        if balance.entry_type != EntryType.CREDIT or balance.posting.kind == Kind.DEPOSIT:
            raise Http404
        return balance

    @cached_property
    def lines(self) -> list[Any]:
        return list_payable_lines(self.driver.pk, timezone.localdate())

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": self.lines}

    def act(self, form: forms.Form) -> Sequence[LedgerPosting]:
        assert isinstance(form, UseCreditForm)
        return services.allocate_credit(
            posting_id=self.record.pk,
            allocations=form.allocations(),
            reason=form.cleaned_data["reason"],
            effective_on=timezone.localdate(),
            actor=self.actor,
        )

    def refuse(self, form: forms.Form, refusal: DomainError) -> None:
        line = f"{LINE_PREFIX}{refusal.facts.get('reference_id', '')}"
        if line in form.fields:
            form.add_error(line, refusal.message)
        else:
            super().refuse(form, refusal)

    def describe(self, result: Sequence[LedgerPosting]) -> str:
        used = sum((movement.amount for movement in result), start=ZERO)
        return f"{format_dollars(used)} of {self.record.reference_id} is used as you named it."

    def get_sentence(self) -> str:
        return f"{format_dollars(self.record.remaining)} of {self.record.reference_id} is held."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(today=timezone.localdate(), **kwargs)
