"""Transfers between the fleet's accounts, and the chart of accounts."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter, RelatedDropdownFilter
from unfold.decorators import display

from core.admin import AnswerFilter, Button, Fact, ListSum, Part, ReadOnlyAdmin, money_cell
from core.admin.history import HistoryAdmin
from core.admin.search import number_in
from core.expressions import ExistsForRow
from core.reports.links import report_url
from core.words import say_full_day
from ledger.admin.cells import source_facts
from ledger.admin.pages.transfers import RecordMenuPage, RecordTransferPage, ReverseTransferPage, record_buttons
from ledger.models import ChartAccount, InterimPayment, Transfer
from ledger.money import format_dollars
from ledger.reports.books import TRIAL_BALANCE

#: What was reversed, and what reverses it, move nothing together.
_IS_UNDONE = Q(is_reversed=True) | Q(reverses__isnull=False)


class TransferStateFilter(AnswerFilter):
    title = "status"
    parameter_name = "state"
    answers = {
        "stands": ("Stands", lambda: ~_IS_UNDONE),
        "reversed": ("Reversed", lambda: Q(is_reversed=True)),
        "reversal": ("Reversal", lambda: Q(reverses__isnull=False)),
    }


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ["transfer", "effective_on", "kind", "debited", "credited", "money", "by", "state"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("debit", RelatedDropdownFilter),
        ("credit", RelatedDropdownFilter),
        ("effective_on", RangeDateFilter),
        ("posted_by", RelatedDropdownFilter),
        TransferStateFilter,
    ]
    list_select_related = ["debit", "credit", "posted_by"]
    list_sum = ListSum(
        (Part("amount", where=~_IS_UNDONE),),
        counted=~_IS_UNDONE,
        apart=Part("amount", "reversed or reversing", _IS_UNDONE),
    )
    ordering = ["-id"]
    sortable_by = ["effective_on", "money"]
    indexed_order = ("effective_on",)
    search_fields = ["reference_id"]
    search_help_text = "Reference"
    detail_template = "ledger/transfer.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("record/", RecordMenuPage, "ledger_transfer_record_menu"),
            self.page("<slug:what>/record/", RecordTransferPage, "ledger_transfer_record"),
            self.page("<int:record_id>/reverse/", ReverseTransferPage, "ledger_transfer_reverse"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        reversals = Transfer.objects.filter(reverses=OuterRef("pk"))
        queryset: QuerySet[Transfer] = super().get_queryset(request)
        return queryset.annotate(is_reversed=ExistsForRow(reversals))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(reference_id=term) if term else queryset), False

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        return record_buttons(request.user)

    @admin.display(description="Reference")
    def transfer(self, transfer: Transfer) -> str:
        return transfer.reference_id

    # Accounts, and so not called as the columns of dollars are elsewhere.
    @admin.display(description="Debit")
    def debited(self, transfer: Transfer) -> str:
        return str(transfer.debit)

    @admin.display(description="Credit")
    def credited(self, transfer: Transfer) -> str:
        return str(transfer.credit)

    @admin.display(description="Amount", ordering="amount")
    def money(self, transfer: Transfer) -> str:
        return money_cell(transfer.amount, is_void=self.is_void(transfer))

    def is_void(self, transfer: Any) -> bool:
        return bool(transfer.is_reversed or transfer.reverses_id)

    @admin.display(description="Recorded by")
    def by(self, transfer: Transfer) -> str:
        return str(transfer.posted_by or "the system")

    @display(description="Status", label={"Stands": "success", "Reversed": "danger", "Reversal": "warning"})
    def state(self, transfer: Any) -> str:
        return _state_of(transfer)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Transfer | None:
        if number_in(object_id) is None:
            return None
        related = self.get_queryset(request).select_related("debit", "credit", "posted_by", "reverses", "payment")
        return related.filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        facts = [
            Fact("Kind", record.get_kind_display()),
            Fact("Reference", record.reference_id),
            Fact("Day", record.effective_on),
            Fact("Debit", record.debit),
            Fact("Credit", record.credit),
            Fact("Amount", format_dollars(record.amount)),
            Fact("Reason", record.reason),
            Fact("Recorded", record.posted_at),
            Fact("by", record.posted_by or "the system"),
        ]
        if record.reverses is not None:
            facts.append(Fact("Reverses", record.reverses, self.link_to(request, record.reverses)))
        reversal = Transfer.objects.filter(reverses=record).first()
        if reversal is not None:
            told = f"On {say_full_day(reversal.effective_on)}: {reversal.reason}"
            facts.append(Fact("Reversed", told, self._url_of(reversal)))
        if record.posting_id is not None:
            facts.append(Fact("Mirrors", f"Posting {record.posting_id}", self.link_to(request, record.posting)))
        if record.payment is not None:
            facts.append(Fact("Payment", record.payment, self.link_to(request, record.payment)))
        if record.loan_id is not None or record.posting_id is not None:
            facts += source_facts(request, record.reference_id)
        return {
            "facts": facts,
            "checks": InterimPayment.objects.filter(slips__transfer=record).select_related("driver").order_by("pk"),
            "buttons": self._list_acts(request, record),
        }

    def _list_acts(self, request: HttpRequest, record: Any) -> list[Button]:
        follows_cause = record.posting_id is not None or record.loan_id is not None
        if _state_of(record) != "Stands" or follows_cause or not request.user.has_perm("ledger.reverse_transfer"):
            return []
        return [Button("Reverse", reverse("admin:ledger_transfer_reverse", args=[record.pk]), is_dangerous=True)]

    def _url_of(self, transfer: Transfer) -> str:
        return reverse("admin:ledger_transfer_change", args=[transfer.pk])


def _state_of(transfer: Any) -> str:
    if transfer.reverses_id is not None:
        return "Reversal"
    return "Reversed" if transfer.is_reversed else "Stands"


@admin.register(ChartAccount)
class ChartAccountAdmin(HistoryAdmin):
    list_display = ["code", "name", "type", "outside_code"]
    ordering = ["code"]
    fields = ["code", "name", "type", "outside_code"]
    readonly_fields = ["code", "name", "type"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ChartAccount, form: ModelForm, change: bool) -> None:
        # The one column that the product may change; the history's middleware says who did it.
        obj.save(update_fields=["outside_code"])

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perms(TRIAL_BALANCE.permissions):
            return []
        return [Button("Trial balance", report_url(TRIAL_BALANCE.slug))]
