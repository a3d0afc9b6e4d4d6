"""The pages that go live: upload the workbook, look at what it would do, import it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminFileFieldWidget

from core.admin import ActPage, RecordActPage
from core.errors import DomainError
from golive import services
from golive.importers.workbook import MAX_BYTES
from golive.models import OpeningImport


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Workbook", help_text="XLSX, made from the template.", widget=UnfoldAdminFileFieldWidget
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"The file is larger than {MAX_BYTES // 2**20} MB.")
        return file


class UploadOpeningPage(ActPage):
    """Keep the workbook; its own page shows what it would do."""

    permission_required = "golive.import_opening"
    title = "Upload opening balances"
    template_name = "golive/upload.html"
    form_class = UploadForm
    verb = "Upload and preview"

    def make_form(self, data: Any = None) -> forms.Form:
        return UploadForm(data, None if data is None else self.request.FILES)

    def act(self, form: forms.Form) -> OpeningImport:
        upload = form.cleaned_data["file"]
        return services.stage_opening(file_name=upload.name, content=upload.read(), actor=self.actor)

    def finish(self, result: OpeningImport) -> HttpResponse:
        name = "import" if result.imported_at is None else "change"
        return redirect(f"admin:golive_openingimport_{name}", result.pk)

    def get_cancel_url(self) -> str:
        return reverse("admin:golive_openingimport_changelist")


class ImportOpeningPage(RecordActPage):
    """What an uploaded workbook would do, or all that is wrong with it; then its import."""

    permission_required = "golive.import_opening"
    model = OpeningImport
    template_name = "golive/import.html"
    verb = "Import all of it"
    has_preview = True

    def get_title(self) -> str:
        return f"Import {self.record}"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.record.imported_at is not None:
            return redirect(self.get_success_url(None))
        return super().get(request, *args, **kwargs)

    def look_ahead(self) -> services.OpeningSummary | None:
        try:
            return self._preview()
        except DomainError as refusal:
            self.extra_context = {"refusal": refusal.message, "errors": _errors_of(refusal)}
            return None

    def preview(self, form: forms.Form) -> services.OpeningSummary | None:
        # Pressed twice, it says that it was done before.
        return self._preview() if self.record.imported_at is None else None

    def act(self, form: forms.Form) -> services.OpeningOutcome:
        return services.import_opening(
            file_name=self.record.file_name,
            content=bytes(self.record.content),
            today=timezone.localdate(),
            actor=self.actor,
        )

    def refuse(self, form: forms.Form, refusal: DomainError) -> None:
        super().refuse(form, refusal)
        self.extra_context = {"errors": _errors_of(refusal)}

    def describe(self, result: services.OpeningOutcome) -> str:
        if not result.is_new:
            return f"{result.opening} was imported before; nothing was imported."
        return f"{result.opening} is imported."

    def get_success_url(self, result: Any) -> str:
        return self.get_record_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:golive_openingimport_changelist")

    def _preview(self) -> services.OpeningSummary:
        return services.preview_opening(content=bytes(self.record.content), today=timezone.localdate())


def _errors_of(refusal: DomainError) -> Any:
    return refusal.errors if isinstance(refusal, services.OpeningRefused) else ()
