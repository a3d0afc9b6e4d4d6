"""Since when card trips are expected, as it was said from time to time, and the way to say it anew."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, reverse

from core.admin import Button, ReadOnlyAdmin
from curb.admin.pages.expectations import ExpectCardTripsPage
from curb.models import CardTripsExpected


@admin.register(CardTripsExpected)
class CardTripsExpectedAdmin(ReadOnlyAdmin):
    list_display = ["said", "reason", "set_at", "author"]
    list_display_links = None
    list_select_related = ["set_by"]
    ordering = ["-id"]

    def get_urls(self) -> list[URLPattern]:
        return [self.page("say/", ExpectCardTripsPage, "curb_cardtripsexpected_say"), *super().get_urls()]

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm("curb.expect_card_trips"):
            return []
        return [Button("Say since when", reverse("admin:curb_cardtripsexpected_say"), is_main=True)]

    @admin.display(description="Card trips are")
    def said(self, row: CardTripsExpected) -> str:
        return str(row)

    @admin.display(description="By")
    def author(self, row: CardTripsExpected) -> str:
        return str(row.set_by or "the system")
