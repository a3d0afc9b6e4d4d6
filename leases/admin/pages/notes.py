"""Notes on drivers, vehicles and leases: written on their pages."""

from typing import ClassVar

from django import forms

from core.admin import RecordActPage
from core.dossier import Subject, dossier_url
from leases import services
from leases.forms import NoteForm
from leases.models import Driver, Lease, Note, Vehicle


class NotePage(RecordActPage):
    """Writes a note on a record, from its page and back to it."""

    permission_required = "leases.add_drivernote"
    template_name = "leases/sentence.html"
    sentence = "A note can't be edited, only followed by another."
    form_class = NoteForm
    verb = "Add note"
    of: ClassVar[Subject]

    def get_title(self) -> str:
        return f"Write a note on {self.record}"

    def get_record_url(self) -> str:
        return dossier_url(self.of, self.kwargs["record_id"])

    def act(self, form: forms.Form) -> Note:
        return services.write_note(**{f"{self.of}_id": self.record.pk}, **form.cleaned_data, actor=self.actor)

    def describe(self, result: Note) -> str:
        return "The note is added."


class DriverNotePage(NotePage):
    model = Driver
    of = Subject.DRIVER


class VehicleNotePage(NotePage):
    model = Vehicle
    of = Subject.VEHICLE


class LeaseNotePage(NotePage):
    model = Lease
    of = Subject.LEASE
