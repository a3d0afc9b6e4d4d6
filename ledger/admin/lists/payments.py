"""Counter payments: the list, one payment with its lines, its receipt, and the day's takings."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from core.admin import AnswerFilter, Button, Fact, ListSum, OwnedRecordAdmin, Part, WeekFilter, find_url, money_cell
from core.admin.search import number_in
from core.documents import find_documents
from ledger.admin.cells import account_url, driver_link
from ledger.admin.pages.receipts import DayCsv, DayPage, PrintReceiptsPage, ReceiptPage, list_lines
from ledger.admin.pages.several import VoidPaymentsPage
from ledger.admin.pages.voids import VoidPaymentPage
from ledger.categories import PaymentMethod
from ledger.errors import PaymentNotFound
from ledger.models import InterimPayment
from ledger.money import format_dollars
from ledger.selectors import (
    PaymentBreakdown,
    PaymentStatus,
    get_payment_breakdown,
    is_numbered,
    list_payments,
    list_undone_payments,
)

PAYMENT_STATUS_LABELS = {
    "Received": "success",
    "Voided in part": "warning",
    "Voided": "danger",
    "Returned": "danger",
}


class ReceivedWeekFilter(WeekFilter):
    days_of = "received_on"


class PaymentStateFilter(AnswerFilter):
    title = "status"
    parameter_name = "state"
    answers = {
        "stands": ("Received", lambda: ~Q(pk__in=list_undone_payments())),
        "undone": ("Voided or returned", lambda: Q(pk__in=list_undone_payments())),
    }


@admin.register(InterimPayment)
class InterimPaymentAdmin(OwnedRecordAdmin):
    list_display = ["receipt", "received_on", "of_driver", "method", "instrument", "money", "cashier", "state"]
    list_filter = [
        ("method", ChoicesDropdownFilter),
        ReceivedWeekFilter,
        ("received_on", RangeDateFilter),
        ("received_by", RelatedDropdownFilter),
        PaymentStateFilter,
        ("driver", AutocompleteSelectFilter),
    ]
    list_select_related = ["driver", "received_by"]
    several_pages = (VoidPaymentsPage, PrintReceiptsPage)
    list_sum = ListSum(
        (Part(F("amount") - F("voided_amount")),),
        counted=Q(voided_amount__lt=F("amount")),
        apart=Part(F("voided_amount"), "voided or returned", Q(voided_amount__gt=0)),
    )
    ordering = ["-id"]
    sortable_by = ["received_on", "money"]
    indexed_order = ("received_on",)
    search_fields = ["number"]
    search_help_text = "Receipt number, check number or bank reference, or a driver"
    detail_template = "ledger/payment.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("day/", DayPage, "ledger_payments_of_day"),
            self.page("day/payments.csv", DayCsv, "ledger_payments_of_day_csv"),
            self.page("<int:payment_id>/receipt/", ReceiptPage, "ledger_interimpayment_receipt"),
            self.page("<int:record_id>/void/", VoidPaymentPage, "ledger_interimpayment_void"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InterimPayment]:
        return list_payments()

    def find_exactly(self, term: str) -> Q | None:
        # A number is a receipt's or a check's; a TLC license is found when neither bears it.
        return is_numbered(term, InterimPayment)

    @admin.display(description="Receipt")
    def receipt(self, payment: InterimPayment) -> str:
        return payment.reference_id

    @admin.display(description="Driver")
    def of_driver(self, payment: InterimPayment) -> SafeString:
        return driver_link(payment.driver)

    @admin.display(description="Check or bank ref.")
    def instrument(self, payment: InterimPayment) -> str:
        return payment.instrument_number

    @admin.display(description="Amount", ordering="amount")
    def money(self, payment: InterimPayment) -> str:
        return money_cell(payment.amount, is_void=self.is_void(payment))

    def dollars_of(self, payment: Any) -> Decimal:
        dollars: Decimal = payment.amount - payment.voided_amount
        return dollars

    def is_void(self, payment: Any) -> bool:
        return bool(payment.voided_amount >= payment.amount)

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
        documents = find_documents(request.user, payment.driver_id, payment.reference_id)
        if documents is not None and documents.count:
            facts.append(Fact("Kept with it", documents, documents.url))
        if recovery is not None:
            facts.append(Fact("Charged back by", recovery, find_url(self.admin_site, request, recovery)))
        return facts


def _list_buttons(request: HttpRequest, breakdown: PaymentBreakdown) -> list[Button]:
    payment = breakdown.payment
    buttons = [
        Button("Receipt", reverse("admin:ledger_interimpayment_receipt", args=[payment.pk]), is_main=True),
    ]
    documents = find_documents(request.user, payment.driver_id, payment.reference_id)
    if documents is not None and documents.add_url:
        buttons.append(Button("Add a document", documents.add_url))
    is_undone = breakdown.status in (PaymentStatus.VOIDED, PaymentStatus.RETURNED)
    if not is_undone and request.user.has_perm("ledger.void_interimpayment"):
        url = reverse("admin:ledger_interimpayment_void", args=[payment.pk])
        if payment.method != PaymentMethod.CASH:
            buttons.append(Button(_returned_label(payment), f"{url}?returned=1", is_dangerous=True))
        buttons.append(Button("Void", url, is_dangerous=True))
    return buttons


def _returned_label(payment: InterimPayment) -> str:
    return "Returned check" if payment.method == PaymentMethod.CHECK else "Returned by the bank"
