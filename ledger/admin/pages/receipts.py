"""A payment's receipt to print, and the payments of a day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property

from core.admin import Page
from ledger.admin.cells import account_url
from ledger.categories import Kind
from ledger.errors import PaymentNotFound
from ledger.forms import DayForm
from ledger.money import ZERO
from ledger.selectors import (
    PaymentBreakdown,
    PaymentStatus,
    PaymentsTotal,
    get_payment_breakdown,
    list_payments_by_day,
    list_words,
    sum_payments_by_day,
)


@dataclass(frozen=True, slots=True)
class Line:
    """What a payment's money did: ``description`` says what it paid, ``reference_id`` names it."""

    posting_id: int
    kind: str
    category: str
    reference_id: str
    balance_id: int | None
    amount: Decimal
    effective_on: date
    voided_by_id: int | None
    description: str


def list_lines(breakdown: PaymentBreakdown) -> list[Line]:
    """Return every use of the payment's money, oldest first, voided ones included."""
    uses: list[Any] = [use for credit in breakdown.credits for use in credit.uses]
    # A payout is told by itself; whatever else was paid, by what it is.
    told_by = {use.pk: use.pk if use.kind == Kind.PAYOUT else use.balance_id for use in uses}
    words = list_words(set(told_by.values()))
    return [
        Line(
            use.pk,
            use.kind,
            use.category,
            use.reference_id,
            use.balance_id,
            use.amount,
            use.effective_on,
            use.voided_by_id,
            words[told_by[use.pk]],
        )
        for use in sorted(uses, key=lambda use: use.pk)
    ]


class ReceiptPage(Page):
    """What the driver takes home, on one sheet."""

    permission_required = "ledger.view_interimpayment"
    template_name = "ledger/receipt.html"

    @cached_property
    def breakdown(self) -> PaymentBreakdown:
        try:
            return get_payment_breakdown(self.kwargs["payment_id"])
        except PaymentNotFound as missing:
            raise Http404 from missing

    def get_title(self) -> str:
        return f"Receipt {self.breakdown.payment.reference_id}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        breakdown = self.breakdown
        # A receipt tells what was agreed at the counter; what the waterfall did with the rest later is no part of it.
        named = [line for line in list_lines(breakdown) if line.kind == Kind.ALLOCATION]
        payment = breakdown.payment
        return super().get_context_data(
            payment=payment,
            status=breakdown.status,
            is_undone=breakdown.status in (PaymentStatus.VOIDED, PaymentStatus.RETURNED),
            lines=named,
            on_account=payment.amount - payment.deposit - sum((line.amount for line in named), start=ZERO),
            account_url=account_url(payment.driver_id),
            **kwargs,
        )


@dataclass(frozen=True, slots=True)
class CashierTotal:
    """A cashier's day: a row for each method, and their sum."""

    username: str
    methods: list[PaymentsTotal]

    @property
    def count(self) -> int:
        return sum(row.count for row in self.methods)

    @property
    def amount(self) -> Decimal:
        return sum((row.amount for row in self.methods), start=ZERO)

    @property
    def voided_amount(self) -> Decimal:
        return sum((row.voided_amount for row in self.methods), start=ZERO)

    @property
    def standing_amount(self) -> Decimal:
        return self.amount - self.voided_amount


class DayPage(Page):
    """The day's takings, as a drawer is counted: by cashier and method, what was voided apart."""

    permission_required = "ledger.view_interimpayment"
    template_name = "ledger/day.html"
    title = "Payments of the day"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = DayForm(self.request.GET) if "on" in self.request.GET else DayForm({"on": timezone.localdate()})
        on = form.cleaned_data["on"] if form.is_valid() else None
        totals = sum_payments_by_day(on) if on else []
        cashiers = [
            CashierTotal(username or "the system", list(rows))
            for username, rows in groupby(totals, key=lambda row: row.received_by)
        ]
        return super().get_context_data(
            form=form,
            on=on,
            cashiers=cashiers,
            day=CashierTotal("", totals),
            payments=[(payment, PaymentStatus(payment.status).label) for payment in self._list_payments(on)],
            **kwargs,
        )

    def _list_payments(self, on: date | None) -> list[Any]:
        return list(list_payments_by_day(on)) if on else []
