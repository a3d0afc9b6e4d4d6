"""Vehicles, their plates and tags, and the leases that held them."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone

from core.admin import AnswerFilter, Button
from core.admin.history import HistoryAdmin
from leases import selectors
from leases.admin.pages import vehicles as acts
from leases.admin.pages.drivers import VehiclePaperPage
from leases.models import LeaseVehicle, Vehicle, VehiclePlate, VehicleTag


def _has_lease() -> Q:
    now = timezone.now()
    return Q(Exists(LeaseVehicle.objects.filter(vehicle=OuterRef("pk"), from_at__lte=now, until_at__gt=now)))


class LeasedFilter(AnswerFilter):
    title = "lease"
    parameter_name = "leased"
    answers = {"yes": ("Leased now", _has_lease), "no": ("Without a lease now", lambda: ~_has_lease())}


@admin.register(Vehicle)
class VehicleAdmin(HistoryAdmin):
    list_display = ["medallion", "plate", "vin", "make_and_model", "status"]
    list_filter = ["status", LeasedFilter]
    search_fields = ["medallion"]
    search_help_text = "First characters of a medallion, plate, tag or VIN, or who has it"
    fields = ["vin", "medallion", "make_and_model", "plate", "status"]
    #: Acts change these.
    readonly_fields = ["plate", "status"]
    change_form_outer_before_template = "leases/buttons.html"
    change_form_outer_after_template = "leases/vehicle_panels.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("add/", acts.RegisterVehiclePage, "leases_vehicle_add"),
            self.page("<int:record_id>/plate/", acts.GivePlatePage, "leases_vehicle_plate"),
            self.page("<int:record_id>/plate/remove/", acts.RemovePlatePage, "leases_vehicle_remove_plate"),
            self.page("<int:record_id>/tag/", acts.GiveTagPage, "leases_vehicle_tag"),
            self.page("<int:record_id>/tag/remove/", acts.RemoveTagPage, "leases_vehicle_remove_tag"),
            self.page("<int:record_id>/retire/", acts.RetirePage, "leases_vehicle_retire"),
            self.page("<int:record_id>/return/", acts.ReturnPage, "leases_vehicle_return"),
            self.page("<int:record_id>/paper/", VehiclePaperPage, "leases_vehicle_paper"),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Vehicle], search_term: str
    ) -> tuple[QuerySet[Vehicle], bool]:
        if not search_term.strip():
            return queryset, False
        words, now = selectors.split_words(search_term), timezone.now()
        found = selectors.list_found_vehicles(words)
        if found:
            return queryset.filter(pk__in=found), False
        drivers = selectors.list_found_drivers(words, at=now)
        held = selectors.describe_drivers(drivers, at=now).values()
        return queryset.filter(medallion__in=[driver.medallion for driver in held if driver.medallion]), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Vehicle | None = None, **kwargs: Any
    ) -> Any:
        if obj is not None:
            plates, tags = list(obj.plates.all()), list(obj.tags.all())
            assignments = obj.lease_spans.select_related("lease__primary_driver")
            context |= {
                "papers": selectors.list_papers_of_vehicle(obj.pk),
                "plates": plates,
                "tags": tags,
                "assignments": list(assignments.order_by("-from_at")[:50]),
                "buttons": _list_buttons(request, obj, plates, tags),
            }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


def _list_buttons(
    request: HttpRequest, vehicle: Vehicle, plates: list[VehiclePlate], tags: list[VehicleTag]
) -> list[Button]:
    def button(label: str, act: str, **looks: bool) -> Button:
        return Button(label, reverse(f"admin:leases_vehicle_{act}", args=[vehicle.pk]), **looks)

    buttons = []
    in_service = vehicle.status == Vehicle.Status.IN_SERVICE
    if in_service and request.user.has_perm("leases.change_vehicle"):
        buttons += [button("Give plate", "plate"), button("Give E-ZPass tag", "tag"), button("Record a paper", "paper")]
        if any(plate.until_at is None for plate in plates):
            buttons.append(button("Take plate off", "remove_plate"))
        if any(tag.until_at is None for tag in tags):
            buttons.append(button("Take tag out", "remove_tag"))
    if request.user.has_perm("leases.retire_vehicle"):
        retire = button("Retire", "retire", is_dangerous=True)
        buttons.append(retire if in_service else button("Return to service", "return"))
    return buttons
