"""The books are closed through a day, and a closed day is reopened for a while.

The database holds the rules (``guards.sql``, chapter 5): a close waits for whatever is being booked, moves the day
forward only, and a reopened day is closed again by itself.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import User

from core.checks import check_reason
from core.errors import ValueInvalid
from core.previews import rolled_back
from core.weeks import Week, week_of
from core.words import say_full_day
from ledger.errors import AlreadyClosed, DayNotClosed, DayNotOver, SuperuserRequired, WeekNotClosed
from ledger.models import Books, BooksEntry
from ledger.models.books import MAX_HOURS
from ledger.selectors.books import get_closed_through
from ledger.services.transactions import money_transaction, named_refusals

Kind = BooksEntry.Kind


@dataclass(frozen=True, slots=True)
class ClosingPreview:
    """What closing would move: the last closed day, before and after."""

    closed_through: date | None
    through: date


@dataclass(frozen=True, slots=True)
class ReopeningPreview:
    """Which day would be open again, for how long, and the last day that is closed."""

    day: date
    hours: int
    closed_through: date | None


@money_transaction
def close_books(*, through: date, reason: str, today: date, actor: User | None) -> BooksEntry:
    """Close the books by hand through a day that is over: nothing is booked on or before it any more.

    :raises core.errors.ReasonRequired: no reason given
    :raises DayNotOver: the day is ``today`` or later
    :raises WeekNotClosed: a week that ends on or before the day is not closed; closing it closes the books
    :raises AlreadyClosed: they are closed through that day, or a later one
    :raises LedgerBusy: what is being booked just now was not done in time
    """
    reason = check_reason(reason)
    if through >= today:
        raise DayNotOver(f"{say_full_day(through)} is not over.")
    closed = _lock_books()
    if closed is not None and through <= closed:
        raise AlreadyClosed(f"The books are closed through {say_full_day(closed)} already.")
    saturday = week_of(through).end if through == week_of(through).end else week_of(through).previous.end
    if closed is not None and saturday > closed:
        first = week_of(closed + timedelta(days=1))
        raise WeekNotClosed(
            f"The week ending {say_full_day(first.end)} is not closed: close it first.", week_end=first.end.isoformat()
        )
    return BooksEntry.objects.create(kind=Kind.HAND, day=through, reason=reason, by=actor)


@money_transaction
def close_books_with_week(*, week: Week, actor: User | None) -> BooksEntry | None:
    """Close the books through a week's Saturday, now that it is closed; None where they are closed so far already.

    :raises LedgerBusy: what is being booked just now was not done in time
    """
    return _close_through(Kind.WEEK, week.end, actor)


@money_transaction
def close_books_at_go_live(*, cut_on: date, actor: User | None) -> BooksEntry | None:
    """Close the books through the day before a cut-over; None where they are closed so far already.

    :raises LedgerBusy: what is being booked just now was not done in time
    """
    return _close_through(Kind.GO_LIVE, cut_on - timedelta(days=1), actor)


@money_transaction
def reopen_day(*, day: date, hours: int = MAX_HOURS, reason: str, actor: User) -> BooksEntry:
    """Open a closed day again for some hours, 24 at most; after them it is closed by itself.

    :raises core.errors.ReasonRequired: no reason given
    :raises core.errors.ValueInvalid: no hours, or more than 24
    :raises SuperuserRequired: ``actor`` is none
    :raises DayNotClosed: the day is open
    :raises LedgerBusy: what is being booked just now was not done in time
    """
    reason = check_reason(reason)
    if not 1 <= hours <= MAX_HOURS:
        raise ValueInvalid(f"A day is reopened for 1 to {MAX_HOURS} hours.", field="hours")
    if not actor.is_superuser:
        raise SuperuserRequired("Only a superuser reopens a day.")
    closed = _lock_books()
    if closed is None or day > closed:
        raise DayNotClosed(f"{say_full_day(day)} is not closed.")
    entry = BooksEntry.objects.create(kind=Kind.REOPENED, day=day, hours=hours, reason=reason, by=actor)
    entry.refresh_from_db(fields=["at", "until_at"])
    return entry


def preview_closing(*, through: date, today: date) -> ClosingPreview:
    """Say what :func:`close_books` would do now, and write nothing.

    :raises: what :func:`close_books` raises, but for the reason
    """
    with rolled_back(), named_refusals():
        closed = get_closed_through()
        close_books(through=through, reason="Preview", today=today, actor=None)
    return ClosingPreview(closed, through)


def preview_reopening(*, day: date, hours: int, actor: User) -> ReopeningPreview:
    """Say what :func:`reopen_day` would do now, and write nothing.

    :raises: what :func:`reopen_day` raises, but for the reason
    """
    with rolled_back(), named_refusals():
        closed = get_closed_through()
        reopen_day(day=day, hours=hours, reason="Preview", actor=actor)
    return ReopeningPreview(day, hours, closed)


def _close_through(kind: BooksEntry.Kind, through: date, actor: User | None) -> BooksEntry | None:
    closed = _lock_books()
    if closed is not None and through <= closed:
        return None
    return BooksEntry.objects.create(kind=kind, day=through, by=actor)


def _lock_books() -> date | None:
    """Wait for whatever is being booked, and return the last closed day."""
    list(Books.objects.select_for_update())
    return get_closed_through()
