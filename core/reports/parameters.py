"""What a report can be asked: a day, days from and to, a week, a quarter, a year, a person's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from core.weeks import week_of

#: Quarters and years that a page offers, the running one first.
QUARTERS, YEARS = 12, 6


class ParameterKind(StrEnum):
    DAY = "day"
    #: A day that is not after today.
    PAST_DAY = "past day"
    #: Any day of a week; the report is given its Saturday.
    WEEK = "week"
    QUARTER = "quarter"
    YEAR = "year"
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"


class Start(StrEnum):
    """Which day a parameter starts with, until another is asked for."""

    TODAY = "today"
    MONTH = "the first of the month"
    FOUR_WEEKS = "three weeks ago"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input of a report. ``begins`` names the parameter that must not lie after this one."""

    name: str
    label: str
    kind: ParameterKind
    starts: Start = Start.TODAY
    begins: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    def get_initial(self, today: date) -> Any:
        """Return what is asked until a person says otherwise."""
        match self.kind:
            case ParameterKind.QUARTER:
                return quarter_of(today)
            case ParameterKind.YEAR:
                return str(today.year)
            case ParameterKind.TEXT | ParameterKind.CHOICE | ParameterKind.NUMBER:
                return ""
        day = {
            Start.TODAY: today,
            Start.MONTH: today.replace(day=1),
            Start.FOUR_WEEKS: today - timedelta(weeks=3),
        }[self.starts]
        return week_of(day).end if self.kind == ParameterKind.WEEK else day

    def list_choices(self, today: date) -> Sequence[tuple[str, str]]:
        if self.kind == ParameterKind.QUARTER:
            return [(quarter, quarter) for quarter in list_quarters(today)]
        if self.kind == ParameterKind.YEAR:
            return [(str(year), str(year)) for year in range(today.year, today.year - YEARS, -1)]
        return self.choices


def quarter_of(day: date) -> str:
    """Return ``2026 Q4``."""
    return f"{day.year} Q{(day.month + 2) // 3}"


def list_quarters(today: date) -> list[str]:
    month = today.year * 12 + today.month - 1
    return [quarter_of(date((month - 3 * back) // 12, (month - 3 * back) % 12 + 1, 1)) for back in range(QUARTERS)]


def days_of_quarter(quarter: str) -> tuple[date, date]:
    """Return the first and the last day of ``2026 Q4``."""
    year, place = int(quarter[:4]), int(quarter[-1])
    last = date(year + place // 4, place * 3 % 12 + 1, 1) - timedelta(days=1)
    return date(year, place * 3 - 2, 1), last


def choice(name: str, label: str, choices: Sequence[tuple[str, str]]) -> Parameter:
    """One of several, or any of them."""
    return Parameter(name, label, ParameterKind.CHOICE, choices=(("", "All"), *choices))


def number(name: str, label: str) -> Parameter:
    return Parameter(name, label, ParameterKind.NUMBER)


AS_OF = Parameter("as_of", "As of", ParameterKind.DAY)
PAST_DAY = Parameter("as_of", "As of", ParameterKind.PAST_DAY)
DAYS = (
    Parameter("from_on", "From", ParameterKind.DAY, Start.MONTH),
    Parameter("to_on", "To", ParameterKind.DAY, begins="from_on"),
)
WEEK = Parameter("week", "Week with the day", ParameterKind.WEEK)
WEEKS = (
    Parameter("from_week", "From the week with", ParameterKind.WEEK, Start.FOUR_WEEKS),
    Parameter("to_week", "To the week with", ParameterKind.WEEK, begins="from_week"),
)
QUARTER = Parameter("quarter", "Quarter", ParameterKind.QUARTER)
YEAR = Parameter("year", "Year", ParameterKind.YEAR)
WHO = Parameter("who", "Driver, cab or lease", ParameterKind.TEXT)
