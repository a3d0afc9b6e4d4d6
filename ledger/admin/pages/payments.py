"""The payment page: a driver's money over the counter, and what they name it for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from core.errors import DomainError
from ledger import services
from ledger.admin.pages.base import DriverPage
from ledger.forms import PayableLine, PaymentForm, sum_typed
from ledger.installments.rules import last_payable_ahead
from ledger.models import InterimPayment
from ledger.money import ZERO, format_dollars
from ledger.selectors import (
    Doubt,
    get_waterfall_order,
    list_installments_payable_ahead,
    list_open_obligations,
    list_words,
)
from ledger.selectors.leases import list_lease_ids
from ledger.waterfall import OpenDebt, suggest_allocations

#: Lines on one page; whoever owes more pays the others afterwards.
MAX_LINES = 300
LINE_PREFIX = "pay:"


def list_payable_lines(driver_id: int, today: date) -> list[PayableLine]:
    """Return what a driver's money can be named for: what they owe, by priority, and what is due within four weeks."""
    balances = list(list_open_obligations(driver_id, on=today)[:MAX_LINES])
    words = list_words([balance.pk for balance in balances])
    owed = [PayableLine(b.reference_id, b.category, b.due_on, b.remaining, description=words[b.pk]) for b in balances]
    coming = [
        PayableLine(
            charge.reference_id,
            charge.category,
            charge.due_on,
            charge.amount,
            is_posted=False,
            description=charge.description,
        )
        for charge in list_installments_payable_ahead(driver_id, last_payable_ahead(today))
    ]
    return [*owed, *coming]


@dataclass(frozen=True)
class PaymentPreview(services.MoneyPreview):
    """What a payment would do, and what makes it look like a mistake. Its digest is of what it would do."""

    doubts: Sequence[Doubt] = field(default=(), repr=False)


class TakePaymentPage(DriverPage):
    permission_required = "ledger.add_interimpayment"
    template_name = "ledger/take_payment.html"
    form_class = PaymentForm
    verb = "Take payment"
    inputs = {"payment_amount": "amount", "payment_method": "method", "allocations": "amount"}

    def get_title(self) -> str:
        return f"Payment of {self.driver}"

    @cached_property
    def lines(self) -> list[PayableLine]:
        """What the driver can name: what they owe, in priority order, and what falls due within four weeks."""
        lines = list_payable_lines(self.driver.pk, timezone.localdate())
        return [*lines, *self._list_closed({line.reference_id for line in lines})]

    def _list_closed(self, open_references: set[str]) -> list[PayableLine]:
        """What was typed for, and somebody else has paid or voided meanwhile: it is kept in sight, never dropped."""
        typed = [
            name.removeprefix(LINE_PREFIX)
            for name, value in self.request.POST.items()
            if name.startswith(LINE_PREFIX) and str(value).strip()
        ]
        return [
            PayableLine(reference_id, "", None, ZERO, is_closed=True)
            for reference_id in typed
            if reference_id not in open_references
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": self.lines, "leases": self.leases}

    @cached_property
    def leases(self) -> list[tuple[int, str]]:
        lease_model = InterimPayment._meta.get_field("lease").related_model
        assert isinstance(lease_model, type)
        found = lease_model._default_manager.in_bulk(list_lease_ids(self.driver.pk))
        return [(pk, str(lease)) for pk, lease in sorted(found.items(), reverse=True)]

    def get_initial(self) -> dict[str, Any]:
        # Amounts are never filled in: whoever counts must type.
        return {"lease": self.leases[0][0]} if len(self.leases) == 1 else {}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "_suggest" in request.POST:
            return self.suggest(request)
        return super().post(request, *args, **kwargs)

    def suggest(self, request: HttpRequest) -> HttpResponse:
        """Show the form again with the payment laid out by priority over what is due."""
        form = self.make_form(request.POST)
        form.is_valid()
        typed = getattr(form, "cleaned_data", {})
        if typed.get("amount") is None:
            return self.show(form)
        today = timezone.localdate()
        debts = [
            OpenDebt(place, line.category, line.due_on, line.remaining, line.reference_id)
            for place, line in enumerate(self.lines)
            if line.is_posted and not line.is_closed and line.due_on is not None and line.due_on <= today
        ]
        available = max(typed["amount"] - (typed.get("deposit") or ZERO), ZERO)
        suggested = suggest_allocations(available, debts, get_waterfall_order(today))
        data = request.POST.copy()
        for line in self.lines:
            data[line.field_name] = str(suggested.get(line.reference_id, ""))
        return self.show(self.make_form(data))

    def preview(self, form: Form) -> PaymentPreview:
        doubts: list[Doubt] = []
        money = services.preview_money(
            driver_id=self.driver.pk,
            act=lambda: doubts.extend(self.take(form, asks=False).doubts),
            today=timezone.localdate(),
        )
        return PaymentPreview(money.steps, money.changes, money.net_position_change, doubts)

    def must_be_seen(self, preview: Any) -> bool:
        # What was asked and has passed since is not asked again.
        is_new = any(doubt.code not in self.confirmed for doubt in preview.doubts)
        return super().must_be_seen(preview) or (bool(preview.steps) and is_new)

    @property
    def confirmed(self) -> list[str]:
        """The doubts that were on the page when its button was pressed: pressing it was the answer."""
        return self.request.POST.getlist("_confirmed")

    def act(self, form: Form) -> InterimPayment:
        return self.take(form, asks=True)

    def take(self, form: Form, *, asks: bool) -> InterimPayment:
        assert isinstance(form, PaymentForm)
        return services.apply_interim_payment(
            driver_id=self.driver.pk,
            payment_amount=form.cleaned_data["amount"],
            payment_method=form.cleaned_data["method"],
            instrument_number=form.cleaned_data["instrument_number"],
            lease_id=form.cleaned_data["lease"],
            deposit=form.cleaned_data["deposit"] or ZERO,
            allocations=form.allocations(),
            idempotency_key=form.cleaned_data["token"],
            effective_on=timezone.localdate(),
            same_on_any_day=True,
            asks=asks,
            confirmed=self.confirmed,
            actor=self.actor,
        )

    def refuse(self, form: Form, refusal: DomainError) -> None:
        line = f"{LINE_PREFIX}{refusal.facts.get('reference_id', '')}"
        if line in form.fields:
            form.add_error(line, refusal.message)
        else:
            super().refuse(form, refusal)

    def describe(self, result: InterimPayment) -> str:
        return f"{result.reference_id}: {format_dollars(result.amount)} received."

    def get_success_url(self, result: InterimPayment) -> str:
        return reverse("admin:ledger_interimpayment_receipt", args=[result.pk])

    def get_sentence(self) -> str:
        owed = sum_typed(line.remaining for line in self.lines if line.is_posted)
        return f"Owes {format_dollars(owed)} in open charges."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"]
        typed = getattr(form, "cleaned_data", {})
        named = sum_typed(typed.get(line.field_name) for line in self.lines)
        on_account = (typed.get("amount") or ZERO) - (typed.get("deposit") or ZERO) - named
        return super().get_context_data(
            today=timezone.localdate(),
            on_account=on_account,
            max_lines=MAX_LINES if len(self.lines) >= MAX_LINES else None,
            **kwargs,
        )
