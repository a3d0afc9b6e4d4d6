"""How CURB writes names, moments and amounts. Each reader raises ValueError with a sentence for what it can't read."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from core.clock import NEW_YORK, at, in_new_york
from leases.rules import license_key
from ledger.money import ZERO, read_dollars

MAX_TEXT = 20
MAX_AMOUNT = Decimal("999999.99")

_NAME_NOISE = re.compile(r"[^A-Z0-9]")
_CLOCK = re.compile(r"\d{2}:\d{2}:\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}(:\d{2})?", re.ASCII)


@lru_cache(maxsize=1000)
def plain(name: str) -> str:
    """The name of an attribute or element without case and separators, which vary between the vendor's versions."""
    return _NAME_NOISE.sub("", name.upper())


def read_name(text: str) -> str:
    """A license, medallion or record number: blank is allowed, since a trip may wait for its driver."""
    if len(text) > MAX_TEXT or not text.isascii() or not (text.isprintable() or not text):
        raise ValueError(f"{text[:40]!r} is not a number of at most {MAX_TEXT} plain characters.")
    return text.upper()


def read_license(text: str) -> str:
    """A TLC license, without the zeros that CURB writes before it: with or without them it is one."""
    return license_key(read_name(text))


def read_new_york(text: str, *, not_before: datetime | None = None) -> datetime:
    """The moment that a wall clock in New York showed (``core.clock.in_new_york``).

    As CURB writes it, day and clock are looked up; only on a day on which the clocks change there is more to it.
    """
    if len(text) == len("MM/DD/YYYY HH:MM:SS") and text[10] == " ":
        day, clock = _find_even_day(text[:10]), _find_clock(text[11:])
        if day is not None and clock is not None:
            return datetime.combine(day, clock)
    return in_new_york(read_moment(text), not_before=not_before)


@lru_cache(maxsize=2000)
def _find_even_day(text: str) -> date | None:
    """A day on which the clocks of New York do not change; None for any other, and for what is none."""
    try:
        day = read_moment(f"{text} 00:00").date()
    except ValueError:
        return None
    return day if at(day).utcoffset() == at(day + timedelta(days=1)).utcoffset() else None


@lru_cache(maxsize=90_000)
def _find_clock(text: str) -> time | None:
    if not _CLOCK.fullmatch(text):
        return None
    try:
        return time.fromisoformat(text).replace(tzinfo=NEW_YORK)
    except ValueError:
        return None


def read_moment(text: str) -> datetime:
    """A wall clock in New York."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a moment (MM/DD/YYYY HH:MM:SS).")
    try:
        moment = datetime.strptime(text, "%m/%d/%Y %H:%M:%S" if text.count(":") == 2 else "%m/%d/%Y %H:%M")  # noqa: DTZ007
    except ValueError:
        raise ValueError(f"{text!r} does not exist in the calendar.") from None
    if not 2000 <= moment.year < 2100:
        raise ValueError(f"{text!r} is not a year of this century.")
    return moment


def read_component(text: str) -> Decimal:
    """A part of an amount: blank means none of it."""
    return read_amount(text) if text else ZERO


def read_amount(text: str) -> Decimal:
    """Dollars, to the cent; below zero for what is taken back.

    :raises ValueError: also above what a trip can come to
    """
    amount = read_dollars(text)
    if abs(amount) > MAX_AMOUNT:
        raise ValueError(f"{text!r} is above the largest amount of a trip, {MAX_AMOUNT:,}.")
    return amount
