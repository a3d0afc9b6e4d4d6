"""The files of trips and CURB's answers, and what became of their rows."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, reverse

from core.admin import Button, Fact, ReadOnlyAdmin
from curb import selectors
from curb.admin.pages.amounts import LookAtSumsPage
from curb.admin.pages.files import CountFileBackPage, MarkSeenPage
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
        "amended_count",
        "known_count",
        "error_count",
    ]
    list_select_related = ["imported_by"]
    ordering = ["-id"]
    detail_template = "curb/trip_file.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("<int:record_id>/seen/", MarkSeenPage, "curb_tripfile_seen"),
            self.page("<int:record_id>/sums/", LookAtSumsPage, "curb_tripfile_sums"),
            self.page("<int:record_id>/back/", CountFileBackPage, "curb_tripfile_back"),
            *super().get_urls(),
        ]

    def get_detail(self, request: HttpRequest, record: TripFile) -> dict[str, Any]:
        unread = selectors.list_unread_records(record)
        return {
            "buttons": _list_buttons(request, record),
            "unread": unread,
            "remarks": [selectors.describe_remark(one) for one in selectors.list_open_remarks(record)[:ROWS_SHOWN]],
            "facts": [
                Fact("From", record.get_origin_display()),
                Fact("Imported", record.imported_at),
                Fact("By", record.imported_by or "the system"),
                Fact("Rows", record.row_count),
                Fact("Imported trips", record.imported_count),
                Fact("Of them amended", _describe_amended(record)),
                Fact("Imported, and amounts to tell of", record.remarked_count or ""),
                Fact("Known before", record.known_count),
                Fact("Rows with errors", record.error_count),
                Fact("SHA-256", record.sha256),
            ],
        }


#: Sentences on a file's page.
ROWS_SHOWN = 200


def _describe_amended(file: TripFile) -> str:
    return f"{file.amended_count} ({file.amended_by:+,.2f})" if file.amended_count else ""


def _list_buttons(request: HttpRequest, file: TripFile) -> list[Button]:
    buttons = []
    unseen = selectors.list_unread_records(file).filter(seen_at=None)
    if request.user.has_perm("curb.see_unread") and unseen.exists():
        address = reverse("admin:curb_tripfile_seen", args=[file.pk])
        buttons.append(Button("Say that they were looked at", address, is_main=True))
    sums = selectors.list_open_remarks(file).filter(what="SUM")
    if request.user.has_perm("curb.see_unread") and sums.exists():
        address = reverse("admin:curb_tripfile_sums", args=[file.pk])
        buttons.append(Button("Say that the sums were looked at", address))
    if request.user.has_perm("curb.correct_trip") and selectors.sum_file(file).trips:
        address = reverse("admin:curb_tripfile_back", args=[file.pk])
        buttons.append(Button("Count its trips back", address, is_dangerous=True))
    return buttons
