"""Core's own scheduled work. Each task reads the clock, calls one service, and may run again without harm."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from core import services

logger = logging.getLogger(__name__)

#: How long a request may be sent again under its Idempotency-Key and get its first answer.
KEEP_ANSWERS = timedelta(days=30)


@shared_task(ignore_result=True)
def purge_stored_answers_task() -> None:
    """Delete the API answers that are older than 30 days."""
    deleted = services.purge_stored_answers(before=timezone.now() - KEEP_ANSWERS)
    logger.info("Stored answers: %s deleted.", deleted)


@shared_task(ignore_result=True)
def run_audits_task() -> None:
    """Run every audit of every app and keep the results."""
    run = services.run_audits()
    logger.info("Audits: %s findings.", run.findings)


@shared_task(ignore_result=True)
def number_events_task() -> None:
    """Give each new fact its number, from which programs outside go on."""
    services.number_events()
