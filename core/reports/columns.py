"""What a report shows in a row, and how a figure reads on a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.words import say_full_day, say_time

#: A row by the names of its columns; it may hold more than is shown, for what a figure leads to.
Row = Mapping[str, Any]
MINUS = "\u2212"
NOTHING = "\u2013"


class Kind(StrEnum):
    TEXT = "text"
    DAY = "day"
    TIME = "time"
    MONEY = "money"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the row's value ``name`` under a ``title``.

    ``link`` is the address of what is behind the value; of an empty value none is asked. ``say`` puts a code into
    words. A person's words find a row in the columns that ``is_searched``. Dollars and counts are summed unless
    ``is_summed`` says otherwise. What a row comes to ``is_answer``: a page too narrow for all keeps it in sight. What
    is ``aside`` is no part of that, and not on a page that is too narrow. Text that is ``beside`` stands on a page
    within the column before it. ``short`` is the title where a page has many columns. Files and programs have all
    columns, by their titles.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    link: Callable[[Row], str] | None = None
    say: Callable[[Any], str] | None = None
    is_searched: bool = False
    is_summed: bool = True
    is_answer: bool = False
    is_aside: bool = False
    beside: bool = False
    short: str = ""

    @property
    def is_figure(self) -> bool:
        return self.kind in (Kind.MONEY, Kind.COUNT)

    @property
    def has_sum(self) -> bool:
        return self.is_figure and self.is_summed

    def read(self, row: Row) -> Any:
        """Return the row's value as a file holds it: words, a day, dollars, or a count."""
        value = row[self.name]
        if value is not None and self.say:
            return self.say(value)
        if isinstance(value, datetime):
            return say_time(value)
        return value

    def show(self, row: Row) -> str:
        """Return the row's value as a page shows it; zero is a dash."""
        value = self.read(row)
        if value is None:
            return ""
        if self.is_figure:
            return say_figure(value) if value else NOTHING
        return say_full_day(value) if isinstance(value, date) else str(value)

    def find_link(self, row: Row) -> str:
        """Return where the row's value leads, or nothing; behind nothing, or a zero, there is nothing."""
        return self.link(row) if self.link and row[self.name] else ""


def say_figure(value: Decimal | int) -> str:
    """Return dollars with two places, or a count, with a true minus: ``1,234.50``, ``\u221212.00``, ``1,250``."""
    told = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
    return told.replace("-", MINUS)


def say_dollar_figure(value: Decimal) -> str:
    """Return dollars as a sentence has them, with a true minus: ``$1,234.50``, ``\u2212$12.00``."""
    told = f"${abs(value):,.2f}"
    return f"{MINUS}{told}" if value < 0 else told


def text(name: str, title: str, *, is_searched: bool = False, **given: Any) -> Column:
    return Column(name, title, is_searched=is_searched, **given)


def day(name: str, title: str, **given: Any) -> Column:
    return Column(name, title, Kind.DAY, **given)


def time(name: str, title: str, **given: Any) -> Column:
    """A moment, told by New York's clock."""
    return Column(name, title, Kind.TIME, **given)


def money(name: str, title: str, **given: Any) -> Column:
    return Column(name, title, Kind.MONEY, **given)


def count(name: str, title: str, **given: Any) -> Column:
    return Column(name, title, Kind.COUNT, **given)
