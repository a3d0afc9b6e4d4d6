"""Receipts: which trips were reported to CURB as settled, and whether it has confirmed them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from core.admin import Button, Fact, ReadOnlyAdmin, list_url
from curb import selectors
from curb.models import Reconciliation, Trip


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    list_display = ["receipt", "week_ending", "period", "trips", "attempts", "status", "created_at", "confirmed_at"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reconciliation]:
        return selectors.list_receipts()

    @admin.display(description="Receipt")
    def receipt(self, receipt: Reconciliation) -> int:
        return receipt.pk

    @admin.display(description="Week ending")
    def week_ending(self, receipt: Reconciliation) -> Any:
        return receipt.week_end

    @admin.display(description="Trips")
    def trips(self, receipt: Any) -> int:
        count: int = receipt.trip_count
        return count

    @display(description="State", label={"Confirmed": "success", "Failed": "danger", "To be sent": "warning"})
    def status(self, receipt: Reconciliation) -> str:
        if receipt.confirmed_at:
            return "Confirmed"
        return "Failed" if receipt.last_error else "To be sent"

    def get_detail(self, request: HttpRequest, record: Reconciliation) -> dict[str, Any]:
        return {
            "facts": [
                Fact("Week ending", record.week_end),
                Fact("Period", record.period),
                Fact("State", self.status(record)),
                Fact("Made", record.created_at),
                Fact("Attempts", record.attempts),
                Fact("Why the last attempt failed", record.last_error),
                Fact("Confirmed by CURB", record.confirmed_at),
            ],
            "buttons": [Button("Trips", list_url(Trip, reconciliation__id__exact=record.pk))],
        }
