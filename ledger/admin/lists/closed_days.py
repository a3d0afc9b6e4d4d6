"""Closed days: through which day the books are closed, and the log of every closing and reopening."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.decorators import display

from core.admin import Button, Fact, ReadOnlyAdmin
from core.admin.search import number_in
from ledger.admin.pages.closed_days import CloseBooksPage, ReopenDayPage
from ledger.models import BooksEntry
from ledger.selectors import get_closed_through, list_reopened_days


@admin.register(BooksEntry)
class BooksEntryAdmin(ReadOnlyAdmin):
    list_display = ["day", "what", "until_at", "reason", "author", "at"]
    list_display_links = ["day"]
    list_select_related = ["by"]
    ordering = ["-id"]
    change_list_template = "ledger/closed_days.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("close/", CloseBooksPage, "ledger_booksentry_close"),
            self.page("reopen/", ReopenDayPage, "ledger_booksentry_reopen"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        now = {"closed_through": get_closed_through(), "reopened": list_reopened_days()}
        return super().changelist_view(request, {**now, **(extra_context or {})})

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        buttons = []
        if request.user.has_perm("ledger.close_books"):
            buttons.append(Button("Close days", reverse("admin:ledger_booksentry_close"), is_main=True))
        if request.user.is_superuser:
            buttons.append(Button("Reopen a day", reverse("admin:ledger_booksentry_reopen"), is_dangerous=True))
        return buttons

    @display(
        description="What",
        label={
            "Closed with the week": "success",
            "Closed by hand": "info",
            "Closed at go-live": "info",
            "Day reopened": "danger",
        },
    )
    def what(self, entry: BooksEntry) -> str:
        return entry.get_kind_display()

    @admin.display(description="By")
    def author(self, entry: BooksEntry) -> str:
        return str(entry.by or "the system")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> BooksEntry | None:
        return None if number_in(object_id) is None else BooksEntry.objects.filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: BooksEntry) -> dict[str, Any]:
        return {
            "facts": [
                Fact("What", record.get_kind_display()),
                Fact("Day" if record.until_at else "Through", record.day),
                *([Fact("Open until", record.until_at)] if record.until_at else []),
                Fact("Why", record.reason),
                Fact("When", record.at),
                Fact("by", record.by or "the system"),
            ],
            "buttons": [],
        }
