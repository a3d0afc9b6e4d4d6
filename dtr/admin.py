"""The pay week to look at: its closes, its DTRs, the trips and the files they came in. Only services write them."""

import re
from decimal import Decimal
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from config.kit.admin import Button, Fact, ReadOnlyAdmin, find_url
from dtr import rules, selectors
from dtr.models import Dtr, Trip, TripFile, WeekClose
from leases.models import Driver
from ledger.money import ZERO, format_dollars

#: Postings on a DTR's page, the first ones; nobody reads more of them there.
MAX_ENTRIES = 500
#: Drivers that a search may stand for.
MAX_DRIVERS = 50

_DTR_NUMBER = re.compile(r"(?:DTR-?)?0*(\d{1,18})", re.IGNORECASE)
_RECORD = re.compile(r"(\d{6})-(\S{1,20})")


class PayWeekAdmin(ReadOnlyAdmin):
    """What these lists share: money in columns, and a search by something exact, or else by driver."""

    def find_exactly(self, term: str) -> Q | None:
        """Return what the term names exactly, if it can name anything."""
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # Two questions one after the other, each on an index: an OR of both could use none.
        exactly = self.find_exactly(term)
        if exactly is not None and queryset.filter(exactly).exists():
            return queryset.filter(exactly), False
        drivers = self.admin_site.get_model_admin(Driver)
        found, _ = drivers.get_search_results(request, drivers.get_queryset(request), term)
        return queryset.filter(driver__in=list(found.values_list("pk", flat=True)[:MAX_DRIVERS])), False

    def link_to(self, request: HttpRequest, record: Model | None) -> str:
        return find_url(self.admin_site, request, record)


@admin.register(Dtr)
class DtrAdmin(PayWeekAdmin):
    list_display = [
        "reference_id",
        "week_ending",
        "driver",
        "lease",
        "held",
        "owed_due",
        "owed_later",
        "money",
        "sealed_at",
    ]
    list_filter = [("week", AutocompleteSelectFilter), ("driver", AutocompleteSelectFilter)]
    search_fields = ["number"]
    search_help_text = "Number of the DTR, or first letters of a driver's name, or a TLC license number"
    ordering = ["-week_id", "number"]
    detail_template = "admin/dtr/dtr.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dtr]:
        return selectors.list_dtrs()

    def find_exactly(self, term: str) -> Q | None:
        number = _DTR_NUMBER.fullmatch(term)
        return Q(number=int(number.group(1))) if number else None

    @admin.display(description="DTR")
    def reference_id(self, dtr: Dtr) -> str:
        return dtr.reference_id

    @admin.display(description="Activity through")
    def cut(self, dtr: Dtr) -> Any:
        return dtr.sealed_at

    @admin.display(description="Week ending")
    def week_ending(self, dtr: Dtr) -> Any:
        return dtr.week_id

    @admin.display(description="Net due to the driver")
    def money(self, dtr: Dtr) -> str:
        return f"{dtr.net_due:,.2f}"

    def get_detail(self, request: HttpRequest, record: Dtr) -> dict[str, Any]:
        lines = list(record.lines.all())
        entries = selectors.list_dtr_entries(record)
        siblings = list(selectors.list_siblings(record))
        return {
            "facts": self._list_facts(request, record),
            "buttons": _link_trip_log(request, record),
            "owed": [line for line in lines if line.is_obligation],
            "held": [line for line in lines if not line.is_obligation],
            "owed_together": _sum_lines(line for line in lines if line.is_obligation),
            "held_together": _sum_lines(line for line in lines if not line.is_obligation),
            "taxes": _list_taxes(record),
            "entries": entries[:MAX_ENTRIES],
            "entry_count": len(entries),
            "siblings": siblings if len(siblings) > 1 else [],
            "net_due_of_all": sum((sibling.net_due for sibling in siblings), ZERO),
        }

    def _list_facts(self, request: HttpRequest, dtr: Dtr) -> list[Fact]:
        cab = dtr.lease.vehicle if dtr.lease else None
        return [
            Fact("Driver", dtr.driver, self.link_to(request, dtr.driver)),
            Fact("Lease", dtr.lease or "Without a lease", self.link_to(request, dtr.lease)),
            Fact("Cab", cab, self.link_to(request, cab)),
            Fact("Week", f"{dtr.week_start:%b %-d, %Y} to {dtr.week_id:%b %-d, %Y}"),
            Fact("Activity through", dtr.sealed_at),
        ]


@admin.register(Trip)
class TripAdmin(PayWeekAdmin):
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
        ("week", AutocompleteSelectFilter),
        ("driver", AutocompleteSelectFilter),
        ("lease", AutocompleteSelectFilter),
    ]
    search_fields = ["record_id"]
    search_help_text = "Period and record (202603-4711), a reference (CURB-2026-03-07-L12), or a driver"
    ordering = ["-start_at", "-id"]

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
        return trip.week_id

    @display(description="State", label={"Waiting": "warning", "Counted": "success", "Late": "info"})
    def status(self, trip: Trip) -> str:
        if trip.waits_for:
            return "Waiting"
        if trip.week_id is None:
            return "Not counted yet"
        return "Late" if trip.is_late else "Counted"

    def get_detail(self, request: HttpRequest, record: Trip) -> dict[str, Any]:
        amounts = [
            Fact(_label_of(column), format_dollars(getattr(record, column)))
            for column in ("fare", "tips", "extras", "tolls", *rules.TAX_COLUMNS, "ehail", "health", "total")
        ]
        return {
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
                Fact("Counted in the week ending", record.week_id, self.link_to(request, record.week)),
                Fact("Credited by", record.credited_reference),
                Fact("Taxes charged by", record.taxes_reference),
                Fact("Received in", record.file, self.link_to(request, record.file)),
            ]
        }


@admin.register(TripFile)
class TripFileAdmin(ReadOnlyAdmin):
    list_display = [
        "file_name",
        "imported_at",
        "imported_by",
        "row_count",
        "imported_count",
        "known_count",
        "error_count",
    ]
    list_select_related = ["imported_by"]
    ordering = ["-id"]
    detail_template = "admin/dtr/trip_file.html"

    def get_detail(self, request: HttpRequest, record: TripFile) -> dict[str, Any]:
        return {
            "facts": [
                Fact("Imported", record.imported_at),
                Fact("By", record.imported_by or "the system"),
                Fact("Rows", record.row_count),
                Fact("Imported trips", record.imported_count),
                Fact("Known before", record.known_count),
                Fact("Rows with errors", record.error_count),
                Fact("SHA-256", record.sha256),
            ],
        }


@admin.register(WeekClose)
class WeekCloseAdmin(ReadOnlyAdmin):
    list_display = ["week_end", "status", "progress", "started_at", "started_by", "finished_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["week_end"]
    search_help_text = "The Saturday, as 2026-11-21"
    ordering = ["-week_end"]
    detail_template = "admin/dtr/week_close.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WeekClose]:
        return selectors.list_closes()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[WeekClose], search_term: str
    ) -> tuple[QuerySet[WeekClose], bool]:
        # A date in part ("2026-03") finds its weeks: there are only fifty-two a year.
        weeks, _ = super().get_search_results(request, queryset, search_term)
        return weeks, False

    @display(description="State", label={"Open": "warning", "Closed": "success"})
    def status(self, week: WeekClose) -> str:
        return week.get_state_display()

    @admin.display(description="Batches done")
    def progress(self, week: Any) -> str:
        return f"{week.done_count} of {week.batch_count}"

    def get_detail(self, request: HttpRequest, record: WeekClose) -> dict[str, Any]:
        sums = selectors.sum_week(record.week_end)
        return {
            "facts": [
                Fact("State", record.get_state_display()),
                Fact("Started", record.started_at),
                Fact("By", record.started_by or "the system"),
                Fact("Finished", record.finished_at),
                Fact("DTRs", sums.dtrs),
                Fact("Card fares", format_dollars(sums.card_total)),
                Fact("Cash fares, for information", format_dollars(sums.cash_total)),
                Fact("Trip taxes", format_dollars(sums.taxes_total)),
            ],
            "buttons": [Button("DTRs of the week", _list_url(Dtr, week__week_end__exact=record.week_end), is_main=True)]
            if request.user.has_perm("dtr.view_dtr")
            else [],
            "steps": selectors.list_progress(record.week_end),
        }


def _link_trip_log(request: HttpRequest, dtr: Dtr) -> list[Button]:
    if not request.user.has_perm("dtr.view_trip"):
        return []
    whose: dict[str, Any] = {"week__week_end__exact": dtr.week_id, "driver__id__exact": dtr.driver_id}
    whose |= {"lease__isnull": True} if dtr.lease_id is None else {"lease__id__exact": dtr.lease_id}
    return [Button("Trip log", _list_url(Trip, **whose))]


def _list_url(model: type[Model], **filters: Any) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return f"{reverse(name)}?{urlencode(filters)}"


def _list_taxes(dtr: Dtr) -> list[tuple[str, Decimal]]:
    trips = selectors.list_trips_of(week_end=dtr.week_id, driver_id=dtr.driver_id, lease_id=dtr.lease_id)
    return [(_label_of(column), amount) for column, amount in selectors.sum_taxes_by_kind(trips).items() if amount]


def _label_of(column: str) -> str:
    label = str(cast("Field[Any, Any]", Trip._meta.get_field(column)).verbose_name)
    return label[0].upper() + label[1:]


def _sum_lines(lines: Any) -> dict[str, Decimal]:
    columns = ("opening", "opened", "paid", "applied", "written_off", "paid_out", "voided", "closing")
    rows = list(lines)
    return {column: sum((getattr(line, column) for line in rows), ZERO) for column in columns}
