"""Trips as received: whose they were, and what counted them."""

import re
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
)
from unfold.decorators import display

from core.admin import (
    AnswerFilter,
    Button,
    Fact,
    ListSum,
    MomentRangeFilter,
    OwnedRecordAdmin,
    Part,
    label_of,
    money_column,
)
from curb import rules, selectors
from curb.admin.pages.amounts import OpenAmountsPage, RuleAttributePage
from curb.admin.pages.card_money import CardMoneyPage
from curb.admin.pages.corrections import CountBackPage, DecidePage, MoveTripPage
from curb.admin.pages.waiting import BindTripPage, BindTripsPage, RematchPage, WaitingTripsPage
from curb.models import CountsAs, Trip, TripCount
from curb.models.trips import PAYMENT_TYPE_LABELS, WAITING
from ledger.money import format_dollars

_RECORD = re.compile(r"(\d{6})-(\S{1,20})")


class WaitingFilter(AnswerFilter):
    title = "waiting"
    parameter_name = "waiting"
    answers = {"yes": ("For a driver, cab or lease", lambda: WAITING)}


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
        "total_money",
        "counted_for",
        "counted_in",
        "status",
    ]
    list_filter = [
        ("payment_type", ChoicesDropdownFilter),
        WaitingFilter,
        ("waits_for", ChoicesDropdownFilter),
        ("counts_as", ChoicesDropdownFilter),
        ("awaits_count", BooleanRadioFilter),
        ("start_at", MomentRangeFilter),
        ("week_end", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
        ("lease", AutocompleteSelectFilter),
    ]
    search_fields = ["record_id"]
    search_help_text = "Period and record (202603-4711), a reference (CURB-2026-03-07-L12), or a driver"
    several_pages = (BindTripsPage,)
    list_sum = ListSum(
        (Part("total", where=Q(is_current=True)),),
        counted=Q(is_current=True),
        apart=Part("total", "superseded", Q(is_current=False)),
    )
    ordering = ["-start_at", "-id"]
    sortable_by = ["start_at", "total_money"]
    indexed_order = ("start_at",)
    detail_template = "curb/trip.html"
    total_money = money_column("total", "Total")

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("card-money/", CardMoneyPage, "curb_card_money"),
            self.page("amounts/", OpenAmountsPage, "curb_open_amounts"),
            self.page("amounts/<str:key>/", RuleAttributePage, "curb_rule_attribute"),
            self.page("waiting/", WaitingTripsPage, "curb_trip_waiting"),
            self.page("waiting/match/", RematchPage, "curb_trip_match"),
            self.page("<int:record_id>/bind/", BindTripPage, "curb_trip_bind"),
            self.page("<int:record_id>/move/", MoveTripPage, "curb_trip_move"),
            self.page("<int:record_id>/back/", CountBackPage, "curb_trip_back"),
            self.page("<int:record_id>/paid/", DecidePage, "curb_trip_decide"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trip]:
        return selectors.list_trips()

    def find_exactly(self, term: str) -> Q | None:
        record = _RECORD.fullmatch(term)
        if record:
            return Q(period=record.group(1), record_id=record.group(2).upper())
        share = rules.find_share(term.upper())
        return Q(pk__in=TripCount.objects.filter(share=share).values("trip")) if share else None

    def dollars_of(self, trip: Trip) -> Decimal:
        return trip.total

    def is_void(self, trip: Trip) -> bool:
        return not trip.is_current

    @admin.display(description="Paid by")
    def paid_by(self, trip: Trip) -> str:
        return PAYMENT_TYPE_LABELS[trip.paid_by]

    @admin.display(description="Counted in")
    def counted_in(self, trip: Trip) -> Any:
        return trip.week_end

    @admin.display(description="Counted for")
    def counted_for(self, trip: Trip) -> str:
        live = selectors.find_live_count(trip)
        return str(live.driver) if live else ""

    @display(
        description="State",
        label={
            "Waiting": "warning",
            "Left out": "warning",
            "Changes in the next close": "warning",
            "Counted": "success",
            "Late": "info",
        },
    )
    def status(self, trip: Trip) -> str:
        if trip.week_end is not None and selectors.list_pending(trip):
            return "Changes in the next close"
        if not trip.is_current:
            return "Superseded"
        if trip.counts_as == CountsAs.NOTHING:
            return "Nobody's"
        if trip.waits_for:
            return "Waiting"
        if trip.week_end is None:
            return "Left out" if trip.is_left_out else "Not counted yet"
        return "Late" if trip.is_late else "Counted"

    def get_detail(self, request: HttpRequest, record: Trip) -> dict[str, Any]:
        newer = Trip.objects.filter(supersedes=record).first()
        amounts = [
            Fact(label_of(Trip, column), format_dollars(getattr(record, column)))
            for column in ("fare", "tips", "extras", "tolls", *rules.TAX_COLUMNS, "ehail", "health", "total")
        ]
        return {
            "buttons": _list_buttons(request, record),
            "counts": selectors.list_counts_of(record),
            "pending": [row.words for row in selectors.list_pending(record)],
            "remarks": [selectors.describe_remark(one) for one in selectors.list_remarks_on(record)],
            "corrections": record.corrections.select_related("from_driver", "to_driver", "made_by"),
            "facts": [
                Fact("Driver", record.driver or "Unknown", self.link_to(request, record.driver)),
                Fact("License", record.license),
                Fact("Cab", record.vehicle or "Unknown", self.link_to(request, record.vehicle)),
                Fact("Cab, as received", record.cab),
                Fact("Lease", record.lease, self.link_to(request, record.lease)),
                Fact("Start", record.start_at),
                Fact("End", record.end_at),
                Fact("Paid by", record.get_payment_type_display()),
                *amounts,
                Fact("Passed through", format_dollars(record.passed_through) if record.passed_through else ""),
                Fact("Waits for", record.get_waits_for_display() if record.waits_for else ""),
                Fact("Assigned by", record.bound_by),
                Fact("Counts as", record.get_counts_as_display() if record.counts_as else ""),
                Fact("Pairs with", record.paired_with, self.link_to(request, record.paired_with)),
                Fact("State", self.status(record)),
                Fact("First counted in the week ending", record.week_end),
                Fact("Supersedes", _describe_version(record.supersedes), self.link_to(request, record.supersedes)),
                Fact("Superseded by", _describe_version(newer), self.link_to(request, newer)),
                Fact("Receipt at CURB", record.reconciliation, self.link_to(request, record.reconciliation)),
                Fact("Received in", record.file, self.link_to(request, record.file)),
                Fact("As received", record.raw),
            ],
        }


def _list_buttons(request: HttpRequest, trip: Trip) -> list[Button]:
    """The ways to correct a trip; one that CURB has sent anew is corrected where it stands anew."""
    if not trip.is_current:
        return []
    acts = []
    if (trip.waits_for or trip.bound_at) and trip.week_end is None and request.user.has_perm("curb.match_trip"):
        acts.append(("Assign to a driver", "curb_trip_bind", False, True))
    if request.user.has_perm("curb.correct_trip"):
        is_nobodys = trip.counts_as == CountsAs.NOTHING
        if trip.paired_with_id and not is_nobodys:
            acts.append(("Say how it was paid", "curb_trip_decide", False, trip.counts_as == CountsAs.AS_PAID))
        if not trip.waits_for:
            acts.append(("Move to another driver", "curb_trip_move", False, False))
        if not is_nobodys:
            acts.append(("Count back", "curb_trip_back", True, False))
    return [
        Button(label, reverse(f"admin:{name}", args=[trip.pk]), is_dangerous=is_dangerous, is_main=is_main)
        for label, name, is_dangerous, is_main in acts
    ]


def _describe_version(trip: Trip | None) -> str:
    return f"{trip} as received {timezone.localtime(trip.received_at):%b %-d, %Y %-I:%M %p}" if trip else ""
