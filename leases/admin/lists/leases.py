"""Leases: the list, one lease with its rent as the ledger has it, and the ways to what can be done with it."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter

from core.admin import ListSum, Part, money_column
from core.admin.history import HistoryAdmin, leads_on
from core.admin.search import cut_and_tell
from core.words import say_full_day
from leases import selectors
from leases.admin.pages import deposits
from leases.admin.pages import leases as acts
from leases.admin.pages.files import LeaseFilePage
from leases.admin.pages.notes import LeaseNotePage
from leases.admin.pages.several import HoldLeasesPage, ResumeLeasesPage
from leases.models import Lease


@admin.register(Lease)
class LeaseAdmin(HistoryAdmin):
    """A lease is started, changed and ended by acts; here it is looked at."""

    list_display = [
        "__str__",
        "primary_driver",
        "vehicle",
        "lease_type",
        "shift",
        "start_on",
        "end_on",
        "weekly_money",
        "status",
    ]
    list_filter = [
        "status",
        "lease_type",
        "shift",
        ("start_on", RangeDateFilter),
        ("end_on", RangeDateFilter),
        ("primary_driver", AutocompleteSelectFilter),
        ("vehicle", AutocompleteSelectFilter),
    ]
    several_pages = (HoldLeasesPage, ResumeLeasesPage)
    list_sum = ListSum((Part("weekly_amount", "a week"),))
    weekly_money = money_column("weekly_amount", "Weekly amount")
    indexed_order = ("start_on", "id")
    list_select_related = ["primary_driver", "vehicle"]
    search_fields = ["id"]
    search_help_text = "Lease number, cab, plate or tag, or a driver"
    fields = [
        "primary_driver",
        "vehicle",
        "lease_type",
        "shift",
        "shift_from",
        "shift_until",
        "start_on",
        "end_on",
        "weekly_amount",
        "cancellation_fee",
        "status",
        "status_reason",
    ]
    change_form_outer_before_template = "leases/record_links.html"

    def dollars_of(self, lease: Lease) -> Decimal:
        return lease.weekly_amount

    def say_choices(self, leases: list[Lease]) -> dict[int, str]:
        """Return what a picker says of leases: whose each is, its cab and its dates."""
        prefetch_related_objects(leases, "primary_driver", "vehicle")
        return {lease.pk: _say(lease) for lease in leases}

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("add/", acts.StartLeasePage, "leases_lease_add"),
            self.page("<int:record_id>/swap/", acts.SwapPage, "leases_lease_swap"),
            self.page("<int:record_id>/drivers/add/", acts.AddDriverPage, "leases_lease_add_driver"),
            self.page("<int:record_id>/drivers/end/", acts.EndDriverPage, "leases_lease_end_driver"),
            self.page("<int:record_id>/hold/", acts.HoldPage, "leases_lease_hold"),
            self.page("<int:record_id>/days/take-back/", acts.TakeBackDaysPage, "leases_lease_take_back_days"),
            self.page("<int:record_id>/resume/", acts.ResumePage, "leases_lease_resume"),
            self.page("<int:record_id>/amount/", acts.ChangeAmountPage, "leases_lease_amount"),
            self.page("<int:record_id>/terminate/", acts.TerminatePage, "leases_lease_terminate"),
            self.page("<int:record_id>/note/", LeaseNotePage, "leases_lease_note"),
            self.page("<int:record_id>/file/", LeaseFilePage, "leases_lease_file"),
            self.page("<int:record_id>/settle/", deposits.SettlePage, "leases_lease_settle"),
            self.page("settlements/<int:record_id>/", deposits.SettlementPage, "leases_lease_settlement"),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Lease], search_term: str
    ) -> tuple[QuerySet[Lease], bool]:
        if not search_term.strip():
            return queryset, False
        found = selectors.list_found_leases(search_term, at=timezone.now())
        return queryset.filter(pk__in=cut_and_tell(request, found)), False

    def has_change_permission(self, request: HttpRequest, obj: Lease | None = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead on to the one page of a lease; with ``?edit=1`` it is the record, with its history."""
        if leads_on(request, object_id):
            return redirect("lease", int(object_id))
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return answer


def _say(lease: Lease) -> str:
    driver, days = lease.primary_driver, f"{say_full_day(lease.start_on)} to {say_full_day(lease.end_on)}"
    return f"{lease}, {driver.first_name} {driver.last_name}, cab {lease.vehicle.medallion}, {days}"
