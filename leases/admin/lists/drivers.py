"""Drivers: plain records, with their leases below."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.admin.history import HistoryAdmin
from leases import selectors
from leases.models import Driver


@admin.register(Driver)
class DriverAdmin(HistoryAdmin):
    list_display = ["name", "tlc_license", "status", "phone", "email"]
    list_filter = ["status"]
    # Each word is matched on its own, so that "smith jo" finds Smith, John.
    search_fields = ["last_name__istartswith", "first_name__istartswith", "license_key__startswith"]
    search_help_text = "First letters of a name, or of a TLC license number"
    change_form_outer_before_template = "leases/driver_links.html"
    change_form_outer_after_template = "leases/driver_panels.html"

    @admin.display(description="Name", ordering="last_name")
    def name(self, driver: Driver) -> str:
        return f"{driver.last_name}, {driver.first_name}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Driver | None = None, **kwargs: Any
    ) -> Any:
        if obj is not None:
            context["leases"] = selectors.list_leases_of_driver(obj.pk)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)
