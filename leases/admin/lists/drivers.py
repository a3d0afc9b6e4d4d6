"""Drivers: plain records, with their leases below."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils import timezone

from core.admin.history import HistoryAdmin, leads_on
from core.admin.search import cut_and_tell
from leases import selectors
from leases.admin.pages import drivers as acts
from leases.admin.pages import files, notes
from leases.admin.pages.several import ApplyPage, CreditPage
from leases.models import Driver


@admin.register(Driver)
class DriverAdmin(HistoryAdmin):
    list_display = ["name", "tlc_license", "status", "phone", "email"]
    list_filter = ["status"]
    several_pages = (CreditPage, ApplyPage)
    # Whom the words mean, `get_search_results` asks; without a field there would be no box to type them in.
    search_fields = ["license_key"]
    search_help_text = "Name in any order, license or its last digits, phone, e-mail, cab, plate, tag or lease"
    change_form_outer_before_template = "leases/record_links.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("<int:record_id>/lock/", acts.LockPage, "leases_driver_lock"),
            self.page("<int:record_id>/unlock/", acts.UnlockPage, "leases_driver_unlock"),
            self.page("<int:record_id>/note/", notes.DriverNotePage, "leases_driver_note"),
            self.page("<int:record_id>/paper/", acts.DriverPaperPage, "leases_driver_paper"),
            self.page("<int:record_id>/file/", files.DriverFilePage, "leases_driver_file"),
            self.page("file/<int:file_id>/", files.FileDownload, "leases_file"),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Driver], search_term: str
    ) -> tuple[QuerySet[Driver], bool]:
        if not search_term.strip():
            return queryset, False
        found = selectors.list_found_drivers(selectors.split_words(search_term), at=timezone.now())
        return queryset.filter(pk__in=cut_and_tell(request, found)), False

    def say_choices(self, drivers: list[Driver]) -> dict[int, str]:
        """Return what a picker says of drivers: ``Anil Jeudy — license 5401838 / cab 8H59 · Lease 14``."""
        people = selectors.describe_drivers([driver.pk for driver in drivers], at=timezone.now())
        return {
            pk: f"{person.name} — license {person.tlc_license} / "
            + (f"cab {person.medallion} · Lease {person.lease_id}" if person.lease_id else "no cab")
            + (selectors.LOCKED if person.is_locked else "")
            for pk, person in people.items()
        }

    @admin.display(description="Name", ordering="last_name")
    def name(self, driver: Driver) -> str:
        return f"{driver.last_name}, {driver.first_name}"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead on to the one page of a driver; with ``?edit=1`` it is the form of their own data."""
        if leads_on(request, object_id):
            return redirect("driver", int(object_id))
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return answer

    def response_post_save_change(self, request: HttpRequest, obj: Driver) -> HttpResponse:
        return redirect("driver", obj.pk)
