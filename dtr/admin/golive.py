"""Going live: upload the workbook, look at what it would do, import it, and see what it came to."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget

from config.kit.admin import ActPage, Button, Fact, ReadOnlyAdmin
from config.kit.errors import DomainError
from dtr.golive import services
from dtr.golive.errors import OpeningRefused
from dtr.golive.importer import MAX_BYTES, make_template
from dtr.models import OpeningImport

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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

    permission_required = "dtr.import_opening"
    title = "Upload opening balances"
    template_name = "admin/dtr/golive_upload.html"
    form_class = UploadForm
    verb = "Upload and preview"

    def make_form(self, data: Any = None) -> forms.Form:
        return UploadForm(data, None if data is None else self.request.FILES)

    def act(self, form: forms.Form) -> OpeningImport:
        upload = form.cleaned_data["file"]
        return services.stage_opening(file_name=upload.name, content=upload.read(), actor=self.actor)

    def finish(self, result: OpeningImport) -> HttpResponse:
        name = "import" if result.imported_at is None else "change"
        return redirect(f"admin:dtr_openingimport_{name}", result.pk)

    def get_cancel_url(self) -> str:
        return reverse("admin:dtr_openingimport_changelist")


class ImportOpeningPage(ActPage):
    """What an uploaded workbook would do, or all that is wrong with it; then its import."""

    permission_required = "dtr.import_opening"
    template_name = "admin/dtr/golive_import.html"
    verb = "Import all of it"
    has_preview = True

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Import {self.opening}"

    @cached_property
    def opening(self) -> OpeningImport:
        found = OpeningImport.objects.filter(pk=self.kwargs["opening_id"]).first()
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.opening.imported_at is not None:
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
        return self._preview() if self.opening.imported_at is None else None

    def act(self, form: forms.Form) -> services.OpeningOutcome:
        return services.import_opening(
            file_name=self.opening.file_name,
            content=bytes(self.opening.content),
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
        return reverse("admin:dtr_openingimport_change", args=[self.opening.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:dtr_openingimport_changelist")

    def _preview(self) -> services.OpeningSummary:
        return services.preview_opening(content=bytes(self.opening.content), today=timezone.localdate())


def _errors_of(refusal: DomainError) -> Any:
    return refusal.errors if isinstance(refusal, OpeningRefused) else ()


@admin.register(OpeningImport)
class OpeningImportAdmin(ReadOnlyAdmin):
    list_display = ["file_name", "status", "cut_on", "uploaded_at", "uploaded_by", "imported_at", "imported_by"]
    list_select_related = ["uploaded_by", "imported_by"]
    search_fields = ["file_name__istartswith", "sha256__exact"]
    search_help_text = "First letters of a file's name, or its SHA-256"
    ordering = ["-id"]
    change_list_template = "admin/dtr/week_closes.html"
    detail_template = "admin/dtr/golive.html"

    def get_urls(self) -> list[URLPattern]:
        template = self.admin_site.admin_view(self.download_template)
        return [
            self.page("upload/", UploadOpeningPage, "dtr_openingimport_upload"),
            self.page("<int:opening_id>/import/", ImportOpeningPage, "dtr_openingimport_import"),
            path("template.xlsx", template, name="dtr_openingimport_template"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpeningImport]:
        return OpeningImport.objects.defer("content")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        buttons = []
        if request.user.has_perm("dtr.import_opening"):
            buttons = [
                Button("Upload a workbook", reverse("admin:dtr_openingimport_upload"), is_main=True),
                Button("Download the template", reverse("admin:dtr_openingimport_template")),
            ]
        return super().changelist_view(request, {"buttons": buttons, **(extra_context or {})})

    def download_template(self, request: HttpRequest) -> HttpResponse:
        """Send the workbook to fill in; it tells nothing of this fleet."""
        headers = {"Content-Disposition": 'attachment; filename="opening-balances.xlsx"'}
        return HttpResponse(make_template(), content_type=_XLSX, headers=headers)

    @display(description="State", label={"To be imported": "warning", "Imported": "success"})
    def status(self, opening: OpeningImport) -> str:
        return "Imported" if opening.imported_at else "To be imported"

    def get_detail(self, request: HttpRequest, record: OpeningImport) -> dict[str, Any]:
        buttons = []
        if record.imported_at is None and request.user.has_perm("dtr.import_opening"):
            url = reverse("admin:dtr_openingimport_import", args=[record.pk])
            buttons.append(Button("Preview and import", url, is_main=True))
        return {
            "facts": [
                Fact("State", self.status(record)),
                Fact("Cut-over", record.cut_on),
                Fact("Uploaded", record.uploaded_at),
                Fact("By", record.uploaded_by or "the system"),
                Fact("Imported", record.imported_at),
                Fact("By", (record.imported_by or "the system") if record.imported_at else None),
                Fact("SHA-256", record.sha256),
            ],
            "buttons": buttons,
            "totals": record.totals,
        }
