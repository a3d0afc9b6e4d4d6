"""What is done with a file of trips as a whole: its unread records were looked at, or its trips are nobody's."""

from typing import Any

from django import forms

from core.admin import RecordActPage
from curb import selectors, services
from curb.admin.pages.corrections import ReasonForm
from curb.models import TripFile


class MarkSeenPage(RecordActPage):
    permission_required = "curb.see_unread"
    model = TripFile
    record_name = "file"
    form_class = ReasonForm
    template_name = "curb/mark_seen.html"
    verb = "Looked at"

    def get_title(self) -> str:
        return f"Unread records of {self.record}"

    def act(self, form: forms.Form) -> int:
        return services.mark_seen(file_id=self.record.pk, reason=form.cleaned_data["reason"], actor=self.actor)

    def describe(self, result: int) -> str:
        return "The record was looked at." if result == 1 else f"{result} records were looked at."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        unseen = selectors.list_unread_records(self.record).filter(seen_at=None)
        return super().get_context_data(unread=unseen, **kwargs)


class CountFileBackPage(RecordActPage):
    permission_required = "curb.correct_trip"
    model = TripFile
    record_name = "file"
    form_class = ReasonForm
    template_name = "curb/count_file_back.html"
    verb = "Count back"
    is_dangerous = True
    has_preview = True

    def get_title(self) -> str:
        return f"Count the trips of {self.record} back"

    def preview(self, form: forms.Form) -> selectors.FileCounts:
        return selectors.sum_file(self.record)

    def act(self, form: forms.Form) -> int:
        return services.count_file_back(file_id=self.record.pk, reason=form.cleaned_data["reason"], actor=self.actor)

    def describe(self, result: int) -> str:
        trips = "1 trip is" if result == 1 else f"{result} trips are"
        return f"{trips} nobody's now; the next close counts back what was counted."
