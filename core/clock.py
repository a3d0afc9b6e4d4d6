"""The fleet's clock is New York's: from its days and its clocks to moments. Pure: nothing here asks what time it is."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from core.weeks import Week

NEW_YORK = ZoneInfo("America/New_York")


def at(day: date, clock: time = time.min) -> datetime:
    """Return the moment at which a clock in New York shows ``clock`` on ``day``; midnight when left out."""
    return datetime.combine(day, clock, tzinfo=NEW_YORK)


def week_starts_at(week: Week) -> datetime:
    """Return the first moment of a week: Sunday 00:00 in New York."""
    return at(week.start)


def week_ends_at(week: Week) -> datetime:
    """Return the first moment after a week: the next Sunday 00:00 in New York."""
    return at(week.next.start)


def in_new_york(wall_clock: datetime, *, not_before: datetime | None = None) -> datetime:
    """Return the moment that a wall clock in New York showed.

    On the autumn Sunday 01:00-02:00 is shown twice: the first time is meant, unless that lies before ``not_before``
    (a trip's end before its start). On the spring Sunday 02:00-03:00 is shown by no clock that was put forward: it is
    read as by one that was not yet, so 02:30 is the moment 03:30.
    """
    # By way of UTC: it turns the hour that does not exist into the one that does.
    first = wall_clock.replace(tzinfo=NEW_YORK, fold=0).astimezone(UTC)
    second = wall_clock.replace(tzinfo=NEW_YORK, fold=1).astimezone(UTC)
    # In the skipped hour the "second" reading is the earlier moment, and never meant.
    chosen = second if not_before is not None and first < not_before <= second else first
    return chosen.astimezone(NEW_YORK)
