"""The journal's pages: take a batch, get a batch as a file, get a view of some days."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget

from core.admin import ActPage, RecordPage
from core.admin.fields import PlausibleDateField
from core.errors import ValueInvalid
from ledger import selectors, services
from ledger.exports import FORMATS, SPLIT_WEEKS, JournalFormat
from ledger.exports.formats import file_name_of
from ledger.models import JournalBatch

#: A page answers with the whole file; a longer one is written by the command, which holds little of it at a time.
MOST_ENTRIES = 200_000
#: Whoever serves the fleet has the command; nobody in the office does.
TOO_LONG = (
    "That is more than {most:,} entries, too many for a page: ask whoever runs the server, who writes any number of "
    "them by manage.py export_journal."
)


class TakeBatchPage(ActPage):
    permission_required = "ledger.add_journalbatch"
    title = "Take the next batch of the journal"
    template_name = "ledger/journal.html"
    verb = "Take the batch"

    def act(self, form: forms.Form) -> JournalBatch:
        return services.take_journal_batch(actor=self.actor)

    def describe(self, result: JournalBatch) -> str:
        return f"{result} is taken: {result.entries:,} entries."

    def get_success_url(self, result: JournalBatch) -> str:
        return reverse("admin:ledger_journalbatch_change", args=[result.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:ledger_journalbatch_changelist")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sentence = (
            "All that was posted since the last batch, whatever its day, goes into the next one. A batch is never "
            f"changed: its files are the same whenever they are fetched. {SPLIT_WEEKS}"
        )
        return super().get_context_data(sentence=sentence, **kwargs)


class JournalFile(RecordPage):
    """A batch as a file, in the format of the address."""

    permission_required = "ledger.view_journalbatch"
    model = JournalBatch

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = FORMATS.get(self.kwargs["form"])
        if form is None:
            raise Http404
        batch: JournalBatch = self.record
        if batch.entries > MOST_ENTRIES:
            messages.error(request, TOO_LONG.format(most=MOST_ENTRIES))
            return redirect(self.get_record_url())
        pieces = form.encode(selectors.iter_batch(batch), batch.chart, str(batch))
        return _answer(pieces, form, f"{batch.number:06d}")


class JournalViewForm(forms.Form):
    from_on = PlausibleDateField(label="From")
    to_on = PlausibleDateField(label="To")
    file_format = forms.ChoiceField(
        label="Format",
        choices=[(form.name, form.label) for form in FORMATS.values()],
        widget=UnfoldAdminSelectWidget,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("from_on") and given.get("to_on") and given["from_on"] > given["to_on"]:
            self.add_error("to_on", "The last day is before the first.")
        return given


class JournalViewPage(ActPage):
    """The entries of some days as a file; nothing is taken."""

    permission_required = "ledger.view_journalbatch"
    title = "View of the journal"
    template_name = "ledger/journal.html"
    form_class = JournalViewForm
    verb = "Get the file"

    def act(self, form: forms.Form) -> HttpResponse:
        file_format = FORMATS[form.cleaned_data["file_format"]]
        days = form.cleaned_data["from_on"], form.cleaned_data["to_on"]
        entries = list(islice(selectors.iter_journal(*days), MOST_ENTRIES + 1))
        if len(entries) > MOST_ENTRIES:
            raise ValueInvalid(TOO_LONG.format(most=MOST_ENTRIES), field="to_on")
        return _answer(file_format.encode(entries, selectors.list_chart_rows()), file_format, f"{days[0]}-{days[1]}")

    def finish(self, result: HttpResponse) -> HttpResponse:
        return result

    def get_cancel_url(self) -> str:
        return reverse("admin:ledger_journalbatch_changelist")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sentence = (
            "What is effective on these days, without a number: for a look. The accountant's books take batches. "
            f"{SPLIT_WEEKS}"
        )
        return super().get_context_data(sentence=sentence, **kwargs)


def _answer(pieces: Iterable[bytes], form: JournalFormat, told: str) -> HttpResponse:
    return HttpResponse(
        b"".join(pieces),
        content_type=form.content_type,
        headers={"Content-Disposition": f'attachment; filename="{file_name_of(form, told)}"'},
    )
