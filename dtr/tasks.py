"""The pay week's scheduled work. Each task reads the clock, calls services, and may run again without harm.

The state of a close is in its rows: a task only says "go on". So a lost message, a killed worker or a restarted Redis
delays a close until :func:`resume_close_task` finds what is silent; nothing is done twice.
"""

import logging
from datetime import date, timedelta

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from config.kit.errors import DomainError
from config.kit.weeks import week_of
from dtr import selectors, services
from dtr.models import Step

logger = logging.getLogger(__name__)

#: Weeks before the one to close that CURB is asked for again: trips come late.
LATE_WEEKS = 2
#: Seconds before the next attempt, times the attempts made.
RETRY_AFTER = 2


@shared_task(ignore_result=True)
def import_curb_earnings_task(week_ending: str | None = None, *, then_close: bool = False) -> None:
    """Import from CURB what the week to close needs (or the one that ends on this Saturday), late trips included.

    With ``then_close`` the close is begun once everything came, and nothing is done for a week that was begun. While
    CURB does not answer, no week is closed without its earnings: the task fails, and is due again an hour later. A
    fleet without CURB's credentials imports files, and closes.
    """
    last_saturday = week_of(timezone.localdate()).previous.end
    week_end = date.fromisoformat(week_ending) if week_ending else selectors.get_week_to_close(timezone.localdate())
    if then_close and (week_end > last_saturday or selectors.find_week(week_end) is not None):
        return
    try:
        done = services.import_curb_earnings(
            from_on=week_of(week_end).start - timedelta(weeks=LATE_WEEKS), to_on=min(week_end, last_saturday)
        )
        logger.info(
            "CURB: %s trips and %s card transactions imported, %s known before, %s with errors.",
            done.trips,
            done.transactions,
            done.known,
            done.errors,
        )
    except services.CurbNotConfigured as reason:
        logger.info("CURB was not asked: %s", reason)
    if then_close:
        close_week_task.delay(week_end.isoformat())


@shared_task(ignore_result=True)
def reconcile_curb_trips_task() -> None:
    """Mark the trips of closed weeks as reconciled at CURB; what failed is sent again with the next run."""
    try:
        settled = services.reconcile_trips()
    except services.CurbNotConfigured:
        return
    for failure in settled.failures:
        logger.warning("%s", failure)
    if settled.confirmed:
        logger.info("CURB confirmed %s receipts.", settled.confirmed)


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
