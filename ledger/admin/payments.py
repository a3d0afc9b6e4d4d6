"""Counter payments: the list, one payment with its lines, its receipt, and the day's takings."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from config.kit.admin import Button, Fact, Page, ReadOnlyAdmin, find_url
from ledger.admin.acts.voids import VoidPaymentPage
from ledger.admin.cells import account_url, driver_link, money_cell, number_in, search_by_reference_or_driver
from ledger.categories import Kind, PaymentMethod
from ledger.errors import PaymentNotFound
from ledger.forms import DayForm
from ledger.models import InterimPayment
from ledger.money import ZERO, format_dollars
from ledger.selectors import (
    PaymentBreakdown,
    PaymentStatus,
    PaymentsTotal,
    get_payment_breakdown,
    list_payments,
    list_payments_by_day,
    sum_payments_by_day,
)

PAYMENT_STATUS_LABELS = {
    "Received": "success",
    "Voided in part": "warning",
    "Voided": "danger",
    "Returned": "danger",
}


@admin.register(InterimPayment)
class InterimPaymentAdmin(ReadOnlyAdmin):
    list_display = ["receipt", "received_on", "of_driver", "method", "paper", "money", "cashier", "state"]
    list_filter = [
        ("method", ChoicesDropdownFilter),
        ("received_on", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
    ]
    list_select_related = ["driver", "received_by"]
    ordering = ["-id"]
    search_fields = ["number"]
    search_help_text = "Receipt number or driver"
    detail_template = "admin/ledger/payment.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("day/", DayPage, "ledger_payments_of_day"),
            self.page("<int:payment_id>/receipt/", ReceiptPage, "ledger_interimpayment_receipt"),
            self.page("<int:payment_id>/void/", VoidPaymentPage, "ledger_interimpayment_void"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InterimPayment]:
        return list_payments()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[InterimPayment], search_term: str
    ) -> tuple[QuerySet[InterimPayment], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # A number is a receipt's; a TLC license is found when no receipt bears it.
        exactly = Q(number=number_in(term, InterimPayment.prefix) or 0)
        return search_by_reference_or_driver(self.admin_site, request, queryset, term, exactly=exactly), False

    @admin.display(description="Receipt")
    def receipt(self, payment: InterimPayment) -> str:
        return payment.reference_id

    @admin.display(description="Driver")
    def of_driver(self, payment: InterimPayment) -> SafeString:
        return driver_link(payment.driver)

    @admin.display(description="Check or bank ref.")
    def paper(self, payment: InterimPayment) -> str:
        return payment.instrument_number

    @admin.display(description="Amount")
    def money(self, payment: InterimPayment) -> str:
        return money_cell(payment.amount)

    @admin.display(description="Cashier")
    def cashier(self, payment: InterimPayment) -> str:
        return str(payment.received_by or "the system")

    @display(description="Status", label=PAYMENT_STATUS_LABELS)
    def state(self, payment: Any) -> str:
        return str(PaymentStatus(payment.status).label)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> InterimPayment | None:
        try:
            return get_payment_breakdown(int(object_id)).payment if number_in(object_id) else None
        except PaymentNotFound:
            return None

    def get_detail(self, request: HttpRequest, record: InterimPayment) -> dict[str, Any]:
        breakdown = get_payment_breakdown(record.pk)
        return {
            "breakdown": breakdown,
            "lines": list_lines(breakdown),
            "status_type": PAYMENT_STATUS_LABELS[breakdown.status.label],
            "facts": self._list_facts(request, breakdown),
            "buttons": _list_buttons(request, breakdown),
        }

    def _list_facts(self, request: HttpRequest, breakdown: PaymentBreakdown) -> list[Fact]:
        payment = breakdown.payment
        recovery = breakdown.recovery
        facts = [
            Fact("Receipt", payment.reference_id),
            Fact("Driver", payment.driver, account_url(payment.driver_id)),
            Fact("Amount", format_dollars(payment.amount)),
            Fact("Method", payment.get_method_display()),
            Fact("Check number or bank reference", payment.instrument_number),
            Fact("Lease", payment.lease, find_url(self.admin_site, request, payment.lease)),
            Fact("Lease deposit in it", format_dollars(payment.deposit) if payment.deposit else ""),
            Fact("Received", payment.received_at),
            Fact("Cashier", payment.received_by or "the system"),
        ]
        if recovery is not None:
            facts.append(Fact("Charged back by", recovery, find_url(self.admin_site, request, recovery)))
        return facts


@dataclass(frozen=True, slots=True)
class Line:
    """What a payment's money did: ``reference_id`` names what it paid."""

    posting_id: int
    kind: str
    category: str
    reference_id: str
    balance_id: int | None
    amount: Decimal
    effective_on: date
    voided_by_id: int | None


def list_lines(breakdown: PaymentBreakdown) -> list[Line]:
    """Return every use of the payment's money, oldest first, voided ones included."""
    uses: list[Any] = [use for credit in breakdown.credits for use in credit.uses]
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
        )
        for use in sorted(uses, key=lambda use: use.pk)
    ]


def _list_buttons(request: HttpRequest, breakdown: PaymentBreakdown) -> list[Button]:
    payment = breakdown.payment
    buttons = [
        Button("Receipt", reverse("admin:ledger_interimpayment_receipt", args=[payment.pk]), is_main=True),
    ]
    is_undone = breakdown.status in (PaymentStatus.VOIDED, PaymentStatus.RETURNED)
    if not is_undone and request.user.has_perm("ledger.void_interimpayment"):
        url = reverse("admin:ledger_interimpayment_void", args=[payment.pk])
        if payment.method != PaymentMethod.CASH:
            buttons.append(Button(_returned_label(payment), f"{url}?returned=1", is_dangerous=True))
        buttons.append(Button("Void", url, is_dangerous=True))
    return buttons


def _returned_label(payment: InterimPayment) -> str:
    return "Returned check" if payment.method == PaymentMethod.CHECK else "Returned by the bank"


class ReceiptPage(Page):
    """What the driver takes home, on one sheet."""

    permission_required = "ledger.view_interimpayment"
    template_name = "admin/ledger/receipt.html"

    @cached_property
    def breakdown(self) -> PaymentBreakdown:
        try:
            return get_payment_breakdown(self.kwargs["payment_id"])
        except PaymentNotFound as missing:
            raise Http404 from missing

    @property
    def title(self) -> str:  # type: ignore[override]
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
    template_name = "admin/ledger/day.html"
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
