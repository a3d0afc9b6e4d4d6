"""Reads of records that could not be read, and that nobody has looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max, Min, Q, QuerySet

from core.weeks import Week
from curb.models import TripFile, UnreadRecord


@dataclass(frozen=True, slots=True)
class UnseenFile:
    """A file with unread records that nobody has looked at; the days are None where no record says its day."""

    file_id: int
    file_name: str
    records: int
    first_day: date | None
    last_day: date | None


def list_unseen_files(week: Week) -> list[UnseenFile]:
    """The files with unread records of ``week`` that nobody has looked at, the oldest first.

    A record whose day can't be told may be of any week, so it is of this one too.
    """
    of_week = Q(day=None) | Q(day__range=(week.start, week.end))
    rows = (
        UnreadRecord.objects.filter(of_week, seen_at=None)
        .order_by("file_id")
        .values("file_id", name=F("file__file_name"))
        .annotate(records=Count("pk"), first=Min("day"), last=Max("day"))
    )
    return [UnseenFile(row["file_id"], row["name"], row["records"], row["first"], row["last"]) for row in rows]


def list_unseen_records(files: Iterable[TripFile]) -> QuerySet[UnreadRecord]:
    """The records of these files that could not be read, and that nobody has looked at, by file and in their order."""
    return UnreadRecord.objects.filter(file__in=list(files), seen_at=None).order_by("file_id", "row", "pk")


def list_unread_records(file: TripFile) -> QuerySet[UnreadRecord]:
    """The records of a file that could not be read, in their order."""
    return UnreadRecord.objects.filter(file=file).select_related("seen_by")
