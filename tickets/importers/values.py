"""How cities and toll agencies write dates, times, amounts, plates. A ValueError's sentence is for the person."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from core.checks import read_day
from core.clock import at, in_new_york
from ledger.money import read_dollars
from tickets.rules import REFUND_SUFFIX

MAX_AMOUNT = Decimal("9999999.99")

_CLOCK = re.compile(
    r"(?:(\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{1,2}-\d{1,2})(?: +|T))?"
    r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AP])\.?M\.?)?",
    re.ASCII | re.IGNORECASE,
)
_CITY_CLOCK = re.compile(r"(\d{2}):?(\d{2}) ?([AP])M?", re.ASCII | re.IGNORECASE)
_LICENSE = re.compile(r"\d{5,8}", re.ASCII)
_MEDALLION = re.compile(r"[A-Z0-9]{4,6}", re.ASCII)
_TAG = re.compile(r"\d{8,16}", re.ASCII)
_PLATE = re.compile(r"[A-Z0-9]{1,10}", re.ASCII)
_STATE = re.compile(r"[A-Z]{2}", re.ASCII)
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}", re.ASCII)
_PLATE_OF_STATE = re.compile(r"(?:([A-Z]{2}) +)?([A-Z0-9][A-Z0-9 -]*?)(?: ?- ?([A-Z]{2}))?", re.ASCII)
#: What a spreadsheet or its export puts around digits to keep them text.
_QUOTES = " '\"="
#: The states, provinces and districts whose plates are met; "PA" behind a hyphen is a state, "PX" a part of the plate.
_STATES = {
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY",
    "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH",
    "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AB", "BC",
    "MB", "NB", "NL", "NS", "ON", "PE", "QC", "SK",
}  # fmt: skip


class Moment(NamedTuple):
    """When it was, in New York: not before ``at``, not after ``at_latest``. The same, where the clock told it well."""

    at: datetime
    at_latest: datetime


class Clock(NamedTuple):
    """A time of day, and the day that stands with it, if one does."""

    shows: time
    on: date | None = None


def read_date(text: str, *, latest_on: date | None = None) -> date:
    """A day, as MM/DD/YYYY or YYYY-MM-DD, from 2000 to ``latest_on``."""
    found = find_date(text)
    if latest_on is not None and found > latest_on:
        raise ValueError(f"{shorten(text)} lies in the future.")
    return found


#: As :func:`read_date` reads it, whether or not it lies ahead; a file has few days.
find_date = lru_cache(maxsize=4_000)(read_day)


@lru_cache(maxsize=20_000)
def read_clock(text: str) -> Clock:
    """A time of day: 11:10:36 AM, 17:05, 17:05:00; with the day that its cell bears, where it bears one."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"{shorten(text)} is not a time of day.")
    bears, hour, minute, second, half = match.groups()
    # A spreadsheet that keeps a time as a moment of its first days means no day.
    is_dated = bears is not None and not _is_first_day(bears)
    return Clock(
        _make_time(text, int(hour), int(minute), int(second or 0), half), find_date(bears) if is_dated else None
    )


def _is_first_day(written: str) -> bool:
    return any(year in written for year in ("1899", "1900", "1904"))


@lru_cache(maxsize=4_000)
def read_city_clock(text: str) -> Clock:
    """A time as the city writes it: 06:56P, 0752A. Its first hour is 12 or 00."""
    match = _CITY_CLOCK.fullmatch(text)
    if match is None:
        return read_clock(text)
    return Clock(_make_time(text, int(match[1]), int(match[2]), 0, match[3]))


def _make_time(text: str, hour: int, minute: int, second: int, half: str | None) -> time:
    if half is not None:
        if hour > 12:
            raise ValueError(f"{shorten(text)} does not exist on a clock.")
        hour = hour % 12 + (12 if half.upper() == "P" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        raise ValueError(f"{shorten(text)} does not exist on a clock.") from None


def moment_of(day: date, clock: time | None) -> Moment:
    """The moment that New York's clocks showed; all of the day where the clock is not known.

    On the autumn Sunday 01:00-02:00 is shown twice, and either may be meant. On the spring Sunday 02:00-03:00 is shown
    by no clock that was put forward: it is read as by one that was not yet.
    """
    if clock is None:
        return _all_of(day)
    if not _turns_clocks(day):
        moment = at(day, clock)
        return Moment(moment, moment)
    shown = datetime.combine(day, clock)
    first = in_new_york(shown)
    return Moment(first, in_new_york(shown, not_before=first + timedelta(seconds=1)))


@lru_cache(maxsize=4_000)
def _all_of(day: date) -> Moment:
    return Moment(at(day), at(day + timedelta(days=1)) - timedelta(seconds=1))


@lru_cache(maxsize=4_000)
def _turns_clocks(day: date) -> bool:
    return at(day).utcoffset() != at(day + timedelta(days=1)).utcoffset()


def read_amount(text: str) -> Decimal:
    """Dollars, to the cent: 9.11, $-9.11, -$9.11, ($9.11), $1,009.11; below zero as written."""
    amount = read_dollars(text)
    if abs(amount) > MAX_AMOUNT:
        raise ValueError(f"{shorten(text)} is above the largest amount of a ticket, {MAX_AMOUNT:,}.")
    return amount


def read_number(text: str) -> str:
    """The number of a summons or a lane transaction, by which it is known; zeros that it begins with tell nothing."""
    number = text.strip(_QUOTES).upper()
    if not number:
        raise ValueError("The number is missing.")
    if not _NUMBER.fullmatch(number):
        raise ValueError(f"{shorten(text)} is not a number of at most forty letters, digits and hyphens.")
    if number.endswith(REFUND_SUFFIX):
        raise ValueError(f"{shorten(text)} ends as only references of refunds do.")
    return (number.lstrip("0") or "0") if number.isdecimal() else number


def read_license(text: str) -> str:
    """A TLC license as it is written, with or without the zeros that some begin it with; blank where none is given."""
    return _read_shape(_LICENSE, "a TLC license", text)


def read_medallion(text: str) -> str:
    """A medallion; blank where none is given."""
    return _read_shape(_MEDALLION, "a medallion", text)


def _read_shape(shape: re.Pattern[str], what: str, text: str) -> str:
    written = text.strip(_QUOTES).upper()
    if written and not shape.fullmatch(written):
        raise ValueError(f"{shorten(text)} is not {what}.")
    return written


@lru_cache(maxsize=20_000)
def read_plate(text: str, state: str = "") -> tuple[str, str]:
    """A license plate without the spaces and hyphens that some print, and its state; blank where none is given.

    Some write the state with it: ``7G52C-NY``, ``NY 7G52C``. It is taken for one where the row tells no other.
    """
    plate = text.strip(_QUOTES).upper()
    match = _PLATE_OF_STATE.fullmatch(plate)
    if match is not None:
        before, body, behind = match.groups()
        if behind in _STATES and not before and state in ("", behind):
            plate, state = body, behind
        elif before in _STATES and not behind and state in ("", before) and any(sign.isdecimal() for sign in body):
            plate, state = body, before
    plate = plate.replace(" ", "").replace("-", "")
    if plate and not _PLATE.fullmatch(plate):
        raise ValueError(f"{shorten(text)} is not a license plate.")
    return plate, state


@lru_cache(maxsize=1_000)
def read_state(text: str) -> str:
    """A plate's state, two letters; blank where none is given."""
    if text and not _STATE.fullmatch(text.upper()):
        raise ValueError(f"{shorten(text)} is not a state (two letters).")
    return text.upper()


@lru_cache(maxsize=20_000)
def read_tag_or_plate(text: str) -> tuple[str, str, str]:
    """An E-ZPass statement's tag, or plate with its state: ``(tag, plate, state)``, two of them or one blank."""
    written = text.strip(_QUOTES).upper()
    if not written:
        raise ValueError("The tag or plate is missing.")
    tag = written.replace(" ", "").replace("-", "")
    if _TAG.fullmatch(tag):
        return tag, "", ""
    state, _, plate = written.partition(" ")
    if _STATE.fullmatch(state) and _PLATE.fullmatch(plate.replace(" ", "")):
        return "", plate.replace(" ", ""), state
    try:
        plate, state = read_plate(written)
    except ValueError:
        plate = ""
    if not plate:
        raise ValueError(f"{shorten(text)} is neither a tag nor a plate.")
    return "", plate, state


def shorten(text: str) -> str:
    """``text`` for a sentence."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
