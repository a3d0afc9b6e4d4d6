"""Going live: upload the workbook, look at what it would do, import it, and see what it came to."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from core.admin import Button, Fact, ReadOnlyAdmin
from golive.admin.pages.openings import ImportOpeningPage, ReadOpeningPage, UploadOpeningPage
from golive.importers.workbook import make_template
from golive.models import OpeningImport

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@admin.register(OpeningImport)
class OpeningImportAdmin(ReadOnlyAdmin):
    list_display = ["file_name", "status", "cut_on", "uploaded_at", "uploaded_by", "imported_at", "imported_by"]
    list_select_related = ["uploaded_by", "imported_by"]
    search_fields = ["file_name__istartswith", "sha256__exact"]
    search_help_text = "First letters of a file's name, or its SHA-256"
    ordering = ["-id"]
    detail_template = "golive/opening.html"

    def get_urls(self) -> list[URLPattern]:
        template = self.admin_site.admin_view(self.download_template)
        return [
            self.page("upload/", UploadOpeningPage, "golive_openingimport_upload"),
            self.page("<int:record_id>/import/", ImportOpeningPage, "golive_openingimport_import"),
            self.page("<int:record_id>/read/", ReadOpeningPage, "golive_openingimport_read"),
            path("template.xlsx", template, name="golive_openingimport_template"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpeningImport]:
        return OpeningImport.objects.defer("content", "pages")

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm("golive.import_opening"):
            return []
        return [
            Button("Upload a workbook", reverse("admin:golive_openingimport_upload"), is_main=True),
            Button("Download the template", reverse("admin:golive_openingimport_template")),
        ]

    def download_template(self, request: HttpRequest) -> HttpResponse:
        """Send the workbook to fill in; it holds nothing of this fleet."""
        headers = {"Content-Disposition": 'attachment; filename="opening-balances.xlsx"'}
        return HttpResponse(make_template(), content_type=_XLSX, headers=headers)

    @display(
        description="State",
        label={"Being read": "info", "Refused": "danger", "To be imported": "warning", "Imported": "success"},
    )
    def status(self, opening: OpeningImport) -> str:
        if opening.imported_at:
            return "Imported"
        if opening.read_at is None:
            return "Being read"
        return "Refused" if opening.refusal else "To be imported"

    def get_detail(self, request: HttpRequest, record: OpeningImport) -> dict[str, Any]:
        buttons = []
        if record.imported_at is None and request.user.has_perm("golive.import_opening"):
            url = reverse("admin:golive_openingimport_import", args=[record.pk])
            buttons.append(Button("Preview and import", url, is_main=True))
        return {
            "facts": [
                Fact("State", self.status(record)),
                *([Fact("Refused because", record.refusal)] if record.refusal else []),
                Fact("Cut-over", record.cut_on),
                Fact("Uploaded", record.uploaded_at),
                Fact("By", record.uploaded_by or "the system"),
                Fact("Imported", record.imported_at),
                Fact("By", (record.imported_by or "the system") if record.imported_at else None),
                Fact("SHA-256", record.sha256),
            ],
            "buttons": buttons,
            "totals": record.totals,
        }
