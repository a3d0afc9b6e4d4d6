"""The page that runs the audits now."""

from typing import Any

from django.urls import reverse

from core import services
from core.admin.acts import ActPage
from core.models import AuditRun


class RunAuditsPage(ActPage):
    permission_required = "core.add_auditrun"
    title = "Run the audits now"
    template_name = "core/run_audits.html"
    verb = "Run the audits"

    def act(self, form: Any) -> AuditRun:
        return services.run_audits()

    def describe(self, result: AuditRun) -> str:
        return f"The audits ran: {_count(result.findings)}."

    def get_success_url(self, result: AuditRun) -> str:
        return reverse("admin:core_auditrun_change", args=[result.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:core_auditrun_changelist")


def _count(findings: int) -> str:
    return {0: "nothing wrong found", 1: "1 finding"}.get(findings, f"{findings} findings")
