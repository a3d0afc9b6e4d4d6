"""The import wizard: upload, look at what the file would do, confirm, and see what became of it."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin import Button, ReadOnlyAdmin
from tickets import selectors
from tickets.admin.pages.imports import ConfirmPage, ReadAgainPage, UploadPage, list_counts
from tickets.importers import make_template
from tickets.models import ImportRow, TicketImport

ROWS_ON_A_PAGE = 50

#: What the page of a file may list: its name in the address, its label, the rows' states.
VIEWS = {
    "errors": ("Errors", [ImportRow.State.ERROR]),
    "unmatched": ("Unmatched", [ImportRow.State.NEW, ImportRow.State.SENT]),
    "known": ("Known before", [ImportRow.State.KNOWN]),
    "changed": ("Changed", [ImportRow.State.KNOWN]),
    "nobodys": ("Nobody's", [ImportRow.State.NOBODYS]),
    "all": ("All rows", []),
}


@admin.register(TicketImport)
class TicketImportAdmin(ReadOnlyAdmin):
    list_display = [
        "file_name",
        "kind",
        "status",
        "staged_at",
        "staged_by",
        "row_count",
        "new_count",
        "known_count",
        "changed_count",
        "error_count",
        "waiting_count",
    ]
    list_filter = [("kind", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter)]
    list_select_related = ["staged_by"]
    search_fields = ["file_name__istartswith", "sha256__exact"]
    search_help_text = "First letters of a file's name, or its SHA-256"
    ordering = ["-id"]
    detail_template = "tickets/import.html"

    def get_urls(self) -> list[URLPattern]:
        template = self.admin_site.admin_view(self.download_template)
        return [
            self.page("upload/", UploadPage, "tickets_ticketimport_upload"),
            self.page("<int:record_id>/confirm/", ConfirmPage, "tickets_ticketimport_confirm"),
            self.page("<int:record_id>/read/", ReadAgainPage, "tickets_ticketimport_read"),
            path("template/", template, name="tickets_ticketimport_template"),
            *super().get_urls(),
        ]

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm("tickets.add_ticketimport"):
            return []
        return [Button("Upload a file", reverse("admin:tickets_ticketimport_upload"), is_main=True)]

    def download_template(self, request: HttpRequest) -> HttpResponse:
        """Send the empty file for TLC summonses."""
        headers = {"Content-Disposition": 'attachment; filename="tlc-summonses.csv"'}
        return HttpResponse(make_template(), content_type="text/csv; charset=utf-8", headers=headers)

    @display(
        description="State",
        label={
            "Being read": "info",
            "Refused": "danger",
            "To be confirmed": "warning",
            "Being imported": "info",
            "Imported": "success",
        },
    )
    def status(self, file: TicketImport) -> str:
        return file.get_state_display()

    def get_detail(self, request: HttpRequest, record: TicketImport) -> dict[str, Any]:
        chosen = request.GET.get("rows", "")
        if chosen not in VIEWS:
            chosen = "errors" if record.error_count else "all"
        rows = selectors.list_import_rows(record.pk, states=VIEWS[chosen][1])
        if chosen == "unmatched":
            rows = rows.exclude(waits_for="")
        if chosen == "changed":
            rows = rows.exclude(change="")
        return {
            "facts": list_counts(record),
            "buttons": self._list_acts(request, record),
            "is_reading": record.state == TicketImport.State.RECEIVED,
            "is_importing": record.state == TicketImport.State.IMPORTING,
            "percent": record.imported_count * 100 // max(record.new_count, 1),
            "views": [(name, label, name == chosen) for name, (label, _) in VIEWS.items()],
            "chosen": chosen,
            "rows": Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        }

    def _list_acts(self, request: HttpRequest, file: TicketImport) -> list[Button]:
        if not request.user.has_perm("tickets.add_ticketimport"):
            return []
        if file.state == TicketImport.State.REFUSED:
            return [Button("Read again", reverse("admin:tickets_ticketimport_read", args=[file.pk]), is_main=True)]
        if file.state in (TicketImport.State.STAGED, TicketImport.State.IMPORTING):
            return [Button("Confirm", reverse("admin:tickets_ticketimport_confirm", args=[file.pk]), is_main=True)]
        return []
