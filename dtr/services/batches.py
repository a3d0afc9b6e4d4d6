"""A close's batches: sent to workers, done in one transaction each, tried again, halved, and given up by name.

How a batch stands is in its row alone. A message that is lost or comes twice does no harm: what is silent for too long
is sent again, and what is done, under way or given up is not begun.
"""

import logging
from datetime import date, timedelta

from django.contrib.auth.models import User
from django.db.models import Max, Q
from django.db.models.functions import Now

from core.telling import tell, tell_done
from core.transactions import bounded_transaction, look_up_by_index
from core.weeks import Week, week_of
from dtr.errors import StepOutOfOrder
from dtr.models import CloseBatch, Step, WeekClose
from dtr.selectors import find_next_batch, get_open_close
from dtr.services.earnings import credit_earnings
from dtr.services.statements import generate_dtrs
from ledger import locks
from ledger import services as ledger

logger = logging.getLogger(__name__)

#: A batch that gave no sign of life for so long, and that nobody is at work on, is sent again.
SILENT_AFTER = timedelta(seconds=60)
#: Tries before a batch is halved, and before a single driver's is given up.
MAX_ATTEMPTS = 4
MAX_FAILURE = 500

LOST_WORKER = "Each worker that began it ended before it was done."


@ledger.money_transaction
def run_batch(*, batch_id: int, today: date, actor: User | None = None) -> bool:
    """Do one batch of a close and mark it done, in one transaction; return False when it was done before.

    ``today`` is New York's date: the day of the seal.

    :raises StepOutOfOrder: a batch of an earlier step is not done
    :raises LedgerBusy: an account was not free in time
    """
    # Nobody but a close locks its batches, so this one lock may come before the accounts'.
    batch = CloseBatch.objects.select_for_update().get(pk=batch_id)
    if batch.done_at is not None:
        return False
    if CloseBatch.objects.filter(week=batch.week_id, step__lt=batch.step, done_at=None).exists():
        raise StepOutOfOrder(f"{batch} comes after a step that is not done.", batch_id=batch_id)
    look_up_by_index()
    locks.lock_accounts(batch.driver_ids)
    run_step_for(Step(batch.step), week_of(batch.week_id), batch.driver_ids, actor, today=today)
    batch.done_at = Now()
    batch.failed_at = None
    batch.failure = ""
    batch.save(update_fields=["done_at", "failed_at", "failure"])
    tell_done(logger, "Week ending %s: %s, done for %s drivers.", batch.week_id, batch, len(batch.driver_ids))
    return True


def run_step(*, week: Week, step: Step, today: date, actor: User | None = None) -> int:
    """Do what is left of one step of an open week, batch by batch; return how many batches were done by this call.

    :raises WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    :raises StepOutOfOrder: a batch of an earlier step is not done
    """
    get_open_close(week)
    undone = CloseBatch.objects.filter(week=week.end, step=step, done_at=None).order_by("number")
    batches = list(undone.values_list("pk", flat=True))
    return sum(run_batch(batch_id=batch_id, today=today, actor=actor) for batch_id in batches)


@bounded_transaction
def take_batches(*, week: Week, step: Step | None = None) -> list[int]:
    """Return the ids of the batches to send to the workers now, and note them as sent.

    They are those of the first step that is not done, except what is under way, given up, or was sent a moment ago.
    With ``step``, those of that step, and none when it is done.

    :raises StepOutOfOrder: a batch of a step before ``step`` is not done
    :raises Busy: the database had no room for it in time
    """
    first = find_next_batch(week)
    if first is None or (step is not None and first.step > step):
        return []
    if step is not None and first.step < step:
        raise StepOutOfOrder(f"{step.label} comes after a step that is not done: {first}.", batch_id=first.pk)
    silent = Q(heartbeat_at=None) | Q(heartbeat_at__lt=Now() - SILENT_AFTER)
    idle = CloseBatch.objects.filter(silent, week=week.end, step=first.step, done_at=None, failed_at=None)
    # A batch that is under way is locked by whoever is at it, and so is skipped.
    taken = list(idle.select_for_update(skip_locked=True).order_by("number").values_list("pk", flat=True))
    CloseBatch.objects.filter(pk__in=taken).update(heartbeat_at=Now())
    return taken


@bounded_transaction
def claim_batch(*, batch_id: int) -> CloseBatch | None:
    """Begin an attempt at a batch and return it; None when it is done, given up, or somebody is at it.

    A batch that ended its workers without a word, attempt after attempt, is given up here.

    :raises Busy: the database had no room for it in time
    """
    idle = CloseBatch.objects.filter(pk=batch_id, done_at=None, failed_at=None)
    batch = idle.select_for_update(skip_locked=True, of=("self",)).select_related("week__started_by").first()
    if batch is None:
        return None
    if batch.attempts >= MAX_ATTEMPTS:
        _give_up(batch, batch.failure or LOST_WORKER)
        return None
    batch.attempts += 1
    batch.heartbeat_at = Now()
    batch.save(update_fields=["attempts", "heartbeat_at"])
    return batch


@bounded_transaction
def note_failure(*, batch_id: int, reason: str, is_outage: bool = False) -> list[int]:
    """Note why an attempt at a batch failed, and return the ids of the batches to try next.

    An outage is the fault of nobody in the batch: the attempt does not count, and it is tried again when it has been
    silent. After its last attempt a batch is halved, and each half tried once, until the driver at fault stands alone
    and is given up: the others of the batch go on.

    :raises Busy: somebody is at the batch again; what becomes of it is theirs to note
    """
    batch = CloseBatch.objects.select_for_update().get(pk=batch_id)
    if batch.done_at is not None or batch.failed_at is not None:
        return []
    batch.failure = reason[:MAX_FAILURE]
    if is_outage:
        batch.attempts = max(batch.attempts - 1, 0)
        batch.save(update_fields=["attempts", "failure"])
        return []
    if batch.attempts >= MAX_ATTEMPTS and len(batch.driver_ids) <= 1:
        _give_up(batch, batch.failure)
        return []
    again = [batch.pk]
    if batch.attempts >= MAX_ATTEMPTS:
        again.append(_split_off_half(batch).pk)
    batch.heartbeat_at = Now()
    batch.save(update_fields=["driver_ids", "attempts", "heartbeat_at", "failure"])
    return again


@bounded_transaction
def retry_failed_batches(*, week: Week) -> int:
    """Let every batch of an open week that was given up be tried anew; return how many.

    :raises WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    :raises Busy: somebody is at one of them just now
    """
    get_open_close(week)
    failed = CloseBatch.objects.filter(week=week.end, failed_at__isnull=False)
    return failed.update(failed_at=None, attempts=0, heartbeat_at=None)


def run_step_for(step: Step, week: Week, driver_ids: list[int], actor: User | None, *, today: date) -> None:
    """Do one step of an open week for these drivers, in the caller's transaction; their accounts are locked."""
    match step:
        case Step.CREDIT_EARNINGS:
            credit_earnings(week=week, driver_ids=driver_ids, actor=actor)
        case Step.POST_INSTALLMENTS:
            ledger.post_scheduled_installments(as_of=week.end, driver_ids=driver_ids, actor=actor)
        case Step.APPLY_EARNINGS:
            ledger.apply_weekly_earnings(as_of=week.end, driver_ids=driver_ids, actor=actor)
        case Step.GENERATE_DTRS:
            generate_dtrs(week=week, driver_ids=driver_ids, today=today)


def _give_up(batch: CloseBatch, reason: str) -> None:
    batch.failed_at = Now()
    batch.failure = reason
    batch.save(update_fields=["failed_at", "failure"])
    # Its week stays open until a person has looked.
    tell(logging.ERROR, logger, "Week ending %s: %s is given up. %s", batch.week_id, batch, reason)


def _split_off_half(batch: CloseBatch) -> CloseBatch:
    """Leave the first half of its drivers to the batch, and give the others to a new one; each has one try."""
    # One at a time: the new number is the week's next.
    WeekClose.objects.select_for_update(no_key=True).get(pk=batch.week_id)
    siblings = CloseBatch.objects.filter(week=batch.week_id, step=batch.step)
    middle = len(batch.driver_ids) // 2
    half = CloseBatch.objects.create(
        week_id=batch.week_id,
        step=batch.step,
        number=siblings.aggregate(last=Max("number"))["last"] + 1,
        driver_ids=batch.driver_ids[middle:],
        heartbeat_at=Now(),
        attempts=MAX_ATTEMPTS - 1,
        failure=batch.failure,
    )
    batch.driver_ids = batch.driver_ids[:middle]
    batch.attempts = MAX_ATTEMPTS - 1
    return half
