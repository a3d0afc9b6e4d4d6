"""Reads of the week closes: whose turn it is, and how far a close has come."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Func, IntegerField, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from core.clock import at
from core.weeks import Week, week_of
from core.words import say_full_day
from dtr.errors import WeekAlreadyClosed, WeekNotStarted
from dtr.models import CloseBatch, Step, WeekClose
from dtr.rules import FIRST_HOUR
from leases.models import Driver, Lease
from ledger import selectors as ledger

#: The rate of a close is that of its last minute.
RATE_OVER = timedelta(seconds=60)
#: So long after its hour a week may stay open without being late: by then people have seen to what was in its way.
LATE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CloseProgress:
    """How far one step of a close has come, in drivers."""

    step: Step
    done: int
    total: int

    @property
    def is_done(self) -> bool:
        return self.done == self.total


@dataclass(frozen=True, slots=True)
class CloseStanding:
    """How the closes stand: the week that was closed last, and the one whose turn it is.

    ``due_at`` is when that one's close begins by the schedule; None of both before any week was begun.
    """

    closed_week_end: date | None
    closed_at: datetime | None
    due_at: datetime | None
    is_open: bool
    failed_batches: int
    is_late: bool


def read_close_standing(*, now: datetime) -> CloseStanding:
    """Return how the closes stand; two statements at the most."""
    newest = list(WeekClose.objects.order_by("-week_end")[:2])
    if not newest:
        return CloseStanding(None, None, None, is_open=False, failed_batches=0, is_late=False)
    last = newest[0]
    closed = next((close for close in newest if close.is_closed), None)
    turn = last.week.next if last.is_closed else last.week
    due_at = at(turn.next.start, FIRST_HOUR)
    return CloseStanding(
        closed.week_end if closed else None,
        closed.finished_at if closed else None,
        due_at,
        is_open=not last.is_closed,
        failed_batches=0 if last.is_closed else list_failed_batches().count(),
        is_late=now > due_at + LATE_AFTER,
    )


def find_last_closed_week() -> Week | None:
    """Return the newest week that is closed; every week before it is closed, too."""
    last = WeekClose.objects.filter(state=WeekClose.State.CLOSED).order_by("-week_end").first()
    return last.week if last else None


def list_closes() -> QuerySet[WeekClose]:
    """Every week that was begun, newest first."""
    return WeekClose.objects.select_related("started_by").annotate(
        batch_count=Count("batches"), done_count=Count("batches", filter=Q(batches__done_at__isnull=False))
    )


def find_close(week: Week) -> WeekClose | None:
    """Return the close of a week, where it was begun."""
    return WeekClose.objects.filter(week_end=week.end).first()


def get_close(week: Week) -> WeekClose:
    """Return the week's close.

    :raises WeekNotStarted: it was never begun
    """
    close = find_close(week)
    if close is None:
        raise WeekNotStarted(
            f"The close of the week ending {say_full_day(week.end)} was not begun.", week_end=week.end.isoformat()
        )
    return close


def get_open_close(week: Week) -> WeekClose:
    """Return the week's close.

    :raises WeekNotStarted, WeekAlreadyClosed: its close is not open
    """
    close = get_close(week)
    if close.is_closed:
        raise WeekAlreadyClosed(f"The week ending {say_full_day(week.end)} is closed.", week_end=week.end.isoformat())
    return close


def find_last_close() -> WeekClose | None:
    """Return the close of the newest week that was begun."""
    return WeekClose.objects.order_by("-week_end").first()


def find_next_batch(week: Week) -> CloseBatch | None:
    """The first batch that is not done, in the order of the steps; None when all are."""
    return CloseBatch.objects.filter(week=week.end, done_at=None).order_by("step", "number").first()


def is_step_untouched(week: Week, step: Step) -> bool:
    """Return whether none of a step's batches was ever sent to a worker or begun."""
    return not CloseBatch.objects.filter(week=week.end, step=step, heartbeat_at__isnull=False).exists()


def list_progress(week: Week) -> list[CloseProgress]:
    """How far each step of a close has come, in the order of the steps."""
    drivers = Func(F("driver_ids"), function="cardinality", output_field=IntegerField())
    rows = {
        row["step"]: row
        for row in CloseBatch.objects.filter(week=week.end)
        .order_by()
        .values("step")
        .annotate(
            done=Coalesce(Sum(drivers, filter=Q(done_at__isnull=False)), 0),
            total=Coalesce(Sum(drivers), 0),
        )
    }
    return [
        CloseProgress(step, rows[step]["done"], rows[step]["total"]) if step in rows else CloseProgress(step, 0, 0)
        for step in Step
    ]


def find_open_close() -> WeekClose | None:
    """Return the close that was begun and is not finished."""
    return WeekClose.objects.filter(state=WeekClose.State.OPEN).first()


@dataclass(frozen=True, slots=True)
class FirstWeek:
    """The first week that there is anything to close of, and whether balances were carried over to its beginning."""

    week: Week
    is_cut_over: bool


def find_first_week() -> FirstWeek | None:
    """Return the fleet's first week: the cut-over's, else that of the first lease; None where there is neither."""
    cut_on = ledger.find_cut_over()
    first = cut_on or Lease.objects.aggregate(first=Min("start_on"))["first"]
    return FirstWeek(week_of(first), is_cut_over=cut_on is not None) if first is not None else None


def get_week_to_close(today: date) -> Week:
    """Return the week whose turn it is: the open one, or the one after the last closed.

    A fleet that never closed a week begins with the last full one.
    """
    last = find_last_close()
    if last is None:
        return week_of(today).previous
    return last.week.next if last.is_closed else last.week


def list_preview_drivers() -> list[tuple[int, str]]:
    """Every driver whom a close would take, with their name, in the order of its batches."""
    return [(driver.pk, str(driver)) for driver in Driver.objects.order_by("pk")]


@dataclass(frozen=True, slots=True)
class FailedBatch:
    """A batch that was given up, and the drivers it concerns."""

    batch: CloseBatch
    drivers: list[Driver]


@dataclass(frozen=True, slots=True)
class CloseStatus:
    """How far a close has come, in drivers times steps; ``rate`` is per second over its last minute."""

    steps: list[CloseProgress]
    done: int
    total: int
    rate: float
    seconds_left: int | None
    failed: list[FailedBatch]
    #: Batches of the step under way that are not done and not given up.
    waiting: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100

    @property
    def is_stuck(self) -> bool:
        """Whether nothing goes on before somebody looks at what failed."""
        return bool(self.failed) and self.waiting == 0


@dataclass(frozen=True, slots=True)
class FailedDriver:
    """A driver whom a close gave up; it stays open until they are tried again."""

    week_end: date
    driver: Driver


def list_failed_batches() -> QuerySet[CloseBatch]:
    """Return the batches of the open close that were given up, each with the drivers at fault."""
    return CloseBatch.objects.filter(week__state=WeekClose.State.OPEN, failed_at__isnull=False)


def list_failed_drivers() -> list[FailedDriver]:
    """Return the drivers of what failed in the open close, by name."""
    failed = list_failed_batches().values_list("week_id", "driver_ids")
    week_of_driver = {driver_id: week_end for week_end, driver_ids in failed for driver_id in driver_ids}
    if not week_of_driver:
        return []
    drivers = Driver.objects.filter(pk__in=week_of_driver).order_by("last_name", "first_name", "pk")
    return [FailedDriver(week_of_driver[driver.pk], driver) for driver in drivers]


def get_close_status(close: WeekClose, now: datetime) -> CloseStatus:
    """Return how far a close has come at ``now``, how fast it goes, and what failed."""
    steps = list_progress(close.week)
    done, total = sum(step.done for step in steps), sum(step.total for step in steps)
    lately = _count_drivers(CloseBatch.objects.filter(week=close, done_at__gt=now - RATE_OVER))
    rate = lately / max(1.0, min(RATE_OVER, now - close.started_at).total_seconds())
    undone = CloseBatch.objects.filter(week=close, done_at=None)
    first = find_next_batch(close.week)
    return CloseStatus(
        steps=steps,
        done=done,
        total=total,
        rate=rate,
        seconds_left=round((total - done) / rate) if rate else None,
        failed=_list_failed(undone),
        waiting=undone.filter(step=first.step, failed_at=None).count() if first else 0,
    )


def _count_drivers(batches: QuerySet[CloseBatch]) -> int:
    return sum(len(driver_ids) for driver_ids in batches.values_list("driver_ids", flat=True))


def _list_failed(undone: QuerySet[CloseBatch]) -> list[FailedBatch]:
    batches = list(undone.filter(failed_at__isnull=False).order_by("step", "number"))
    drivers = Driver.objects.in_bulk({driver_id for batch in batches for driver_id in batch.driver_ids})
    return [FailedBatch(batch, [drivers[pk] for pk in batch.driver_ids if pk in drivers]) for batch in batches]
