"""What the audits found, night by night, and the button that runs them now."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.decorators import display

from core.admin.pages.audits import RunAuditsPage
from core.admin.records import Button, Fact, ReadOnlyAdmin
from core.admin.search import number_in
from core.models import AuditRun


@admin.register(AuditRun)
class AuditRunAdmin(ReadOnlyAdmin):
    list_display = ["run", "started_at", "finished_at", "findings", "state"]
    ordering = ["-id"]
    detail_template = "core/audit_run.html"

    def get_urls(self) -> list[URLPattern]:
        return [self.page("run/", RunAuditsPage, "core_auditrun_run"), *super().get_urls()]

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm("core.add_auditrun"):
            return []
        return [Button("Run the audits now", reverse("admin:core_auditrun_run"), is_main=True)]

    @admin.display(description="Run")
    def run(self, run: AuditRun) -> str:
        return str(run)

    @display(description="Result", label={"Clean": "success", "Findings": "danger", "Not finished": "warning"})
    def state(self, run: AuditRun) -> str:
        if run.finished_at is None:
            return "Not finished"
        return "Findings" if run.findings else "Clean"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AuditRun | None:
        return None if number_in(object_id) is None else AuditRun.objects.filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: AuditRun) -> dict[str, Any]:
        buttons = []
        if request.user.has_perm("core.add_auditrun"):
            buttons.append(Button("Run the audits now", reverse("admin:core_auditrun_run")))
        return {
            "results": record.results.order_by("name"),
            "facts": [
                Fact("Started", record.started_at),
                Fact("Finished", record.finished_at or "not finished"),
                Fact("Findings", record.findings),
            ],
            "buttons": buttons,
        }
