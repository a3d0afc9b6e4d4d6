"""Card transactions as CURB reported them, in each of its lists."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin import Fact, ListSum, MomentRangeFilter, Part, ReadOnlyAdmin, label_of, money_cell
from curb import rules, selectors
from curb.models import CardTransaction
from leases.rules import license_key
from ledger.money import format_dollars


@admin.register(CardTransaction)
class CardTransactionAdmin(ReadOnlyAdmin):
    list_display = ["row_id", "start_at", "cab", "license", "listed", "dollars"]
    list_filter = [("state", ChoicesDropdownFilter), ("start_at", MomentRangeFilter)]
    search_fields = ["row_id"]
    search_help_text = "ROWID, or a license or medallion"
    list_sum = ListSum(
        (Part("amount", where=Q(is_current=True)),),
        counted=Q(is_current=True),
        apart=Part("amount", "superseded", Q(is_current=False)),
    )
    ordering = ["-start_at", "-id"]
    sortable_by = ["start_at", "dollars"]
    indexed_order = ("start_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CardTransaction]:
        return selectors.list_transactions()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[CardTransaction], search_term: str
    ) -> tuple[QuerySet[CardTransaction], bool]:
        term = search_term.strip().upper()
        if not term:
            return queryset, False
        exactly = queryset.filter(row_id=term)
        return (exactly if exactly.exists() else queryset.filter(Q(license=license_key(term)) | Q(cab=term))), False

    @display(description="CURB's list", label={"Approved": "success", "Declined": "warning", "Duplicate": "danger"})
    def listed(self, transaction: CardTransaction) -> str:
        return transaction.get_state_display()

    @admin.display(description="Amount", ordering="amount")
    def dollars(self, transaction: CardTransaction) -> str:
        return money_cell(transaction.amount, is_void=self.is_void(transaction))

    def dollars_of(self, transaction: CardTransaction) -> Decimal:
        return transaction.amount

    def is_void(self, transaction: CardTransaction) -> bool:
        return not transaction.is_current

    def get_detail(self, request: HttpRequest, record: CardTransaction) -> dict[str, Any]:
        columns = ("fare", "tips", "extras", "tolls", *rules.TAX_COLUMNS, "ehail")
        return {
            "facts": [
                Fact("CURB's list", record.get_state_display()),
                Fact("License", record.license),
                Fact("Cab", record.cab),
                Fact("Start", record.start_at),
                Fact("End", record.end_at),
                *(
                    Fact(label_of(CardTransaction, column), format_dollars(getattr(record, column)))
                    for column in columns
                ),
                Fact("Amount", format_dollars(record.amount)),
                Fact("Received in", record.file, self.link_to(request, record.file)),
                Fact("As received", record.raw),
            ]
        }
