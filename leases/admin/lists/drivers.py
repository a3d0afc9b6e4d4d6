"""Drivers: plain records, with their leases below."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.admin.history import HistoryAdmin
from leases import selectors
from leases.models import Driver


@admin.register(Driver)
class DriverAdmin(HistoryAdmin):
    list_display = ["name", "tlc_license", "status", "phone", "email"]
    list_filter = ["status"]
    # Whom the words mean, `get_search_results` asks; without a field there would be no box to type them in.
    search_fields = ["license_key"]
    search_help_text = "Name in any order, license or its last digits, phone, e-mail, cab, plate, tag or lease"
    change_form_outer_before_template = "leases/driver_links.html"
    change_form_outer_after_template = "leases/driver_panels.html"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Driver], search_term: str
    ) -> tuple[QuerySet[Driver], bool]:
        if not search_term.strip():
            return queryset, False
        words = selectors.split_words(search_term)
        return queryset.filter(pk__in=selectors.list_found_drivers(words, at=timezone.now())), False

    @admin.display(description="Name", ordering="last_name")
    def name(self, driver: Driver) -> str:
        return f"{driver.last_name}, {driver.first_name}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Driver | None = None, **kwargs: Any
    ) -> Any:
        if obj is not None:
            context["leases"] = selectors.list_leases_of_driver(obj.pk)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)
