"""What the closes counted: the trip log of every driver's week."""

from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from core.admin import Fact, ListSum, OwnedRecordAdmin, Part, label_of, money_cell, money_column
from curb import rules, selectors
from curb.models import TripCount
from ledger.money import format_dollars


@admin.register(TripCount)
class TripCountAdmin(OwnedRecordAdmin):
    list_display = ["trip", "start", "driver", "lease", "week_end", "listed", "payment_type", "total_money", "taxes"]
    list_filter = [
        ("week_end", RangeDateFilter),
        ("payment_type", ChoicesDropdownFilter),
        ("driver", AutocompleteSelectFilter),
        ("lease", AutocompleteSelectFilter),
    ]
    search_fields = ["share"]
    search_help_text = "A reference (CURB-2026-03-07-L12), or a driver"
    #: With their signs, voids and all: so what was taken back is taken off.
    list_sum = ListSum((Part("total", "of trips"), Part(reduce(add, map(F, rules.TAX_COLUMNS)), "of taxes")))
    ordering = ["-id"]
    total_money = money_column("total", "Total")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TripCount]:
        return selectors.list_counts()

    def find_exactly(self, term: str) -> Q | None:
        share = rules.find_share(term.upper())
        return Q(share=share) if share else None

    @admin.display(description="Start")
    def start(self, count: TripCount) -> Any:
        return count.trip.start_at

    @display(description="State", label={"Counted back": "danger", "Voided": "warning"})
    def listed(self, count: TripCount) -> str:
        if count.is_void:
            return "Voided"
        return "Counted back" if count.is_counted_back else "Counted"

    @admin.display(description="Taxes")
    def taxes(self, count: TripCount) -> str:
        return money_cell(count.taxes_total)

    def dollars_of(self, count: TripCount) -> Decimal:
        return count.total

    def get_detail(self, request: HttpRequest, record: TripCount) -> dict[str, Any]:
        return {
            "facts": [
                Fact("Trip", record.trip, self.link_to(request, record.trip)),
                Fact("Start", record.trip.start_at),
                Fact("Driver", record.driver, self.link_to(request, record.driver)),
                Fact("Lease", record.lease, self.link_to(request, record.lease)),
                Fact("Cab", record.vehicle, self.link_to(request, record.vehicle)),
                Fact("In the week ending", record.week_end),
                Fact("", self.listed(record)),
                Fact("Counted as", record.get_payment_type_display()),
                Fact("Total", format_dollars(record.total)),
                *(
                    Fact(label_of(TripCount, column), format_dollars(getattr(record, column)))
                    for column in rules.TAX_COLUMNS
                ),
                Fact("Credited by", record.credited_reference),
                Fact("Taxes charged by", record.taxes_reference),
            ]
        }
