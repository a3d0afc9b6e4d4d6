"""The import wizard: upload, look at what the file would do, confirm, and see what became of it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from config.kit.admin import ActPage, Button, Fact, ReadOnlyAdmin
from tickets import selectors, services
from tickets.forms import UploadForm
from tickets.importers import make_template
from tickets.models import ImportRow, TicketImport
from tickets.services import StagedFile
from tickets.tasks import send_import

#: A file of so many new rows is imported while one waits; a longer one by a worker, with a progress bar.
ROWS_AT_ONCE = 2_000
ROWS_ON_A_PAGE = 50

#: What the page of a file may list: its name in the address, its label, the rows' states.
VIEWS = {
    "errors": ("Errors", [ImportRow.State.ERROR]),
    "unmatched": ("Unmatched", [ImportRow.State.NEW, ImportRow.State.SENT]),
    "known": ("Known before", [ImportRow.State.KNOWN]),
    "nobodys": ("Nobody's", [ImportRow.State.NOBODYS]),
    "all": ("All rows", []),
}


class UploadPage(ActPage):
    permission_required = "tickets.add_ticketimport"
    title = "Upload a file of tickets or tolls"
    template_name = "admin/tickets/upload.html"
    form_class = UploadForm
    verb = "Upload and preview"

    def make_form(self, data: Any = None) -> forms.Form:
        return UploadForm(data, None if data is None else self.request.FILES, initial=self.get_initial())

    def act(self, form: forms.Form) -> StagedFile:
        upload = form.cleaned_data["file"]
        return services.stage_file(
            kind=form.cleaned_data["kind"],
            file_name=upload.name,
            file=upload.file,
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: StagedFile) -> str:
        if result.is_new:
            return f"{result.file} was read. Nothing is charged until you confirm."
        return f"{result.file} was uploaded before, with the very same content: this is what became of it."

    def get_success_url(self, result: StagedFile) -> str:
        return reverse("admin:tickets_ticketimport_change", args=[result.file.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_ticketimport_changelist")


class ConfirmPage(ActPage):
    permission_required = "tickets.add_ticketimport"
    template_name = "admin/tickets/confirm.html"
    verb = "Import and charge"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Import {self.file}"

    @cached_property
    def file(self) -> TicketImport:
        file = TicketImport.objects.filter(pk=self.kwargs["import_id"]).first()
        if file is None:
            raise Http404
        return file

    def act(self, form: forms.Form) -> TicketImport:
        facts: dict[str, Any] = {"import_id": self.file.pk, "today": timezone.localdate(), "actor": self.actor}
        if self.file.new_count <= ROWS_AT_ONCE:
            return services.confirm_import(**facts)
        started = services.start_import(**facts)
        send_import(started.pk)
        return started

    def describe(self, result: TicketImport) -> str:
        if result.state == TicketImport.State.IMPORTING:
            return f"{result} is being imported."
        return (
            f"{result.imported_count} imported: {result.charged_count} charged or credited, {result.waiting_count} "
            "wait in review."
        )

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_ticketimport_change", args=[self.file.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(file=self.file, facts=_list_counts(self.file), **kwargs)


@admin.register(TicketImport)
class TicketImportAdmin(ReadOnlyAdmin):
    list_display = [
        "file_name",
        "kind",
        "status",
        "staged_at",
        "staged_by",
        "row_count",
        "new_count",
        "known_count",
        "error_count",
        "waiting_count",
    ]
    list_filter = [("kind", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter)]
    list_select_related = ["staged_by"]
    search_fields = ["file_name__istartswith", "sha256__exact"]
    search_help_text = "First letters of a file's name, or its SHA-256"
    ordering = ["-id"]
    change_list_template = "admin/plans/list.html"
    detail_template = "admin/tickets/import.html"

    def get_urls(self) -> list[URLPattern]:
        template = self.admin_site.admin_view(self.download_template)
        return [
            self.page("upload/", UploadPage, "tickets_ticketimport_upload"),
            self.page("<int:import_id>/confirm/", ConfirmPage, "tickets_ticketimport_confirm"),
            path("template/", template, name="tickets_ticketimport_template"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_add = request.user.has_perm("tickets.add_ticketimport")
        url = reverse("admin:tickets_ticketimport_upload") if may_add else ""
        context = {"add_url": url, "add_label": "Upload a file"}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def download_template(self, request: HttpRequest) -> HttpResponse:
        """Send the empty file for TLC summonses."""
        headers = {"Content-Disposition": 'attachment; filename="tlc-summonses.csv"'}
        return HttpResponse(make_template(), content_type="text/csv; charset=utf-8", headers=headers)

    @display(description="State", label={"To be confirmed": "warning", "Being imported": "info", "Imported": "success"})
    def status(self, file: TicketImport) -> str:
        return file.get_state_display()

    def get_detail(self, request: HttpRequest, record: TicketImport) -> dict[str, Any]:
        may_import = request.user.has_perm("tickets.add_ticketimport")
        is_done = record.state == TicketImport.State.IMPORTED
        confirm = Button("Confirm", reverse("admin:tickets_ticketimport_confirm", args=[record.pk]), is_main=True)
        chosen = request.GET.get("rows", "")
        if chosen not in VIEWS:
            chosen = "errors" if record.error_count else "all"
        rows = selectors.list_import_rows(record.pk, states=VIEWS[chosen][1])
        if chosen == "unmatched":
            rows = rows.exclude(waits_for="")
        return {
            "facts": _list_counts(record),
            "buttons": [confirm] if may_import and not is_done else [],
            "is_importing": record.state == TicketImport.State.IMPORTING,
            "percent": record.imported_count * 100 // max(record.new_count, 1),
            "views": [(name, label, name == chosen) for name, (label, _) in VIEWS.items()],
            "chosen": chosen,
            "rows": Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        }


def _list_counts(file: TicketImport) -> list[Fact]:
    return [
        Fact("Kind", file.get_kind_display()),
        Fact("State", file.get_state_display()),
        Fact("Rows", file.row_count),
        Fact("New", file.new_count),
        Fact("Of these unmatched, for review", file.unmatched_count),
        Fact("Known before", file.known_count),
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
