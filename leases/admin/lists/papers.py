"""Papers of drivers and vehicles, by the day on which they end."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin import Button, Fact, ReadOnlyAdmin
from core.dossier import driver_url, vehicle_url
from leases.admin.pages.drivers import CorrectPaperPage
from leases.models import Paper
from leases.selectors import PAPER_ENDING_DAYS


class EndingFilter(admin.SimpleListFilter):
    title = "ends"
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("soon", f"Within {PAPER_ENDING_DAYS} days, or already")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Paper]) -> QuerySet[Paper]:
        if self.value() != "soon":
            return queryset
        ending = Paper.objects.ending_by(timezone.localdate() + timedelta(days=PAPER_ENDING_DAYS))
        return queryset.filter(pk__in=ending.values("pk"))


@admin.register(Paper)
class PaperAdmin(ReadOnlyAdmin):
    list_display = ["paper", "number", "good_to", "owner"]
    list_display_links = ["paper"]
    list_filter = [EndingFilter, "kind"]
    list_select_related = ["driver", "vehicle"]
    ordering = ["good_to", "id"]

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("<int:record_id>/correct/", CorrectPaperPage, "leases_paper_correct"),
            *super().get_urls(),
        ]

    @admin.display(description="Paper")
    def paper(self, paper: Paper) -> str:
        return paper.get_kind_display()

    @admin.display(description="Of")
    def owner(self, paper: Paper) -> SafeString:
        return format_html('<a class="cell-link" href="{}">{}</a>', _url_of_owner(paper), paper.driver or paper.vehicle)

    def get_detail(self, request: HttpRequest, record: Paper) -> dict[str, Any]:
        owner = "driver" if record.driver_id else "vehicle"
        before = [
            Fact(
                f"{row.history_date:%b %-d, %Y}",
                f"{row.number or 'no number'}, good to {row.good_to}"
                + (f": {row.history_change_reason}" if row.history_change_reason else "")
                + (f" (by {row.history_user})" if row.history_user else ""),
            )
            for row in record.history.select_related("history_user")[:20]
        ]
        buttons = []
        if request.user.has_perm(f"leases.change_{owner}"):
            buttons = [
                Button("Correct", reverse("admin:leases_paper_correct", args=[record.pk])),
            ]
        return {
            "facts": [
                Fact("Of", record.driver or record.vehicle, _url_of_owner(record)),
                Fact("Number", record.number),
                Fact("Good to", record.good_to),
                *before,
            ],
            "buttons": buttons,
        }


def _url_of_owner(paper: Paper) -> str:
    if paper.driver_id:
        return driver_url(paper.driver_id)
    assert paper.vehicle_id is not None  # a paper is of one of the two
    return vehicle_url(paper.vehicle_id)
