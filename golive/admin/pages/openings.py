"""The pages that go live: upload the workbook, look at what it would do, import it."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminFileFieldWidget

from core.admin import ActPage, RecordActPage
from core.errors import DomainError
from golive import services
from golive.importers.workbook import MAX_BYTES
from golive.models import OpeningImport
from golive.tasks import send_opening


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
        opening = services.stage_opening(file_name=upload.name, content=upload.read(), actor=self.actor)
        if opening.imported_at is None:
            opening = services.read_opening_again(opening_id=opening.pk)
            send_opening(opening)
        return opening

    def finish(self, result: OpeningImport) -> HttpResponse:
        name = "import" if result.imported_at is None else "change"
        return redirect(f"admin:golive_openingimport_{name}", result.pk)

    def get_cancel_url(self) -> str:
        return reverse("admin:golive_openingimport_changelist")


class OpeningPage(RecordActPage):
    """An act on an uploaded workbook, whose content no page needs."""

    permission_required = "golive.import_opening"
    model = OpeningImport

    def read(self) -> OpeningImport:
        opening = OpeningImport.objects.defer("content", "pages").filter(pk=self.kwargs["record_id"]).first()
        if opening is None:
            raise Http404
        return opening

    def get_cancel_url(self) -> str:
        return reverse("admin:golive_openingimport_changelist")


class ImportOpeningPage(OpeningPage):
    """What an uploaded workbook would do, or all that is wrong with it, as a worker found; then its import."""

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
        return services.summary_of(self.record)

    def preview(self, form: forms.Form) -> services.OpeningSummary | None:
        # Pressed twice, it says that it was done before.
        return services.summary_of(self.record) if self.record.imported_at is None else None

    def act(self, form: forms.Form) -> services.OpeningOutcome:
        return services.import_staged_opening(opening_id=self.record.pk, today=timezone.localdate(), actor=self.actor)

    def refuse(self, form: forms.Form, refusal: DomainError) -> None:
        super().refuse(form, refusal)
        if isinstance(refusal, services.OpeningRefused):
            self.extra_context = {"errors": refusal.errors}

    def describe(self, result: services.OpeningOutcome) -> str:
        if not result.is_new:
            return f"{result.opening} was imported before; nothing was imported."
        return f"{result.opening} is imported."

    def get_success_url(self, result: Any) -> str:
        return self.get_record_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{
                "is_reading": self.record.read_at is None and self.record.imported_at is None,
                "refusal": self.record.refusal,
                "errors": self.record.errors,
                "read_again_url": reverse("admin:golive_openingimport_read", args=[self.record.pk]),
                **kwargs,
            }
        )


class ReadOpeningPage(OpeningPage):
    """What a workbook would do looked at anew: another record may have been entered since."""

    verb = "Look at it again"

    def get_title(self) -> str:
        return f"Look at {self.record} again"

    def act(self, form: forms.Form) -> OpeningImport:
        opening = services.read_opening_again(opening_id=self.record.pk)
        send_opening(opening)
        return opening

    def describe(self, result: OpeningImport) -> str:
        return f"{result} is being read. Nothing is imported before you have seen what it would do."

    def get_success_url(self, result: Any) -> str:
        return reverse("admin:golive_openingimport_import", args=[self.record.pk])
