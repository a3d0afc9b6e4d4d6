"""A file of tickets: uploaded, looked at, confirmed."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage, Fact, RecordActPage
from tickets import services
from tickets.forms import ReadForm, UploadForm
from tickets.models import TicketImport
from tickets.services import StagedFile
from tickets.tasks import send_import, send_reading

#: A file of so many new rows is imported while one waits; a longer one by a worker, with a progress bar.
ROWS_AT_ONCE = 2_000


class UploadPage(ActPage):
    permission_required = "tickets.add_ticketimport"
    title = "Upload a file of tickets or tolls"
    template_name = "tickets/upload.html"
    form_class = UploadForm
    verb = "Upload and preview"

    def make_form(self, data: Any = None) -> forms.Form:
        return UploadForm(data, None if data is None else self.request.FILES, initial=self.get_initial())

    def act(self, form: forms.Form) -> StagedFile:
        upload = form.cleaned_data["file"]
        received = services.receive_file(
            kind=form.cleaned_data["kind"],
            file_name=upload.name,
            file=upload.file,
            extra_field_after=form.cleaned_data["extra_field_after"],
            actor=self.actor,
        )
        if received.file.state == TicketImport.State.RECEIVED:
            send_reading(received.file)
        return received

    def describe(self, result: StagedFile) -> str:
        if result.file.state == TicketImport.State.RECEIVED:
            return f"{result.file} is being read. Nothing is charged until you confirm."
        return f"{result.file} was uploaded before, with the very same content: this is what became of it."

    def get_success_url(self, result: StagedFile) -> str:
        return reverse("admin:tickets_ticketimport_change", args=[result.file.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_ticketimport_changelist")


class ReadAgainPage(RecordActPage):
    """A refused file once more, as another kind or with a field that its header does not name."""

    permission_required = "tickets.add_ticketimport"
    model = TicketImport
    record_name = "file"
    form_class = ReadForm
    verb = "Read it"

    def get_title(self) -> str:
        return f"Read {self.record} again"

    def get_initial(self) -> dict[str, Any]:
        return {"kind": self.record.kind, "extra_field_after": self.record.extra_field_after}

    def act(self, form: forms.Form) -> TicketImport:
        received = services.read_again(import_id=self.record.pk, actor=self.actor, **form.cleaned_data)
        send_reading(received)
        return received

    def describe(self, result: TicketImport) -> str:
        return f"{result} is being read. Nothing is charged until you confirm."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "sentence": self.record.refusal}


class ConfirmPage(RecordActPage):
    permission_required = "tickets.add_ticketimport"
    model = TicketImport
    record_name = "file"
    template_name = "tickets/confirm.html"
    verb = "Import and charge"

    def get_title(self) -> str:
        return f"Import {self.record}"

    def act(self, form: forms.Form) -> TicketImport:
        facts: dict[str, Any] = {"import_id": self.record.pk, "today": timezone.localdate(), "actor": self.actor}
        if self.record.new_count <= ROWS_AT_ONCE:
            return services.confirm_import(**facts)
        started = services.start_import(**facts)
        send_import(started)
        return started

    def describe(self, result: TicketImport) -> str:
        if result.state == TicketImport.State.IMPORTING:
            return f"{result} is being imported."
        return (
            f"{result.imported_count} imported: {result.charged_count} charged or credited, {result.waiting_count} "
            f"wait in review.{say_changed(result)}"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(facts=list_counts(self.record), **kwargs)


def say_changed(file: TicketImport) -> str:
    """What is said besides where known tickets came otherwise than before."""
    return f" {file.changed_count} known ones have changed: see Changed since charged." if file.changed_count else ""


def list_counts(file: TicketImport) -> list[Fact]:
    """Return what is known of a file, from its upload to what became of it."""
    return [
        Fact("Kind", file.get_kind_display() or "As its header tells"),
        Fact("State", file.get_state_display()),
        *([Fact("Refused because", file.refusal)] if file.refusal else []),
        *([Fact("Field without a name after", file.extra_field_after)] if file.extra_field_after else []),
        Fact("Rows", file.row_count),
        Fact("New", file.new_count),
        Fact("Of these unmatched, for review", file.unmatched_count),
        Fact("Known before", file.known_count),
        Fact("Of these changed since", file.changed_count),
        Fact("Nobody's (payments, tag fees)", file.nobodys_count),
        Fact("With errors, left out", file.error_count),
        Fact("Imported", file.imported_count),
        Fact("Charged or credited", file.charged_count),
        Fact("Sent to review", file.waiting_count),
        Fact("Uploaded", file.staged_at),
        Fact("By", file.staged_by or "the system"),
        Fact("Confirmed", file.confirmed_at),
        Fact("Charged on", file.charged_on),
        Fact("SHA-256", file.sha256),
    ]
