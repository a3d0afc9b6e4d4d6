"""Reads of the week closes: whose turn it is, and how far a close has come."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from dtr.models import CloseBatch, Step, WeekClose


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
