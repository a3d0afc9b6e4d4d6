"""Odd charges and their types."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from core.admin import Button, Fact, ReadOnlyAdmin, find_url
from core.admin.history import HistoryAdmin
from ledger.money import format_dollars
from tickets import selectors
from tickets.admin.pages.charges import CreateChargePage, VoidChargePage
from tickets.models import ChargeType, MiscCharge


@admin.register(ChargeType)
class ChargeTypeAdmin(HistoryAdmin):
    list_display = ["name", "default_amount", "added_to", "is_active", "citation"]
    list_filter = ["is_active", "added_to"]
    search_fields = ["name__istartswith"]


@admin.register(MiscCharge)
class MiscChargeAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = ["__str__", "charge_type", "driver", "money", "charged_on", "note", "void_reason"]
    list_filter = [("driver", AutocompleteSelectFilter), "charge_type"]
    list_select_related = ["charge_type", "driver"]
    search_fields = ["id__exact"]
    search_help_text = "The number of the charge"
    ordering = ["-id"]
    change_list_template = "ledger/installments/list.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("enter/", CreateChargePage, "tickets_misccharge_enter"),
            self.page("<int:charge_id>/void/", VoidChargePage, "tickets_misccharge_void"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MiscCharge]:
        return MiscCharge.objects.select_related("charge_type", "driver", "lease", "vehicle", "ticket")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_add = request.user.has_perm("tickets.add_misccharge")
        url = reverse("admin:tickets_misccharge_enter") if may_add else ""
        context = {"add_url": url, "add_label": "Charge something odd"}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.display(description="Amount")
    def money(self, charge: MiscCharge) -> str:
        return f"{charge.amount:,.2f}"

    def get_detail(self, request: HttpRequest, record: MiscCharge) -> dict[str, Any]:
        site = self.admin_site
        balance = selectors.list_ledger_states([record]).get(record.reference_id)
        may_void = selectors.is_live(balance) and request.user.has_perm("tickets.void_misccharge")
        void = Button("Void", reverse("admin:tickets_misccharge_void", args=[record.pk]), is_dangerous=True)
        return {
            "facts": [
                Fact("For", record.charge_type),
                Fact("Driver", record.driver, find_url(site, request, record.driver)),
                Fact("Lease", record.lease, find_url(site, request, record.lease)),
                Fact("Amount", format_dollars(record.amount)),
                Fact("Charged", record.charged_on),
                Fact("Due", record.due_on),
                Fact("Note", record.note),
                Fact("Added to", record.ticket, find_url(site, request, record.ticket)),
                Fact("In the ledger", balance.get_status_display() if balance else ""),
                Fact("Remains", format_dollars(balance.remaining) if balance else ""),
                Fact("Voided because", record.void_reason),
            ],
            "buttons": [
                *([void] if may_void else []),
                Button("History", reverse("admin:tickets_misccharge_history", args=[record.pk])),
            ],
        }
