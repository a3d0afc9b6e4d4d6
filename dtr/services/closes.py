"""A week's close: begun once, worked off batch by batch, finished when the last batch is done.

How far it came is in the database, so a crash anywhere is resumed by calling :func:`close_week` again, and a second
run of a closed week changes nothing.
"""

import logging
from collections.abc import Callable
from datetime import date

from django.contrib.auth.models import User
from django.db import IntegrityError
from django.db.models.functions import Now

from core.errors import Busy
from core.telling import tell_done, telling_refusals
from core.transactions import bounded_transaction
from core.weeks import Week
from core.words import say_full_day
from curb import selectors as curb_selectors
from curb import services as curb
from dtr.errors import StepOutOfOrder, WeekNotOver, WeekOutOfOrder, WeekStillOpen
from dtr.models import CloseBatch, Step, WeekClose
from dtr.selectors import CloseProgress, find_close, find_last_close, find_next_batch, get_close, list_progress
from dtr.services.batches import run_batch
from dtr.services.readiness import check_ready
from leases.models import Driver
from ledger import selectors as ledger_selectors
from ledger import services as ledger

logger = logging.getLogger(__name__)

#: How often a close waits for the books before it leaves finishing to the next who looks.
FINISH_ATTEMPTS = 3
#: Drivers whose accounts one transaction of a close holds: few enough that no cashier waits for longer than a third of
#: a second or so, and enough for what a batch costs whatever its size (a hundred drivers each were a fifth slower).
DRIVERS_IN_A_BATCH = 250


def close_week(
    *,
    week: Week,
    today: date,
    actor: User | None = None,
    progress: Callable[[CloseProgress], None] | None = None,
) -> WeekClose:
    """Close a week: credit earnings, post installments, apply, seal DTRs.

    ``today`` is New York's date. Each batch of drivers is one transaction; ``progress`` is called after each. A close
    that stopped is resumed where it stopped; a closed week is returned as it is.

    :raises WeekNotOver, WeekOutOfOrder, WeekStillOpen: the week can't be closed (now)
    :raises WeekNotReady: something is missing that nobody has overruled
    :raises Busy, LedgerBusy: somebody held what it needs too long; the week stays open, and the same call resumes it
    """
    close = start_week(week=week, today=today, actor=actor)
    while not close.is_closed:
        batch = find_next_batch(week)
        if batch is None:
            return finish_week(week=week)
        run_batch(batch_id=batch.pk, today=today, actor=actor)
        if progress is not None:
            progress(next(step for step in list_progress(week) if step.step == batch.step))
    return close


def start_week(*, week: Week, today: date, actor: User | None = None) -> WeekClose:
    """Begin a week's close, or return it when it was begun before.

    The first start says what it counts: every matched trip that is there, began before the week's end and was not
    counted by an earlier close, and the drivers of its batches. What comes later counts in the next close. What has
    changed since it was counted is counted back, and anew, here; what is new, by each driver's batch.

    :raises WeekNotOver: the week can't be closed yet
    :raises WeekStillOpen: another week's close is not finished
    :raises WeekOutOfOrder: another week's turn is first
    :raises WeekNotReady: something is missing that nobody has overruled
    :raises Busy: somebody is at its trips, or begins a close just now
    """
    begun = find_close(week)
    if begun is not None:
        return begun
    with telling_refusals(logger, "The close of the week ending %s was refused", week.end):
        check_is_over(week, today)
        try:
            return _start(week, today, actor)
        except IntegrityError:
            # Another start of this week, or of another one, was first: the answer is in the database now.
            begun = find_close(week)
            return begun if begun is not None else _start(week, today, actor)


def finish_week(*, week: Week) -> WeekClose:
    """Mark a week closed when its last batch is done, and close the books through its Saturday, both or neither.

    A closed week is returned as it is. The books wait for what is being booked just now, several times before this
    gives up; the week stays open then, and whatever resumes its close finishes it.

    :raises WeekNotStarted: its close was never begun
    :raises StepOutOfOrder: a batch is not done
    :raises Busy, LedgerBusy: somebody is at its close, or at the books, just now
    """
    for _ in range(FINISH_ATTEMPTS - 1):
        try:
            return _finish(week)
        except (Busy, ledger.LedgerBusy):
            continue
    with telling_refusals(logger, "The week ending %s was not finished", week.end):
        return _finish(week)


@ledger.money_transaction
def _finish(week: Week) -> WeekClose:
    close = WeekClose.objects.select_for_update().get(pk=get_close(week).pk)
    if close.is_closed:
        return close
    undone = find_next_batch(week)
    if undone is not None:
        raise StepOutOfOrder(
            f"The week ending {say_full_day(week.end)} is not finished: {undone} is not done.", batch_id=undone.pk
        )
    close.state = WeekClose.State.CLOSED
    close.finished_at = Now()
    close.save(update_fields=["state", "finished_at"])
    ledger.close_books_with_week(week=week, actor=close.started_by)
    close.refresh_from_db()
    tell_done(logger, "The week ending %s is closed, and so are the books through it.", week.end)
    return close


@bounded_transaction
def _start(week: Week, today: date, actor: User | None) -> WeekClose:
    last = find_last_close()
    if last is not None and last.week == week:
        return last  # begun by somebody else a moment ago
    check_turn(week, last)
    check_ready(week, today)
    # What was sealed by now can't be changed any more without this head, which goes out with the week's DTRs.
    head = ledger_selectors.get_seal_head()
    curb.match_waiting_trips()
    last_trip = curb_selectors.get_last_trip_id()
    close = WeekClose.objects.create(week_end=week.end, started_by=actor, seal_head=head, trips_through=last_trip)
    curb.freeze_changed_trips(week=week)
    drivers = list(Driver.objects.order_by("pk").values_list("pk", flat=True))
    batches = CloseBatch.objects.bulk_create(
        CloseBatch(week=close, step=step, number=number, driver_ids=drivers[start : start + DRIVERS_IN_A_BATCH])
        for step in Step
        for number, start in enumerate(range(0, len(drivers), DRIVERS_IN_A_BATCH), start=1)
    )
    tell_done(
        logger,
        "The close of the week ending %s was begun by %s: %s drivers, %s batches.",
        *(week.end, actor or "the schedule", len(drivers), len(batches)),
    )
    return close


def check_is_over(week: Week, today: date) -> None:
    """:raises WeekNotOver: the week ends today or later"""
    if today <= week.end:
        raise WeekNotOver(
            f"The week ending {say_full_day(week.end)} is not over; "
            f"it can be closed from {say_full_day(week.next.start)} on.",
            week_end=week.end.isoformat(),
        )


def check_turn(week: Week, last: WeekClose | None) -> None:
    """``last`` is the newest close that was begun.

    :raises WeekStillOpen, WeekOutOfOrder: another week comes first
    """
    if last is None:
        return
    if not last.is_closed:
        raise WeekStillOpen(
            f"The week ending {say_full_day(last.week_end)} is still open; close it first.",
            open_week=last.week_end.isoformat(),
        )
    turn = last.week.next
    if week != turn:
        raise WeekOutOfOrder(
            f"Weeks are closed in order: it is the turn of the week ending {say_full_day(turn.end)}.",
            next_week=turn.end.isoformat(),
        )
