"""What the audits found, kept."""

from django.db import models
from django.db.models.functions import Now


class AuditRun(models.Model):
    """One run of every audit of every app."""

    started_at = models.DateTimeField("started", db_default=Now())
    finished_at = models.DateTimeField("finished", null=True)
    findings = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "core_audit_runs"
        ordering = ["-id"]
        default_permissions = ("add", "view")
        # Reports have no table of their own, and what they show is checked as audits are: by reading.
        permissions = [
            ("read_reports", "Can read the reports of the office"),
            ("read_control_reports", "Can read the reports of who did what with the money"),
            ("see_status", "Can see how the product itself is doing"),
        ]

    def __str__(self) -> str:
        return f"Audit {self.pk}"


class AuditResult(models.Model):
    """One audit's answer in a run: how many findings, and the first of them in words."""

    run = models.ForeignKey(AuditRun, models.CASCADE, related_name="results")
    name = models.CharField(max_length=80)
    promise = models.TextField()
    findings = models.PositiveIntegerField()
    sample = models.JSONField(default=list)
    seconds = models.FloatField()

    class Meta:
        db_table = "core_audit_results"
        ordering = ["id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name
