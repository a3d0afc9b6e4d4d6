"""A payment's receipt to print, and the payments of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from core.admin import Page, Slice, SlicedPage
from core.documents import find_documents
from core.sheets import make_csv
from core.weeks import week_of
from core.words import say_days, say_time
from ledger.admin.cells import account_url
from ledger.admin.reviewing import say_how
from ledger.categories import Kind, PaymentMethod
from ledger.errors import PaymentNotFound
from ledger.forms import DayForm
from ledger.models import InterimPayment
from ledger.money import ZERO, format_dollars
from ledger.selectors import (
    Dues,
    PaymentBreakdown,
    PaymentStatus,
    PaymentsTotal,
    Receipt,
    get_dues,
    get_payer,
    get_position,
    get_receipt,
    list_cash_paid_out,
    list_payments_by_day,
    list_words,
    sum_payments_by_day,
)

#: What the address says of the narrow paper.
ROLL = "80mm"
DAY_COLUMNS = (
    "Receipt",
    "Received",
    "Cashier",
    "Driver",
    "Paid with",
    "Number",
    "Status",
    "Amount",
    "Voided",
    "Paid out",
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
    """What the driver takes home: on a letter page, or on a roll of 80 mm.

    It tells the payment as it stands when it is shown, and says so; a line that was undone stays on it, struck.
    """

    permission_required = "ledger.view_interimpayment"
    template_name = "ledger/receipt.html"

    @cached_property
    def receipt(self) -> Receipt:
        try:
            return get_receipt(self.kwargs["payment_id"])
        except PaymentNotFound as missing:
            raise Http404 from missing

    def get_title(self) -> str:
        return f"Receipt {self.receipt.payment.reference_id}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        receipt = self.receipt
        described = _describe(receipt)
        return super().get_context_data(
            **described,
            status=say_status(receipt, described["payer"].name, described["dues"], timezone.localdate()),
            documents=find_documents(self.request.user, receipt.payment.driver_id, receipt.payment.reference_id),
            is_roll=self.request.GET.get("paper") == ROLL,
            roll=ROLL,
            account_url=account_url(receipt.payment.driver_id),
            **kwargs,
        )


def say_status(receipt: Receipt, name: str, dues: Dues, today: date) -> tuple[str, str]:
    """Return what the page says above the receipt: ``Taken: $400.00 in cash from Anil Jeudy.`` and what is owed now."""
    payment, first_name = receipt.payment, name.split(" ")[0]
    how = f"{format_dollars(payment.amount)} {say_how(payment.method, payment.instrument_number)} from {name}."
    done = f"{receipt.status.label}: " if receipt.is_undone else "Taken: "
    if not dues.total:
        owes = f"{first_name} owes nothing now."
    elif not dues.due_now and dues.next_due_on and dues.last_due_on:
        days = say_days(dues.next_due_on, dues.last_due_on, told_on=today)
        on = f"{dues.next_due_on:%A}, {days}" if dues.next_due_on == dues.last_due_on else days
        owes = f"{first_name} still owes {format_dollars(dues.total)}, due {on}."
    else:
        part = "all of it" if dues.due_now == dues.total else f"{format_dollars(dues.due_now)} of it"
        owes = f"{first_name} still owes {format_dollars(dues.total)}, {part} due now."
    return f"{done}{how}", f"Receipt {payment.reference_id}. {owes}"


class PrintReceiptsPage(SlicedPage):
    """The receipts of the payments chosen in their list, each on a page of its own, printed once all are there."""

    permission_required = "ledger.view_interimpayment"
    model = InterimPayment
    name, verb, title = "print", "Print receipts", "Receipts"
    template_name = "core/slices.html"
    #: Each asks a dozen questions.
    at_once = 25
    papers_name, paper_name = "receipts", "receipt"

    def make_slice(self, records: Sequence[InterimPayment], *, is_last: bool) -> Slice:
        return Slice(
            [
                render_to_string("ledger/receipt_paper.html", _describe(get_receipt(payment.pk)), self.request)
                for payment in records
            ]
        )


def _describe(receipt: Receipt) -> dict[str, Any]:
    """What a receipt's paper tells, as of now."""
    payment, today = receipt.payment, timezone.localdate()
    return {
        "payment": payment,
        "receipt": receipt,
        "payer": get_payer(payment.driver_id, payment.lease_id, at=payment.received_at),
        "dues": get_dues(payment.driver_id, on=today),
        "held": get_position(payment.driver_id, as_of=today).held_credits,
        "saturday": week_of(today).end,
        "printed_at": timezone.now(),
    }


@dataclass(frozen=True, slots=True)
class CashierTotal:
    """A cashier's day: a row for each method, and their sum."""

    name: str
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
    title = "Today at the counter"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = _ask_for_day(self.request)
        on = form.cleaned_data["on"] if form.is_valid() else None
        totals = sum_payments_by_day(on) if on else []
        cashiers = [
            CashierTotal(name or "the system", list(rows))
            for (_, name), rows in groupby(totals, key=lambda row: (row.received_by_id, row.received_by))
        ]
        paid_out = list(list_cash_paid_out(on)) if on else []
        cash_out = sum((payout.amount for payout in paid_out), start=ZERO)
        return super().get_context_data(
            form=form,
            on=on,
            iso_day=on.isoformat() if on else "",
            cash_out=cash_out,
            paid_out=paid_out,
            cash_due=sum((row.standing_amount for row in totals if row.method == PaymentMethod.CASH), start=-cash_out),
            cashiers=cashiers,
            day=CashierTotal("", totals),
            payments=[(payment, PaymentStatus(payment.status).label) for payment in self._list_payments(on)],
            **kwargs,
        )

    def _list_payments(self, on: date | None) -> list[Any]:
        return list(list_payments_by_day(on)) if on else []


class DayCsv(Page):
    """The payments of a day and the cash that went out, as a file, with what the page shows of them."""

    permission_required = "ledger.view_interimpayment"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = _ask_for_day(request)
        if not form.is_valid():
            return redirect(f"{reverse('admin:ledger_payments_of_day')}?{request.GET.urlencode()}")
        on = form.cleaned_data["on"]
        headers = {"Content-Disposition": f'attachment; filename="payments-{on}.csv"'}
        rows = [*map(_as_row, list_payments_by_day(on)), *map(_as_row_out, list_cash_paid_out(on))]
        content = make_csv(DAY_COLUMNS, rows)
        return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def _ask_for_day(request: HttpRequest) -> DayForm:
    """Return the form with the day that is asked for: today, if none is."""
    return DayForm(request.GET if "on" in request.GET else {"on": timezone.localdate()})


def _as_row(payment: Any) -> list[Any]:
    return [
        payment.reference_id,
        say_time(payment.received_at),
        payment.received_by or "the system",
        str(payment.driver),
        payment.get_method_display(),
        payment.instrument_number,
        PaymentStatus(payment.status).label,
        payment.amount,
        payment.voided_amount,
        "",
    ]


def _as_row_out(payout: Any) -> list[Any]:
    return [
        payout.reference_id,
        say_time(payout.paid_at),
        payout.paid_by or "the system",
        str(payout.driver),
        payout.get_method_display(),
        payout.instrument_number,
        "Paid out",
        "",
        "",
        payout.amount,
    ]
