"""Files of drivers, vehicles and leases: added from their pages, and handed out as they came in."""

from pathlib import PurePath
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from core.admin import Page, RecordActPage
from core.dossier import Subject, dossier_url
from leases import selectors, services
from leases.forms import FileForm
from leases.models import Driver, KeptFile, Lease, Vehicle


class FilePage(RecordActPage):
    """Adds a file to a record, from its page and back to it."""

    permission_required = "leases.add_keptfile"
    template_name = "leases/add_file.html"
    sentence = "A PDF, or a picture as JPEG or PNG, of at most 10 MB."
    form_class = FileForm
    verb = "Add"
    of: ClassVar[Subject]

    def get_title(self) -> str:
        return f"Add a document of {self.record}"

    def get_record_url(self) -> str:
        return dossier_url(self.of, self.kwargs["record_id"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"asks_about": self.of == Subject.DRIVER}

    def get_initial(self) -> dict[str, Any]:
        return {"about": self.request.GET.get("about", "")[:80]}

    def make_form(self, data: Any = None) -> forms.Form:
        files = self.request.FILES if data is not None else None
        return FileForm(data, files, initial=self.get_initial(), **self.get_form_kwargs())

    def act(self, form: forms.Form) -> KeptFile:
        file = form.cleaned_data["file"]
        return services.add_file(
            **{f"{self.of}_id": self.record.pk},
            about=form.cleaned_data.get("about", ""),
            name=PurePath(file.name.replace("\\", "/")).name,
            # One byte more than may be, so that the service sees what is too long without reading all of it.
            content=file.read(services.MAX_FILE_BYTES + 1),
            actor=self.actor,
        )

    def describe(self, result: KeptFile) -> str:
        return f"{result.name} is kept."


class DriverFilePage(FilePage):
    model = Driver
    of = Subject.DRIVER


class VehicleFilePage(FilePage):
    model = Vehicle
    of = Subject.VEHICLE


class LeaseFilePage(FilePage):
    model = Lease
    of = Subject.LEASE


class FileDownload(Page):
    """A file as it came in: to be saved, never to be shown inside the site.

    What it is its first bytes said, not who sent it; and its bytes are the ones whose digest was kept, or it is gone.
    """

    permission_required = "leases.view_keptfile"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        file = KeptFile.objects.filter(pk=self.kwargs["file_id"]).first()
        content = selectors.find_file_content(file) if file else None
        if file is None or content is None:
            raise Http404
        answer = HttpResponse(content, content_type=KeptFile.Kind(file.content_type).value)
        answer.headers["Content-Disposition"] = content_disposition_header(True, file.name)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        # Should a browser show it after all, nothing in it may run or reach this site.
        answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return answer
