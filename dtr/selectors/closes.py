"""Reads of the week closes: whose turn it is, and how far a close has come."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from config.kit.weeks import week_of
from dtr.models import CloseBatch, Step, WeekClose
from leases.models import Driver

#: The rate of a close is that of its last minute.
RATE_OVER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class CloseProgress:
    """How far one step of a close has come, in drivers."""

    step: Step
    done: int
    total: int

    @property
    def is_done(self) -> bool:
        return self.done == self.total


def list_closes() -> QuerySet[WeekClose]:
    """Every week that was begun, newest first."""
    return WeekClose.objects.select_related("started_by").annotate(
        batch_count=Count("batches"), done_count=Count("batches", filter=Q(batches__done_at__isnull=False))
    )


def find_week(week_end: date) -> WeekClose | None:
    return WeekClose.objects.filter(week_end=week_end).first()


def find_last_week() -> WeekClose | None:
    """The newest week that was begun."""
    return WeekClose.objects.order_by("-week_end").first()


def find_next_batch(week_end: date) -> CloseBatch | None:
    """The first batch that is not done, in the order of the steps; None when all are."""
    return CloseBatch.objects.filter(week=week_end, done_at=None).order_by("step", "number").first()


def list_progress(week_end: date) -> list[CloseProgress]:
    """How far each step of a close has come, in the order of the steps."""
    drivers = Func(F("driver_ids"), function="cardinality", output_field=IntegerField())
    rows = {
        row["step"]: row
        for row in CloseBatch.objects.filter(week=week_end)
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


def find_open_week() -> WeekClose | None:
    """The week whose close was begun and is not finished."""
    return WeekClose.objects.filter(state=WeekClose.State.OPEN).first()


def get_week_to_close(today: date) -> date:
    """The Saturday of the week whose turn it is: the open one, or the one after the last closed.

    A fleet that never closed a week begins with the last full one.
    """
    last = find_last_week()
    if last is None:
        return week_of(today).previous.end
    return week_of(last.week_end).next.end if last.is_closed else last.week_end


def list_preview_drivers() -> list[tuple[int, str]]:
    """Every driver whom a close would take, with his name, in the order of its batches."""
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


def get_close_status(week: WeekClose, now: datetime) -> CloseStatus:
    """Return how far a close has come at ``now``, how fast it goes, and what failed."""
    steps = list_progress(week.week_end)
    done, total = sum(step.done for step in steps), sum(step.total for step in steps)
    lately = _count_drivers(CloseBatch.objects.filter(week=week, done_at__gt=now - RATE_OVER))
    rate = lately / max(1.0, min(RATE_OVER, now - week.started_at).total_seconds())
    undone = CloseBatch.objects.filter(week=week, done_at=None)
    first = find_next_batch(week.week_end)
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
