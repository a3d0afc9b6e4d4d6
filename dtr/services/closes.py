"""A week's close: begun once, worked off batch by batch, finished when the last batch is done.

How far it came is in the database, so a crash anywhere is resumed by calling :func:`close_week` again, and a second
run of a closed week changes nothing.
"""

from collections.abc import Callable, Collection
from datetime import date, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from config.kit.weeks import week_of
from dtr import rules
from dtr.models import CloseBatch, Step, Trip, WaitsFor, WeekClose
from dtr.selectors import CloseProgress, find_last_week, find_next_batch, find_week, list_progress
from dtr.services.batches import run_batch
from dtr.services.checks import check_week_end
from dtr.services.errors import StepOutOfOrder, WeekNotOver, WeekOutOfOrder, WeekStillOpen
from dtr.services.trips import match_waiting_trips
from leases.models import Driver

#: Drivers whose accounts one transaction of a close holds: few enough that no cashier waits for long.
DRIVERS_IN_A_BATCH = 100


def close_week(
    *,
    week_end: date,
    today: date,
    actor: User | None = None,
    progress: Callable[[CloseProgress], None] | None = None,
) -> WeekClose:
    """Close the week that ends on the Saturday ``week_end``: credit earnings, post installments, apply, seal DTRs.

    ``today`` is New York's date. Each batch of drivers is one transaction; ``progress`` is called after each. A close
    that stopped is resumed where it stopped; a closed week is returned as it is.

    :raises NotASaturday, WeekNotOver, WeekOutOfOrder, WeekStillOpen: the week can't be closed (now)
    :raises LedgerBusy: an account was not free in time; the week stays open, and the same call resumes it
    """
    week = start_week(week_end=week_end, today=today, actor=actor)
    while not week.is_closed:
        batch = find_next_batch(week_end)
        if batch is None:
            return finish_week(week_end=week_end)
        run_batch(batch_id=batch.pk, actor=actor)
        if progress is not None:
            progress(next(step for step in list_progress(week_end) if step.step == batch.step))
    return week


def start_week(*, week_end: date, today: date, actor: User | None = None) -> WeekClose:
    """Begin a week's close, or return it when it was begun before.

    The first start freezes what it counts: every matched trip that began before the week's end and that no earlier
    close counted, and the drivers of its batches. What comes later counts in the next close.

    :raises NotASaturday, WeekNotOver: the week can't be closed yet
    :raises WeekStillOpen: another week's close is not finished
    :raises WeekOutOfOrder: another week's turn is first
    """
    check_week_end(week_end)
    begun = find_week(week_end)
    if begun is not None:
        return begun
    check_is_over(week_end, today)
    try:
        return _start(week_end, actor)
    except IntegrityError:
        # Another start of this week, or of another one, was first: the answer is in the database now.
        begun = find_week(week_end)
        return begun if begun is not None else _start(week_end, actor)


@transaction.atomic
def finish_week(*, week_end: date) -> WeekClose:
    """Mark a week closed when its last batch is done; a closed week is returned as it is.

    :raises StepOutOfOrder: a batch is not done
    """
    week = WeekClose.objects.select_for_update().get(week_end=week_end)
    if week.is_closed:
        return week
    undone = find_next_batch(week_end)
    if undone is not None:
        raise StepOutOfOrder(f"The week ending {week_end} is not finished: {undone} is not done.", batch_id=undone.pk)
    week.state = WeekClose.State.CLOSED
    week.finished_at = Now()
    week.save(update_fields=["state", "finished_at"])
    week.refresh_from_db()
    return week


@transaction.atomic
def _start(week_end: date, actor: User | None) -> WeekClose:
    check_turn(week_end)
    week = WeekClose.objects.create(week_end=week_end, started_by=actor)
    match_waiting_trips()
    freeze_trips(week)
    drivers = list(Driver.objects.order_by("pk").values_list("pk", flat=True))
    CloseBatch.objects.bulk_create(
        CloseBatch(week=week, step=step, number=number, driver_ids=drivers[start : start + DRIVERS_IN_A_BATCH])
        for step in Step
        for number, start in enumerate(range(0, len(drivers), DRIVERS_IN_A_BATCH), start=1)
    )
    return week


def freeze_trips(week: WeekClose, driver_ids: Collection[int] | None = None) -> None:
    """Count every matched trip before the week's end that no earlier close counted, of all drivers or of these."""
    trips = Trip.objects.uncounted().filter(waits_for=WaitsFor.NOTHING, start_at__lt=rules.week_ends_at(week.week_end))
    if driver_ids is not None:
        trips = trips.filter(driver__in=driver_ids)
    trips.update(week=week)


def check_is_over(week_end: date, today: date) -> None:
    """:raises WeekNotOver: the week ends today or later"""
    if today <= week_end:
        raise WeekNotOver(
            f"The week ending {week_end} is not over; it can be closed from {week_end + timedelta(days=1)} on.",
            week_end=week_end.isoformat(),
        )


def check_turn(week_end: date) -> None:
    """:raises WeekStillOpen, WeekOutOfOrder: another week comes first"""
    last = find_last_week()
    if last is None:
        return
    if not last.is_closed:
        raise WeekStillOpen(
            f"The week ending {last.week_end} is still open; close it first.", open_week=last.week_end.isoformat()
        )
    turn = week_of(last.week_end).next.end
    if week_end != turn:
        raise WeekOutOfOrder(
            f"Weeks are closed in order: it is the turn of the week ending {turn}.", next_week=turn.isoformat()
        )
