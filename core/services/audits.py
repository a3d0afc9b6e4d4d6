"""Running the audits, keeping what they found, and telling it."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import mail_admins
from django.db import transaction
from django.db.models.functions import Now

from core.audits import Examination, examine, list_audits
from core.models import AuditResult, AuditRun

logger = logging.getLogger(__name__)

#: Sentences kept with a result; the count is of all of them.
SAMPLE = 20


def purge_audits(*, before: datetime) -> int:
    """Delete the runs from before that moment that found nothing, but the newest of all; return how many.

    What an audit found is kept: it tells when something went wrong, and since when it is mended. The database lets
    nobody delete that, nor a run of the last 30 days.
    """
    newest = AuditRun.objects.order_by("-pk").values("pk")[:1]
    old = AuditRun.objects.filter(started_at__lt=before, findings=0).exclude(pk__in=newest)
    _, deleted = old.delete()
    return deleted.get(AuditRun._meta.label, 0)


def run_audits() -> AuditRun:
    """Run every audit of every app on one snapshot of the database, and keep the results.

    It finds, and mends nothing. What is found is an ERROR of the log each time, with the audits' names; and a mail to
    ``settings.ADMINS`` where any of it was not found by the run before.
    """
    before = AuditRun.objects.filter(finished_at__isnull=False).order_by("-pk").first()
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
    _tell(run, examinations, before)
    return run


def _tell(run: AuditRun, examinations: Sequence[Examination], before: AuditRun | None) -> None:
    wrong = [examination for examination in examinations if examination.findings]
    if not wrong:
        logger.info("%s: no findings, all %s promises hold.", run, len(examinations))
        return
    names = ", ".join(f"{one.audit.name} ({len(one.findings)})" for one in wrong)
    logger.error("%s: %s findings, of %s.", run, run.findings, names)
    if _can_mail() and (new := _leave_out_known(wrong, before)):
        _mail(run, new)


def _can_mail() -> bool:
    """Return whether there is somebody to mail to, and a server that sends."""
    return bool(settings.ADMINS and getattr(settings, "MAIL_IS_SET", True))


def _leave_out_known(wrong: Sequence[Examination], before: AuditRun | None) -> dict[str, list[str]]:
    """Return what the run before had not found, by audit: the same trouble is not mailed night after night."""
    results = before.results.values_list("name", "sample") if before else ()
    known = {(name, sentence) for name, sample in results for sentence in sample}
    return {
        one.audit.name: new
        for one in wrong
        if (new := [told for told in one.findings[:SAMPLE] if (one.audit.name, told) not in known])
    }


def _mail(run: AuditRun, new: dict[str, list[str]]) -> None:
    lines = [f"{name}: {sentence}" for name, sentences in new.items() for sentence in sentences]
    told = f"{run} found {run.findings} in all; these are new:\n\n" + "\n".join(lines)
    try:
        mail_admins(f"Audits found something: {', '.join(new)}", f"{told}\n\nSee Control → Audits.\n")
    except Exception as failure:  # whatever a mail server does, the audits have run
        logger.error("%s could not be mailed: %s", run, failure)
