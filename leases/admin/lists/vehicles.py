"""Vehicles, their plates and tags, and the leases that held them."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils import timezone

from core.admin import AnswerFilter
from core.admin.history import HistoryAdmin, leads_on
from core.admin.search import cut_and_tell
from leases import selectors
from leases.admin.pages import vehicles as acts
from leases.admin.pages.drivers import VehiclePaperPage
from leases.admin.pages.files import VehicleFilePage
from leases.admin.pages.notes import VehicleNotePage
from leases.models import Vehicle


def _has_lease() -> Q:
    return selectors.is_leased_at(timezone.now())


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
    change_form_outer_before_template = "leases/record_links.html"

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
            self.page("<int:record_id>/note/", VehicleNotePage, "leases_vehicle_note"),
            self.page("<int:record_id>/file/", VehicleFilePage, "leases_vehicle_file"),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Vehicle], search_term: str
    ) -> tuple[QuerySet[Vehicle], bool]:
        if not search_term.strip():
            return queryset, False
        found = selectors.list_named_vehicles(search_term, at=timezone.now())
        return queryset.filter(pk__in=cut_and_tell(request, found)), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead on to the one page of a vehicle; with ``?edit=1`` it is the form of its data."""
        if leads_on(request, object_id):
            return redirect("vehicle", int(object_id))
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return answer

    def response_post_save_change(self, request: HttpRequest, obj: Vehicle) -> HttpResponse:
        return redirect("vehicle", obj.pk)
