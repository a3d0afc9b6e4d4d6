"""Days, times and amounts as people read them, and sentences of them that fit. Pure: nothing here asks what day it is.

A day is told with its year only where that is not the year of the week in which it is told.
"""

import os
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from core.checks import MAX_DESCRIPTION
from core.clock import NEW_YORK
from core.weeks import Week, week_of

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: What a shortened text ends with.
ELLIPSIS = "…"
#: A text is never shortened to less than this: so much of it still tells something.
SHORTEST = 12


def say_paper(number: str) -> str:
    """Return ``agreement 88-A`` for the number of the paper that a driver signed; nothing where there is none."""
    return f"agreement {number}" if number else ""


class Free(str):
    """Words that somebody typed or a file brought: of a sentence that is too long, these are shortened."""

    __slots__ = ()


def say_full_day(day: date) -> str:
    """Return ``Nov 15, 2026``: where the reader can't know which year is meant."""
    return f"{_month_and_day(day)}, {day.year}"


def say_day(day: date, *, told_on: date) -> str:
    """Return ``Nov 15``; or ``Nov 15, 2025`` where the week of ``told_on``, by its Saturday, is of another year."""
    return _month_and_day(day) if day.year == _year_of(told_on) else say_full_day(day)


def say_days(first: date, last: date, *, told_on: date) -> str:
    """Return a run of days, both included: ``Nov 15–21``, ``Nov 29–Dec 5``, ``Dec 27, 2026–Jan 2, 2027``."""
    if first == last:
        return say_day(first, told_on=told_on)
    if first.year != last.year:
        return f"{_month_and_day(first)}, {first.year}–{_month_and_day(last)}, {last.year}"
    end = str(last.day) if first.month == last.month else _month_and_day(last)
    year = "" if last.year == _year_of(told_on) else f", {last.year}"
    return f"{_month_and_day(first)}–{end}{year}"


def say_week(week: Week, *, told_on: date | None = None) -> str:
    """Return a week's days: ``Nov 15–21``. Left out, ``told_on`` is in the week itself."""
    return say_days(week.start, week.end, told_on=told_on or week.end)


def say_time(moment: datetime) -> str:
    """Return what New York's clocks show: ``2:35 PM``."""
    return _clock_of(moment.astimezone(NEW_YORK))


def say_moment(moment: datetime, *, told_on: date) -> str:
    """Return ``Nov 20 2:35 PM``, by New York's day and clock."""
    local = moment.astimezone(NEW_YORK)
    return f"{say_day(local, told_on=told_on)} {_clock_of(local)}"


def say_full_moment(moment: datetime) -> str:
    """Return ``Nov 20, 2026 2:35 PM``, by New York's day and clock: where the reader can't know which year is meant."""
    local = moment.astimezone(NEW_YORK)
    return f"{say_full_day(local)} {_clock_of(local)}"


def say_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts to fill a sentence with: days and moments as people read them, the others as they are."""
    return {name: _say_fact(fact) for name, fact in facts.items()}


def _say_fact(fact: Any) -> Any:
    if isinstance(fact, datetime):
        return say_full_moment(fact)
    return say_full_day(fact) if isinstance(fact, date) else fact


def say_amount(amount: Decimal) -> str:
    """Return dollars with two places and no sign of them: ``1,250.00``."""
    return f"{amount:,.2f}"


def say_path(path: PurePath | str) -> str:
    """Return a file's name or its whole path as text, which it need not be: what is no UTF-8 in it is replaced."""
    return os.fsencode(path).decode(errors="replace")


def lower_first(words: str) -> str:
    """Return words as they stand within a sentence: *No standing* becomes *no standing*, *E-ZPass* stays."""
    return words[:1].lower() + words[1:] if len(words) > 1 and not words[1].isupper() and words[1] != "-" else words


def make_sentence(*parts: str, longest: int = MAX_DESCRIPTION) -> str:
    """Return the parts that say something as one line, with commas between them.

    What can't be seen is dropped from them. Where the line would be longer than ``longest``, the parts that are
    :class:`Free` are shortened, the longest first; the others are numbers, names and days, and stay whole.
    """
    kept = [Free(clean(part)) if isinstance(part, Free) else clean(part) for part in parts]
    kept = [part for part in kept if part]
    while (excess := len(", ".join(kept)) - longest) > 0:
        free = [place for place, part in enumerate(kept) if isinstance(part, Free)]
        place = max(free, key=lambda place: len(kept[place]), default=-1)
        if place < 0 or len(kept[place]) <= SHORTEST:
            return shorten(", ".join(kept), longest)
        # By halves of what is too much, so that two long texts are shortened alike.
        kept[place] = Free(shorten(kept[place], max(SHORTEST, len(kept[place]) - max(1, excess // 2))))
    return ", ".join(kept)


def make_line(head: str, text: str, *, longest: int = MAX_DESCRIPTION) -> str:
    """Return ``head: text`` as one line, the text shortened where it is too long; without text the head alone."""
    text = clean(text)
    return f"{head}: {shorten(text, longest - len(head) - 2)}" if text else head


def shorten(words: str, longest: int) -> str:
    """Return the words in at most ``longest`` characters, cut between two of them where that is near, and ``…``."""
    if len(words) <= longest:
        return words
    cut = words[: longest - len(ELLIPSIS)]
    whole, blank, _ = cut.rpartition(" ")
    return (whole if blank and len(whole) > longest // 2 else cut).rstrip(" ,.;:-–…") + ELLIPSIS


def clean(words: str) -> str:
    """Return one line of what can be seen; a control character or a mark of direction is dropped."""
    if not words.isprintable():
        words = "".join(sign for sign in words if sign.isprintable() or sign.isspace())
    return " ".join(words.split())


# A file of a hundred thousand tolls says as many moments: strftime would take most of the time.
def _clock_of(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"


def _month_and_day(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}"


@lru_cache(maxsize=1000)
def _year_of(told_on: date) -> int:
    return week_of(told_on).end.year
