"""The pay week's scheduled work. Each task reads the clock, calls services, and may run again without harm.

The state of a close is in its rows: a task only says "go on". So a lost message, a killed worker or a restarted Redis
delays a close until :func:`resume_close_task` finds what is silent; nothing is done twice.
"""

import logging
from datetime import date

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from config.kit.errors import DomainError
from dtr import selectors, services
from dtr.models import Step

logger = logging.getLogger(__name__)

#: Seconds before the next attempt, times the attempts made.
RETRY_AFTER = 2


@shared_task(ignore_result=True)
def close_week_task(week_ending: str | None = None) -> None:
    """Begin the close of a week (its Saturday, as 2026-11-21), or of the one whose turn it is, and send its batches."""
    today = timezone.localdate()
    week_end = date.fromisoformat(week_ending) if week_ending else selectors.get_week_to_close(today)
    services.start_week(week_end=week_end, today=today)
    send_batches(week_end)


@shared_task(ignore_result=True)
def resume_close_task() -> None:
    """Send again what gave no sign of life for a minute, and finish a close of which nothing is left."""
    week = selectors.find_open_week()
    if week is not None:
        send_batches(week.week_end)


@shared_task(ignore_result=True)
def run_batch_task(batch_id: int) -> None:
    """Do one batch of a close; whoever does a step's last batch sends those of the next step."""
    batch = services.claim_batch(batch_id=batch_id)
    if batch is None:
        return
    try:
        services.run_batch(batch_id=batch_id, actor=batch.week.started_by)
    except Exception as failure:
        logger.warning("%s of the week ending %s failed.", batch, batch.week_id, exc_info=True)
        for again in services.note_failure(batch_id=batch_id, reason=_say(failure)):
            _send(again, countdown=RETRY_AFTER * batch.attempts)
    else:
        send_batches(batch.week_id)


@shared_task(ignore_result=True)
def generate_dtrs_task(week_ending: str | None = None) -> None:
    """Seal the DTRs that are missing of the open week (or of the week that ends on this Saturday)."""
    week_end = date.fromisoformat(week_ending) if week_ending else selectors.get_week_to_close(timezone.localdate())
    done = services.run_step(week_end=week_end, step=Step.GENERATE_DTRS)
    logger.info("Week ending %s: DTRs of %s batches sealed.", week_end, done)


def send_batches(week_end: date) -> None:
    """Send what an open week waits for to the workers; finish the week when nothing is left."""
    if selectors.find_next_batch(week_end) is None:
        services.finish_week(week_end=week_end)
        return
    for batch_id in services.take_batches(week_end=week_end):
        _send(batch_id)


def _send(batch_id: int, countdown: int = 0) -> None:
    try:
        run_batch_task.apply_async((batch_id,), countdown=countdown)
    except BrokerDown:
        # What was not sent is silent, and sent again within two minutes.
        logger.warning("Batch %s could not be sent: the broker does not answer.", batch_id)


def _say(failure: Exception) -> str:
    return failure.message if isinstance(failure, DomainError) else f"{type(failure).__name__}: {failure}"
