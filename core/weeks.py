"""The fleet's week: Sunday to Saturday, by the calendar dates of New York. Pure: no clock, no time zone, no money.

A date is all it takes: who has a moment turns it into New York's date first, and then neither a daylight-saving
Sunday nor New Year is special.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.checks import EARLIEST, LATEST
from core.errors import NotASaturday

DAYS = 7


@dataclass(frozen=True, order=True, slots=True)
class Week:
    """Seven days from a Sunday. Weeks compare by time, and are equal when they are the same week.

    :raises ValueError: ``start`` is not a Sunday
    :raises TypeError: it is a moment; New York's date of it is wanted
    """

    start: date

    def __post_init__(self) -> None:
        if isinstance(self.start, datetime):
            raise TypeError(f"A week is made of dates; {self.start!r} is a moment.")
        if self.start.isoweekday() != 7:
            raise ValueError(f"A week starts on a Sunday; {self.start} is a {self.start:%A}.")

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"

    @property
    def end(self) -> date:
        """Its Saturday."""
        return self.start + timedelta(days=DAYS - 1)

    @property
    def label(self) -> str:
        """Its name in references: the ISO year and week of its Saturday, ``2026W10``.

        Each of our weeks has exactly one Saturday and each ISO week (Monday to Sunday) has exactly one, so no two of
        our weeks share a label. Most days of our week lie in that ISO week; its Sunday lies in the one before.
        """
        year, week, _ = self.end.isocalendar()
        return f"{year}W{week:02d}"

    @property
    def next(self) -> "Week":
        return Week(self.start + timedelta(days=DAYS))

    @property
    def previous(self) -> "Week":
        return Week(self.start - timedelta(days=DAYS))

    @property
    def days(self) -> list[date]:
        """Its seven days in their order."""
        return [self.start + timedelta(days=passed) for passed in range(DAYS)]

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def days_between(self, start_on: date, end_on: date) -> int:
        """How many of its seven days lie from ``start_on`` to ``end_on``, both included."""
        return max(0, (min(self.end, end_on) - max(self.start, start_on)).days + 1)


def week_of(day: date) -> Week:
    """Return the week that holds ``day``."""
    return Week(day - timedelta(days=day.isoweekday() % DAYS))


def week_ending(saturday: date) -> Week:
    """Return the week that ends on ``saturday``, the day that names it to people and programs.

    :raises NotASaturday: it is another day
    """
    week = week_of(saturday)
    if week.end != saturday:
        raise NotASaturday(
            f"A week ends on a Saturday; {saturday:%b %-d, %Y} is a {saturday:%A}.", week_end=saturday.isoformat()
        )
    return week


def find_week_ending(text: str | None) -> Week | None:
    """Return the week whose Saturday an address names (``2026-11-21``), or None where it names no plausible one."""
    try:
        week = week_ending(date.fromisoformat(text or ""))
    except (ValueError, NotASaturday, OverflowError):
        return None
    return week if week.start >= EARLIEST and week.end <= LATEST else None


def weeks_between(start_on: date, end_on: date) -> Iterator[Week]:
    """Yield every week with a day from ``start_on`` to ``end_on``, both included, in order."""
    week = week_of(start_on)
    while week.start <= end_on:
        yield week
        week = week.next
