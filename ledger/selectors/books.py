"""Through which day the books are closed, and who closed or reopened them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from core.names import name_sql
from core.weeks import Week, week_ending, weeks_between
from ledger.models import BooksEntry


@dataclass(frozen=True, slots=True)
class ReopenedDay:
    """A closed day that is open again for a while."""

    day: date
    until_at: datetime
    reason: str
    by: str


def get_closed_through() -> date | None:
    """Return the last day that is closed; None where no day is.

    Before the first close, the books of a fleet begin with its first lease.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_closed_through()")
        closed: date | None = cursor.fetchone()[0]
    return closed


def find_cut_over() -> date | None:
    """Return the first day whose business is kept here, where balances were carried over from before; else None."""
    entry = BooksEntry.objects.filter(kind=BooksEntry.Kind.GO_LIVE).order_by("day").first()
    return entry.day + timedelta(days=1) if entry is not None else None


def find_last_week_of_books() -> Week | None:
    """Return the last week with which the books were closed; None before the first."""
    entry = BooksEntry.objects.filter(kind=BooksEntry.Kind.WEEK).order_by("-day").first()
    return week_ending(entry.day) if entry is not None else None


def get_booking_day(day: date, *, today: date) -> date:
    """Return the day on which something of a business day is booked: itself, or ``today`` where its books are closed.

    The business day (of a disbursement, of a payoff) stays on its record.
    """
    closed = get_closed_through()
    return today if closed is not None and day <= closed else day


def list_open_weeks(on: date) -> list[Week]:
    """Return the weeks that end by a day and are not closed yet: what their closes will book is in no books of it.

    Closing a week closes the books through its Saturday, and nobody closes them past a week that is not closed.
    """
    closed = get_closed_through()
    if closed is None or closed >= on:
        return []
    return [week for week in weeks_between(closed + timedelta(days=1), on) if week.end <= on]


def list_closings() -> QuerySet[BooksEntry]:
    """Return every closing and reopening, newest first, with who did it."""
    return BooksEntry.objects.select_related("by").order_by("-pk")


def list_reopened_days() -> list[ReopenedDay]:
    """Return the days that are open again just now, by the database's clock, in the order in which they were opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT r.day, r.until_at, r.reason, {name_sql("u")}
            FROM ledger_books_log r JOIN auth_user u ON u.id = r.by_id
            WHERE r.kind = 'REOPENED' AND r.until_at > statement_timestamp() ORDER BY r.id
            """
        )
        return [ReopenedDay(*row) for row in cursor.fetchall()]
