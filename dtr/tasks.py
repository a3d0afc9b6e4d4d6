"""The pay week's scheduled work. Each task reads the clock, calls services, and may run again without harm.

Each hour beat looks whether a week is to be closed, and starts the chain import → credit → post installments → apply
earnings → generate DTRs. Each step is a task that may also be called alone for a week; ``week_end`` is always the
week's Saturday, as text: ``2026-11-21``.

The state of a close is in its rows: a task only says "go on". So a lost message, a killed worker or a restarted Redis
delays a close until :func:`resume_close_task` finds what is silent; nothing is done twice.
"""

import logging
from datetime import date, timedelta
from typing import Any

from celery import shared_task
from django.db import DatabaseError
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from core.clock import at
from core.errors import Busy, DomainError
from core.outages import describe_outage, is_outage
from core.weeks import Week, week_ending, week_of
from curb import services as curb
from dtr import selectors, services
from dtr.models import Step
from dtr.rules import FIRST_HOUR
from ledger import services as ledger

logger = logging.getLogger(__name__)

#: Weeks before the one to close that CURB is asked for again: trips come late.
LATE_WEEKS = 2
SUNDAY = 7
#: Seconds before the next attempt, times the attempts made.
RETRY_AFTER = 2


@shared_task(ignore_result=True)
def import_curb_earnings_task(week_end: str | None = None, *, then_close: bool = False) -> None:
    """Import from CURB what the week to close needs, late trips included.

    ``week_end`` is the Saturday of another week, as text. With ``then_close`` the close is begun after it, and nothing
    is done for a week that was begun, or whose hour has not come. What CURB has not answered stops the close, unless a
    supervisor has overruled it; so beat sends this each hour until the week is begun. A fleet without CURB's
    credentials imports files, and closes.

    :raises CurbIncomplete: CURB did not answer everything, and no week is to be closed
    """
    week = _read_week(week_end)
    if then_close and not _is_due(week):
        return
    last_full_week = week_of(timezone.localdate()).previous
    try:
        curb.import_curb_earnings(from_on=week.start - timedelta(weeks=LATE_WEEKS), to_on=min(week, last_full_week).end)
    except curb.CurbNotConfigured as reason:
        logger.info("CURB was not asked: %s", reason)
    except curb.CurbIncomplete:
        if not then_close:
            raise
        # Whether it is of the week to close, and whether somebody lets it close all the same, the close will see.
    if then_close:
        close_week_task.delay(_name(week))


@shared_task(ignore_result=True)
def reconcile_curb_trips_task() -> None:
    """Mark the trips of closed weeks as reconciled at CURB; what failed is sent again with the next run."""
    closed_through = selectors.find_last_closed_week()
    if closed_through is None:
        return
    try:
        settled = curb.reconcile_trips(closed_through=closed_through)
    except curb.CurbNotConfigured:
        return
    for failure in settled.failures:
        logger.warning("%s", failure)
    if settled.confirmed:
        logger.info("CURB confirmed %s receipts.", settled.confirmed)


@shared_task(ignore_result=True)
def close_week_task(week_end: str | None = None) -> None:
    """Begin the close of the week whose turn it is, and start its first step.

    ``week_end`` is the week's Saturday, as text, where it must be no other week. A close that was begun goes on. Audits
    older than a day are run first.

    :raises WeekNotOver, WeekStillOpen, WeekOutOfOrder: the week can't be closed (now)
    :raises WeekNotReady: something is missing that nobody has overruled; beat tries again within the hour
    """
    week = _read_week(week_end)
    if selectors.find_close(week) is None:
        services.refresh_audits(now=timezone.now())
    services.start_week(week=week, today=timezone.localdate())
    send_batches(week)


@shared_task(ignore_result=True)
def credit_earnings_task(week_end: str | None = None) -> None:
    """Credit the card fares of the open week, and charge the taxes of its trips.

    ``week_end`` is the week's Saturday, as text; without it the open week is meant. Run again, it changes nothing.

    :raises WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    """
    _run_step(Step.CREDIT_EARNINGS, _read_week(week_end))


@shared_task(ignore_result=True)
def post_scheduled_installments_task(week_end: str | None = None) -> None:
    """Post every installment that is due by today in New York; or of a week, what its close posts.

    ``week_end`` is the week's Saturday, as text. Run again, it changes nothing.

    :raises WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    :raises StepOutOfOrder: the week's earnings are not credited for every driver
    """
    if week_end is not None:
        _run_step(Step.POST_INSTALLMENTS, _read_week(week_end))
        return
    counts = ledger.post_scheduled_installments(as_of=timezone.localdate())
    logger.info("Installments: %s posted, %s found posted.", counts.posted, counts.already_posted)


@shared_task(ignore_result=True)
def apply_earnings_for_dtr_task(week_end: str | None = None) -> None:
    """Apply held credits to what was due by the Saturday of the open week.

    ``week_end`` is the week's Saturday, as text; without it the open week is meant. Run again, it changes nothing.

    :raises WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    :raises StepOutOfOrder: an earlier step is not done for every driver
    """
    _run_step(Step.APPLY_EARNINGS, _read_week(week_end))


@shared_task(ignore_result=True)
def generate_dtrs_task(week_end: str | None = None) -> None:
    """Seal the DTRs of the open week, and close it when none is missing.

    ``week_end`` is the week's Saturday, as text; without it the open week is meant. Run again, it changes nothing.

    :raises WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    :raises StepOutOfOrder: an earlier step is not done for every driver
    """
    _run_step(Step.GENERATE_DTRS, _read_week(week_end))


@shared_task(ignore_result=True)
def resume_close_task() -> None:
    """Send again what gave no sign of life for a minute, and finish a close of which nothing is left."""
    close = selectors.find_open_close()
    if close is not None:
        send_batches(close.week)


@shared_task(ignore_result=True)
def run_batch_task(batch_id: int) -> None:
    """Do one batch of a close; whoever does a step's last batch starts the next step."""
    _run_batch(batch_id)


#: The chain, step by step.
STEP_TASKS: dict[Step, Any] = {
    Step.CREDIT_EARNINGS: credit_earnings_task,
    Step.POST_INSTALLMENTS: post_scheduled_installments_task,
    Step.APPLY_EARNINGS: apply_earnings_for_dtr_task,
    Step.GENERATE_DTRS: generate_dtrs_task,
}


def send_batches(week: Week) -> None:
    """Have the workers go on with an open week; finish it when nothing is left.

    A step of which nothing was sent yet is started by its own task; of one under way, what is silent is sent again.
    """
    first = selectors.find_next_batch(week)
    if first is None:
        services.finish_week(week=week)
    elif selectors.is_step_untouched(week, Step(first.step)):
        _send(STEP_TASKS[Step(first.step)], _name(week))
    else:
        for batch_id in services.take_batches(week=week):
            _send(run_batch_task, batch_id)


def _run_step(step: Step, week: Week) -> None:
    """Send the batches of one step to the workers, and lend them a hand until none of them is left.

    :raises WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    :raises StepOutOfOrder: a batch of an earlier step is not done
    """
    selectors.get_open_close(week)
    batches = services.take_batches(week=week, step=step)
    if batches:
        logger.info("Week ending %s: %s begins, %s batches.", week.end, step.label.lower(), len(batches))
    for batch_id in batches[:-1]:
        if not _send(run_batch_task, batch_id):
            break  # nor would the next be sent: all of it is done here
    # From the other end: a worker alone does all of it, many meet in the middle. Who comes second finds it done.
    for batch_id in reversed(batches):
        _run_batch(batch_id)


def _run_batch(batch_id: int) -> None:
    batch = services.claim_batch(batch_id=batch_id)
    if batch is None:
        return
    try:
        services.run_batch(batch_id=batch_id, today=timezone.localdate(), actor=batch.week.started_by)
    except Exception as failure:
        logger.warning("Week ending %s: %s failed. %s", batch.week_id, batch, _describe(failure), exc_info=True)
        for again in _note_failure(batch_id, failure):
            _send(run_batch_task, again, countdown=RETRY_AFTER * batch.attempts)
    else:
        send_batches(batch.week.week)


def _note_failure(batch_id: int, failure: Exception) -> list[int]:
    """Note why an attempt failed, and return the batches to try next."""
    try:
        return services.note_failure(batch_id=batch_id, reason=_describe(failure), is_outage=is_outage(failure))
    except Busy:
        # Somebody else is at the batch by now: how that ends is theirs to note, or the batch falls silent.
        return []
    except DatabaseError as error:
        if not is_outage(error):
            raise
        logger.warning("Batch %s waits for the database: %s", batch_id, describe_outage(error))
        return []  # it falls silent, and is sent again


def _send(task: Any, argument: int | str, countdown: int = 0) -> bool:
    """Send a task to the workers, and return whether it was sent."""
    try:
        task.apply_async((argument,), countdown=countdown)
    except BrokerDown:
        # What was not sent is silent, and sent again within two minutes.
        logger.warning("%s(%s) could not be sent: the broker does not answer.", task.name, argument)
        return False
    return True


def _read_week(week_end: str | None) -> Week:
    """The week that a task was given, or the one whose turn it is."""
    return week_ending(date.fromisoformat(week_end)) if week_end else selectors.get_week_to_close(timezone.localdate())


def _is_due(week: Week) -> bool:
    """Whether beat is to begin this week's close: from Sunday at five on, until it is begun.

    A fleet that never closed a week begins on a Sunday: on other days nobody knows which week would be its first. And
    not before its first lease, or its cut-over: a week closed too early would be followed by the wrong one.
    """
    if selectors.find_close(week) is not None or timezone.now() < at(week.next.start, FIRST_HOUR):
        return False
    if selectors.find_last_close() is not None:
        return True
    first = selectors.find_first_week()
    return first is not None and first.week <= week and timezone.localdate().isoweekday() == SUNDAY


def _name(week: Week) -> str:
    return week.end.isoformat()


def _describe(failure: Exception) -> str:
    return failure.message if isinstance(failure, DomainError) else f"{type(failure).__name__}: {failure}"
