"""The pages that close days of the books by hand, and reopen one for some hours."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage
from core.groups import ADMINISTRATOR
from ledger import services
from ledger.forms import CloseBooksForm, ReopenDayForm
from ledger.models import BooksEntry
from ledger.selectors import get_closed_through


class BooksPage(ActPage):
    """An act on the day through which the books are closed, from the list of closings and back to it."""

    permission_required = "ledger.close_books"
    template_name = "ledger/books_act.html"
    has_preview = True
    sentence = ""

    def get_success_url(self, result: BooksEntry) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:ledger_booksentry_changelist")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sentence=self.sentence, closed_through=get_closed_through(), **kwargs)


class CloseBooksPage(BooksPage):
    title = "Close days"
    form_class = CloseBooksForm
    verb = "Close"
    sentence = (
        "Nothing is dated on or before that day any more. A week's close does this by itself, through its Saturday; by "
        "hand, days of the week that runs are closed."
    )

    def preview(self, form: forms.Form) -> services.ClosingPreview:
        return services.preview_closing(through=form.cleaned_data["through"], today=timezone.localdate())

    def act(self, form: forms.Form) -> BooksEntry:
        return services.close_books(**form.cleaned_data, today=timezone.localdate(), actor=self.actor)

    def describe(self, result: BooksEntry) -> str:
        return f"The books are closed through {result.day:%b %-d, %Y}."


class ReopenDayPage(BooksPage):
    """Going back is a superuser's act, and nobody else's: no permission grants it."""

    title = "Reopen a day"
    form_class = ReopenDayForm
    verb = "Reopen"
    is_dangerous = True
    needs = (ADMINISTRATOR,)
    sentence = (
        "The day is closed again by itself after these hours. Until then the audits name it, and all that is booked on "
        "it stays in the log for good."
    )

    def has_permission(self) -> bool:
        return self.request.user.is_active and self.request.user.is_superuser

    def get_initial(self) -> dict[str, Any]:
        return {"hours": 1}

    def preview(self, form: forms.Form) -> services.ReopeningPreview:
        day, hours = form.cleaned_data["day"], form.cleaned_data["hours"]
        return services.preview_reopening(day=day, hours=hours, actor=self.actor)

    def act(self, form: forms.Form) -> BooksEntry:
        return services.reopen_day(**form.cleaned_data, actor=self.actor)

    def describe(self, result: BooksEntry) -> str:
        until = timezone.localtime(result.until_at)
        return f"{result.day:%b %-d, %Y} is open until {until:%b %-d, %-I:%M %p}."
