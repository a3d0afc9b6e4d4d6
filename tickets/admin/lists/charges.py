"""Miscellaneous charges, each with what the ledger knows of it."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter

from core.admin import AnswerFilter, Button, Fact, ListSum, OwnedRecordAdmin, Part, money_cell
from core.admin.history import HistoryAdmin
from core.admin.search import number_in
from ledger.money import format_dollars
from tickets import selectors
from tickets.admin.pages.charges import CreateChargePage, VoidChargePage
from tickets.models import MiscCharge


class ChargeStateFilter(AnswerFilter):
    title = "state"
    parameter_name = "state"
    answers = {
        "stands": ("Charged", lambda: Q(void_reason="")),
        "voided": ("Voided", lambda: ~Q(void_reason="")),
    }


@admin.register(MiscCharge)
class MiscChargeAdmin(OwnedRecordAdmin, HistoryAdmin):
    list_display = ["__str__", "charge_type", "driver", "money", "charged_on", "note", "void_reason"]
    list_filter = [
        ("driver", AutocompleteSelectFilter),
        "charge_type",
        ("charged_on", RangeDateFilter),
        ("due_on", RangeDateFilter),
        ChargeStateFilter,
    ]
    list_sum = ListSum(
        (Part("amount", where=Q(void_reason="")),),
        counted=Q(void_reason=""),
        apart=Part("amount", "voided", ~Q(void_reason="")),
    )
    sortable_by = ["charged_on", "money"]
    list_select_related = ["charge_type", "driver"]
    search_fields = ["id__exact"]
    search_help_text = "The number of the charge, as 88 or MISC-88, or its driver"
    ordering = ["-id"]

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("enter/", CreateChargePage, "tickets_misccharge_enter"),
            self.page("<int:record_id>/void/", VoidChargePage, "tickets_misccharge_void"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MiscCharge]:
        return MiscCharge.objects.select_related("charge_type", "driver", "lease", "vehicle", "ticket")

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm("tickets.add_misccharge"):
            return []
        return [Button("Enter a miscellaneous charge", reverse("admin:tickets_misccharge_enter"), is_main=True)]

    def find_exactly(self, term: str) -> Q | None:
        charge_id = number_in(term, "MISC")
        return None if charge_id is None else Q(pk=charge_id)

    @admin.display(description="Amount", ordering="amount")
    def money(self, charge: MiscCharge) -> str:
        return money_cell(charge.amount, is_void=self.is_void(charge))

    def dollars_of(self, charge: MiscCharge) -> Decimal:
        return charge.amount

    def is_void(self, charge: MiscCharge) -> bool:
        return bool(charge.void_reason)

    def get_detail(self, request: HttpRequest, record: MiscCharge) -> dict[str, Any]:
        balance = selectors.list_ledger_states([record]).get(record.reference_id)
        live = balance if selectors.is_live(balance) else None
        corrected = live.original_amount if live and live.original_amount != record.amount else None
        may_void = live and request.user.has_perm("tickets.void_misccharge")
        void = Button("Void", reverse("admin:tickets_misccharge_void", args=[record.pk]), is_dangerous=True)
        return {
            "facts": [
                Fact("For", record.charge_type),
                Fact("Driver", record.driver, self.link_to(request, record.driver)),
                Fact("Lease", record.lease, self.link_to(request, record.lease)),
                Fact("Amount", format_dollars(record.amount)),
                Fact("Corrected to", format_dollars(corrected) if corrected else ""),
                Fact("Charged", record.charged_on),
                Fact("Due", record.due_on),
                Fact("Note", record.note),
                Fact("Signed paper's number", record.paper_number),
                Fact("Added to", record.ticket, self.link_to(request, record.ticket)),
                Fact("In the ledger", balance.get_status_display() if balance else ""),
                Fact("Remains", format_dollars(balance.remaining) if balance else ""),
                Fact("Voided because", record.void_reason),
            ],
            "buttons": [
                *([void] if may_void else []),
                Button("History", reverse("admin:tickets_misccharge_history", args=[record.pk])),
            ],
        }
