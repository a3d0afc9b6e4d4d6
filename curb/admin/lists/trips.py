"""Trips as received: whose they were, and what counted them."""

import re
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from core.admin import Button, Fact, OwnedRecordAdmin, label_of
from curb import rules, selectors
from curb.admin.pages.card_money import CardMoneyPage
from curb.admin.pages.taxes import TaxesPage
from curb.admin.pages.waiting import BindTripPage, RematchPage, WaitingTripsPage
from curb.models import Trip
from ledger.money import format_dollars

_RECORD = re.compile(r"(\d{6})-(\S{1,20})")


@admin.register(Trip)
class TripAdmin(OwnedRecordAdmin):
    list_display = [
        "__str__",
        "start_at",
        "cab",
        "license",
        "driver",
        "lease",
        "paid_by",
        "total",
        "counted_in",
        "status",
    ]
    list_filter = [
        ("payment_type", ChoicesDropdownFilter),
        ("waits_for", ChoicesDropdownFilter),
        ("start_at", RangeDateTimeFilter),
        ("week_end", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
        ("lease", AutocompleteSelectFilter),
    ]
    search_fields = ["record_id"]
    search_help_text = "Period and record (202603-4711), a reference (CURB-2026-03-07-L12), or a driver"
    ordering = ["-start_at", "-id"]

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("card-money/", CardMoneyPage, "curb_card_money"),
            self.page("taxes/", TaxesPage, "curb_taxes"),
            self.page("waiting/", WaitingTripsPage, "curb_trip_waiting"),
            self.page("waiting/match/", RematchPage, "curb_trip_match"),
            self.page("<int:record_id>/bind/", BindTripPage, "curb_trip_bind"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trip]:
        return selectors.list_trips()

    def find_exactly(self, term: str) -> Q | None:
        record = _RECORD.fullmatch(term)
        if record:
            return Q(period=record.group(1), record_id=record.group(2).upper())
        reference = term.upper()
        if reference.startswith("CURB-"):
            return Q(credited_reference=reference)
        return Q(taxes_reference=reference) if reference.startswith("TAXES-") else None

    @admin.display(description="Paid by")
    def paid_by(self, trip: Trip) -> str:
        return trip.get_payment_type_display()

    @admin.display(description="Counted in")
    def counted_in(self, trip: Trip) -> Any:
        return trip.week_end

    @display(description="State", label={"Waiting": "warning", "Counted": "success", "Late": "info"})
    def status(self, trip: Trip) -> str:
        if trip.waits_for:
            return "Waiting"
        if trip.week_end is None:
            return "Not counted yet"
        return "Late" if trip.is_late else "Counted"

    def get_detail(self, request: HttpRequest, record: Trip) -> dict[str, Any]:
        amounts = [
            Fact(label_of(Trip, column), format_dollars(getattr(record, column)))
            for column in ("fare", "tips", "extras", "tolls", *rules.TAX_COLUMNS, "ehail", "health", "total")
        ]
        may_bind = (record.waits_for or record.bound_at) and record.week_end is None
        buttons = []
        if may_bind and request.user.has_perm("curb.match_trip"):
            buttons.append(
                Button("Assign to a driver", reverse("admin:curb_trip_bind", args=[record.pk]), is_main=True)
            )
        return {
            "buttons": buttons,
            "facts": [
                Fact("Driver", record.driver or "Unknown", self.link_to(request, record.driver)),
                Fact("License, as received", record.license),
                Fact("Cab", record.vehicle or "Unknown", self.link_to(request, record.vehicle)),
                Fact("Cab, as received", record.cab),
                Fact("Lease", record.lease, self.link_to(request, record.lease)),
                Fact("Start", record.start_at),
                Fact("End", record.end_at),
                Fact("Paid by", record.get_payment_type_display()),
                *amounts,
                Fact("Waits for", record.get_waits_for_display() if record.waits_for else ""),
                Fact("Assigned by", record.bound_by),
                Fact("Counted in the week ending", record.week_end),
                Fact("Credited by", record.credited_reference),
                Fact("Taxes charged by", record.taxes_reference),
                Fact("Receipt at CURB", record.reconciliation, self.link_to(request, record.reconciliation)),
                Fact("Received in", record.file, self.link_to(request, record.file)),
                Fact("As received", record.raw),
            ],
        }
