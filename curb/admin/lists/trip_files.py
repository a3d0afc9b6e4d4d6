"""The files of trips and CURB's answers, and what became of their rows."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.admin import Fact, ReadOnlyAdmin
from curb.models import TripFile


@admin.register(TripFile)
class TripFileAdmin(ReadOnlyAdmin):
    list_display = [
        "file_name",
        "origin",
        "imported_at",
        "imported_by",
        "row_count",
        "imported_count",
        "known_count",
        "error_count",
    ]
    list_select_related = ["imported_by"]
    ordering = ["-id"]
    detail_template = "curb/trip_file.html"

    def get_detail(self, request: HttpRequest, record: TripFile) -> dict[str, Any]:
        return {
            "facts": [
                Fact("From", record.get_origin_display()),
                Fact("Imported", record.imported_at),
                Fact("By", record.imported_by or "the system"),
                Fact("Rows", record.row_count),
                Fact("Imported trips", record.imported_count),
                Fact("Known before", record.known_count),
                Fact("Rows with errors", record.error_count),
                Fact("SHA-256", record.sha256),
            ],
        }
