"""Payouts: the list, one payout with the credits it was drawn from, and its void."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet
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

from core.admin import AnswerFilter, Button, Fact, ListSum, OwnedRecordAdmin, Part, money_cell
from core.admin.search import number_in
from core.expressions import ExistsForRow
from ledger.admin.cells import account_url, driver_link
from ledger.admin.pages.several import VoidPayoutsPage
from ledger.admin.pages.voids import VoidPayoutPage
from ledger.admin.pages.vouchers import VoucherPage
from ledger.categories import Kind
from ledger.models import LedgerPosting, Payout
from ledger.money import format_dollars
from ledger.narration import tell, tell_opening
from ledger.selectors import is_numbered, with_words


class PayoutStateFilter(AnswerFilter):
    title = "status"
    parameter_name = "state"
    answers = {
        "stands": ("Paid", lambda: ~Q(pk__in=_list_voided())),
        "voided": ("Voided", lambda: Q(pk__in=_list_voided())),
    }


def _list_voided() -> Any:
    return LedgerPosting.objects.filter(reverses__isnull=False, payout__isnull=False).order_by().values("payout_id")


@admin.register(Payout)
class PayoutAdmin(OwnedRecordAdmin):
    list_display = [
        "payout",
        "paid_on",
        "of_driver",
        "method",
        "instrument",
        "dtr_number",
        "money",
        "by",
        "state",
    ]
    list_filter = [
        ("method", ChoicesDropdownFilter),
        ("paid_on", RangeDateFilter),
        ("paid_by", RelatedDropdownFilter),
        PayoutStateFilter,
        ("driver", AutocompleteSelectFilter),
    ]
    list_select_related = ["driver", "paid_by"]
    several_pages = (VoidPayoutsPage,)
    list_sum = ListSum(
        (Part("amount", where=Q(stands=True)),),
        counted=Q(stands=True),
        apart=Part("amount", "voided", Q(stands=False)),
    )
    ordering = ["-id"]
    sortable_by = ["paid_on", "money"]
    search_fields = ["number"]
    search_help_text = "Payout number, check number or bank reference, or a driver"
    detail_template = "ledger/payout.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("<int:record_id>/voucher/", VoucherPage, "ledger_payout_voucher"),
            self.page("<int:record_id>/void/", VoidPayoutPage, "ledger_payout_void"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payout]:
        standing = LedgerPosting.objects.filter(payout_id=OuterRef("pk"), kind=Kind.PAYOUT, reversals=None)
        queryset: QuerySet[Payout] = super().get_queryset(request)
        return queryset.annotate(stands=ExistsForRow(standing))

    def find_exactly(self, term: str) -> Q | None:
        return is_numbered(term, Payout)

    @admin.display(description="Payout")
    def payout(self, payout: Payout) -> str:
        return payout.reference_id

    @admin.display(description="Driver")
    def of_driver(self, payout: Payout) -> SafeString:
        return driver_link(payout.driver)

    @admin.display(description="Check or bank ref.")
    def instrument(self, payout: Payout) -> str:
        return payout.instrument_number

    @admin.display(description="Amount", ordering="amount")
    def money(self, payout: Payout) -> str:
        return money_cell(payout.amount, is_void=self.is_void(payout))

    def dollars_of(self, payout: Payout) -> Decimal:
        return payout.amount

    def is_void(self, payout: Any) -> bool:
        return not payout.stands

    @admin.display(description="Paid by")
    def by(self, payout: Payout) -> str:
        return str(payout.paid_by or "the system")

    @display(description="Status", label={"Paid": "success", "Voided": "danger"})
    def state(self, payout: Any) -> str:
        return "Paid" if payout.stands else "Voided"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Payout | None:
        if number_in(object_id) is None:
            return None
        return self.get_queryset(request).select_related("driver", "lease", "paid_by").filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        buttons = [Button("Voucher", reverse("admin:ledger_payout_voucher", args=[record.pk]), is_main=True)]
        if record.stands and request.user.has_perm("ledger.void_payout"):
            buttons.append(Button("Void", reverse("admin:ledger_payout_void", args=[record.pk]), is_dangerous=True))
        return {
            "lines": [
                (line, tell(line) if line.kind == Kind.VOID else tell_opening(line.balance.posting))
                for line in with_words(LedgerPosting.objects.filter(payout=record)).order_by("pk")
                if line.balance
            ],
            "stands": record.stands,
            "facts": [
                Fact("Payout", record.reference_id),
                Fact("Driver", record.driver, account_url(record.driver_id)),
                Fact("Amount", format_dollars(record.amount)),
                Fact("Method", record.get_method_display()),
                Fact("Check number or bank reference", record.instrument_number),
                Fact("DTR", record.dtr_number),
                Fact("Lease", record.lease, self.link_to(request, record.lease)),
                Fact("Paid", record.paid_at),
                Fact("by", record.paid_by or "the system"),
            ],
            "buttons": buttons,
        }
