"""What is done with a driver besides their money: locked, noted, papers and files kept."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from core.admin import Page, RecordActPage
from core.dossier import driver_url, vehicle_url
from core.words import say_full_day
from leases import selectors, services
from leases.forms import CorrectPaperForm, FileForm, LockForm, NoteForm, PaperForm
from leases.models import Driver, DriverFile, DriverLock, DriverNote, Paper, Vehicle


class DriverActPage(RecordActPage):
    """An act on a driver, from their page and back to it."""

    model = Driver
    record_name = "driver"
    template_name = "leases/sentence.html"
    heading = ""

    def get_title(self) -> str:
        return f"{self.heading} {self.record.first_name} {self.record.last_name}"

    def get_record_url(self) -> str:
        return driver_url(self.kwargs["record_id"])


class LockPage(DriverActPage):
    permission_required = "leases.lock_driver"
    heading = "Lock"
    sentence = "While they are locked, nothing is paid out to them and no lease is started. They pay as always."
    form_class = LockForm
    verb = "Lock"
    is_dangerous = True

    def act(self, form: forms.Form) -> DriverLock:
        return services.lock_driver(driver_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: DriverLock) -> str:
        return f"{self.record} is locked: {result.reason}"


class UnlockPage(DriverActPage):
    permission_required = "leases.lock_driver"
    heading = "Lift the lock of"
    form_class = LockForm
    verb = "Lift the lock"

    def act(self, form: forms.Form) -> DriverLock:
        return services.unlock_driver(driver_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: DriverLock) -> str:
        return f"{self.record} is not locked any more."


class NotePage(DriverActPage):
    permission_required = "leases.add_drivernote"
    heading = "Write a note on"
    sentence = "A note can't be edited, only followed by another."
    form_class = NoteForm
    verb = "Add note"

    def act(self, form: forms.Form) -> DriverNote:
        return services.write_note(driver_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: DriverNote) -> str:
        return "The note is added."


class FilePage(DriverActPage):
    permission_required = "leases.add_driverfile"
    template_name = "leases/add_file.html"
    heading = "Add a document of"
    sentence = "A PDF, or a picture as JPEG or PNG, of at most 10 MB."
    form_class = FileForm
    verb = "Add"

    def make_form(self, data: Any = None) -> forms.Form:
        return FileForm(data, self.request.FILES if data is not None else None)

    def act(self, form: forms.Form) -> DriverFile:
        file = form.cleaned_data["file"]
        name = PurePath(file.name.replace("\\", "/")).name
        # One byte more than may be, so that the service sees what is too long without reading all of it.
        content = file.read(services.MAX_FILE_BYTES + 1)
        return services.add_file(driver_id=self.record.pk, name=name, content=content, actor=self.actor)

    def describe(self, result: DriverFile) -> str:
        return f"{result.name} is kept."


class FileDownload(Page):
    """A file as it came in: to be saved, never to be shown inside the site."""

    permission_required = "leases.view_driverfile"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        file = DriverFile.objects.filter(pk=self.kwargs["file_id"], driver=self.kwargs["record_id"]).first()
        path = selectors.get_file_path(file.sha256) if file else None
        if file is None or path is None or not path.exists():
            raise Http404
        answer = HttpResponse(path.read_bytes(), content_type=file.content_type)
        answer.headers["Content-Disposition"] = content_disposition_header(True, file.name)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer


class PaperPage(RecordActPage):
    """A new paper of a driver or a vehicle."""

    template_name = "leases/sentence.html"
    form_class = PaperForm
    verb = "Record"
    sentence = "The paper takes the place of the one before it of its kind, which is kept."

    def get_title(self) -> str:
        return f"Record a paper of {self.record}"

    def describe(self, result: Paper) -> str:
        return f"{result} is good to {say_full_day(result.good_to)}."


class DriverPaperPage(PaperPage):
    permission_required = "leases.change_driver"
    model = Driver

    def get_record_url(self) -> str:
        return driver_url(self.kwargs["record_id"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kinds": Paper.OF_DRIVERS}

    def act(self, form: forms.Form) -> Paper:
        return services.record_paper(driver_id=self.record.pk, **form.cleaned_data, actor=self.actor)


class VehiclePaperPage(PaperPage):
    permission_required = "leases.change_vehicle"
    model = Vehicle

    def get_record_url(self) -> str:
        return vehicle_url(self.kwargs["record_id"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kinds": Paper.OF_VEHICLES}

    def act(self, form: forms.Form) -> Paper:
        return services.record_paper(vehicle_id=self.record.pk, **form.cleaned_data, actor=self.actor)


class CorrectPaperPage(RecordActPage):
    model = Paper
    related = ("driver", "vehicle")
    template_name = "leases/sentence.html"
    form_class = CorrectPaperForm
    verb = "Correct"
    sentence = "What stood there stays in the paper's history."

    def has_permission(self) -> bool:
        """Whoever changes its owner."""
        owner = "driver" if self.record.driver_id else "vehicle"
        return self.request.user.has_perm(f"leases.change_{owner}")

    def get_title(self) -> str:
        return f"Correct {self.record} of {self.record.driver or self.record.vehicle}"

    def get_record_url(self) -> str:
        if self.record.driver_id:
            return driver_url(self.record.driver_id)
        return vehicle_url(self.record.vehicle_id)

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.record.number, "good_to": self.record.good_to}

    def act(self, form: forms.Form) -> Paper:
        return services.correct_paper(paper_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: Paper) -> str:
        return f"{result} is good to {say_full_day(result.good_to)}."
