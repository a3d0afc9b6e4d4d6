"""The kit's own scheduled work."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from config.kit.answers import purge_stored_answers

logger = logging.getLogger(__name__)

#: How long a request may be sent again under its Idempotency-Key and get its first answer.
KEEP_ANSWERS = timedelta(days=30)


@shared_task(ignore_result=True)
def purge_stored_answers_task() -> None:
    """Delete the API answers that are older than 30 days."""
    deleted = purge_stored_answers(before=timezone.now() - KEEP_ANSWERS)
    logger.info("Stored answers: %s deleted.", deleted)
