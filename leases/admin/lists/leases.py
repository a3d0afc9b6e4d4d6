"""Leases: the list, one lease with its rent as the ledger has it, and the ways to what can be done with it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter

from core.admin import Button, ListSum, Part
from core.admin.history import HistoryAdmin
from core.words import say_full_day
from leases import selectors
from leases.admin.pages import deposits
from leases.admin.pages import leases as acts
from leases.admin.pages.several import HoldLeasesPage, ResumeLeasesPage
from leases.models import Lease
from leases.selectors import DepositState


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
        "weekly_amount",
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
    choice_related = ("primary_driver", "vehicle")
    change_form_outer_before_template = "leases/buttons.html"
    change_form_outer_after_template = "leases/lease_panels.html"

    def say_choice(self, lease: Lease) -> str:
        """Return what a picker says of a lease: whose it is, its cab and its dates."""
        driver, days = lease.primary_driver, f"{say_full_day(lease.start_on)} to {say_full_day(lease.end_on)}"
        return f"{lease}, {driver.first_name} {driver.last_name}, cab {lease.vehicle.medallion}, {days}"

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
        return queryset.filter(pk__in=found), False

    def has_change_permission(self, request: HttpRequest, obj: Lease | None = None) -> bool:
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Lease | None = None, **kwargs: Any
    ) -> Any:
        if obj is not None:
            schedule = selectors.list_schedule(obj.pk)
            deposit = selectors.get_deposit_state(obj)
            days_away = list(selectors.list_days_away(obj.pk))
            is_held = any(rent.state == "On hold" for rent in schedule)
            context |= {
                "schedule": schedule,
                "totals": selectors.sum_schedule(schedule),
                "deposit": deposit,
                "days_away": days_away,
                "settlements": selectors.list_settlements(obj.pk),
                "vehicles": selectors.list_vehicles_of_lease(obj.pk),
                "drivers": selectors.list_drivers_of_lease(obj.pk),
                "above_cap": selectors.list_weeks_above_cap(obj, schedule),
                "buttons": _list_buttons(request, obj, deposit, is_held=is_held, has_days_away=bool(days_away)),
            }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


def _list_buttons(
    request: HttpRequest, lease: Lease, deposit: DepositState, *, is_held: bool, has_days_away: bool
) -> list[Button]:
    def button(label: str, act: str, **looks: bool) -> Button:
        return Button(label, reverse(f"admin:leases_lease_{act}", args=[lease.pk]), **looks)

    buttons = []
    goes_on = lease.status != Lease.Status.ENDED
    if deposit.missing and request.user.has_perm("ledger.add_interimpayment"):
        url = reverse("admin:ledger_driver_payment", args=[lease.primary_driver_id])
        buttons.append(Button("Take deposit", url))
    if request.user.has_perm("leases.change_lease"):
        if goes_on:
            buttons += [
                button("Swap vehicle", "swap"),
                button("Add driver", "add_driver"),
                button("End driver", "end_driver"),
                button("Change weekly amount", "amount"),
            ]
        if lease.status == Lease.Status.HELD or is_held:
            buttons.append(button("Resume", "resume", is_main=True))
        elif goes_on:
            buttons.append(button("Hold", "hold"))
        if request.user.has_perm("leases.record_days_away"):
            if lease.status != Lease.Status.ACTIVE:
                buttons.append(button("Days without a cab", "hold"))
            if has_days_away:
                buttons.append(button("Take back days", "take_back_days"))
    if deposit.held and request.user.has_perm("leases.settle_deposit"):
        buttons.append(button("Settle deposit", "settle"))
    if goes_on and request.user.has_perm("leases.terminate_lease"):
        buttons.append(button("Terminate", "terminate", is_dangerous=True))
    return buttons
