"""Core's own scheduled work. Each task reads the clock, calls one service, and may run again without harm."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from core import mails, services

logger = logging.getLogger(__name__)

#: How long a request may be sent again under its Idempotency-Key and get its first answer.
KEEP_ANSWERS = timedelta(days=30)
#: Seconds for which one run sends to an endpoint.
SEND_FOR = 20.0


@shared_task(ignore_result=True)
def purge_stored_answers_task() -> None:
    """Delete the API answers that are older than 30 days."""
    deleted = services.purge_stored_answers(before=timezone.now() - KEEP_ANSWERS)
    logger.info("Stored answers: %s deleted.", deleted)


@shared_task(ignore_result=True)
def run_audits_task() -> None:
    """Run every audit of every app and keep the results."""
    services.run_audits()


@shared_task(ignore_result=True)
def purge_audits_task() -> None:
    """Delete what audits said long ago, where they found nothing."""
    keep = timedelta(days=settings.AUDIT_KEEP_DAYS)
    deleted = services.purge_audits(before=timezone.now() - keep)
    logger.info("Audits without findings: %s runs deleted.", deleted)


@shared_task(ignore_result=True)
def send_events_task() -> None:
    """Give each new fact its number, and have workers send to each endpoint what is due there."""
    services.number_events()
    for endpoint_id in services.list_webhooks_with_work(now=timezone.now()):
        deliver_events_task.apply_async((endpoint_id,))


@shared_task(ignore_result=True)
def deliver_events_task(endpoint_id: int) -> None:
    """Send one endpoint what is due, for a while; what is left goes with the next run."""
    services.deliver_events(endpoint_id=endpoint_id, clock=timezone.now, seconds=SEND_FOR)


@shared_task(ignore_result=True)
def purge_deliveries_task() -> None:
    """Delete deliveries of webhooks that are long over."""
    keep = timedelta(days=settings.WEBHOOK_KEEP_DAYS)
    deleted = services.purge_deliveries(before=timezone.now() - keep)
    logger.info("Webhook deliveries: %s deleted.", deleted)


@shared_task(ignore_result=True)
def purge_access_task() -> None:
    """Delete sessions that are over, and entries of the log of sign-ins and refusals that are old."""
    call_command("clearsessions")
    deleted = services.purge_access(before=timezone.now() - timedelta(days=settings.ACCESS_KEEP_DAYS))
    logger.info("Sign-ins and refusals: %s deleted.", deleted)


@shared_task(ignore_result=True)
def mail_password_links_task(email: str, host: str, is_secure: bool, address: str) -> None:
    """Mail a link to a new password to whoever has that address; the page answers before, and alike, for everybody."""
    mails.send_password_links(email, host=host, is_secure=is_secure, address=address)
