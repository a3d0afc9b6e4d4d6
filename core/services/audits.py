"""Running the audits, and keeping what they found."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from core.audits import examine, list_audits
from core.models import AuditResult, AuditRun

#: Sentences kept with a result; the count is of all of them.
SAMPLE = 20


def purge_audits(*, before: datetime) -> int:
    """Delete the runs from before that moment that found nothing, but the newest of all; return how many.

    What an audit found is kept: it tells when something went wrong, and since when it is mended.
    """
    newest = AuditRun.objects.order_by("-pk").values("pk")[:1]
    old = AuditRun.objects.filter(started_at__lt=before, findings=0).exclude(pk__in=newest)
    _, deleted = old.delete()
    return deleted.get(AuditRun._meta.label, 0)


def run_audits() -> AuditRun:
    """Run every audit of every app on one snapshot of the database, and keep the results.

    It finds, and mends nothing.
    """
    run = AuditRun.objects.create()
    examinations = examine(list_audits())
    with transaction.atomic():
        AuditResult.objects.bulk_create(
            AuditResult(
                run=run,
                name=examination.audit.name,
                promise=examination.audit.promise,
                findings=len(examination.findings),
                sample=list(examination.findings[:SAMPLE]),
                seconds=round(examination.seconds, 3),
            )
            for examination in examinations
        )
        AuditRun.objects.filter(pk=run.pk).update(
            findings=sum(len(examination.findings) for examination in examinations), finished_at=Now()
        )
    run.refresh_from_db()
    return run
