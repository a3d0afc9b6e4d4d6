"""How cities and toll agencies write dates, times, amounts, plates. A ValueError's sentence is for the person."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from core.checks import EARLIEST, LATEST
from core.clock import at, in_new_york
from ledger.money import read_dollars
from tickets.rules import REFUND_SUFFIX

MAX_AMOUNT = Decimal("9999999.99")

_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: 00:00(?::00)?)?", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?", re.ASCII)
_CLOCK = re.compile(r"(?:.* )?(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AP])\.?M\.?)?", re.ASCII | re.IGNORECASE)
_CITY_CLOCK = re.compile(r"(\d{2}):?(\d{2}) ?([AP])M?", re.ASCII | re.IGNORECASE)
_TAG = re.compile(r"\d{8,16}", re.ASCII)
_PLATE = re.compile(r"[A-Z0-9]{1,10}", re.ASCII)
_STATE = re.compile(r"[A-Z]{2}", re.ASCII)
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Moment:
    """When it was, in New York: not before ``at``, not after ``at_latest``. The same, where the clock told it well."""

    at: datetime
    at_latest: datetime


def read_date(text: str, *, latest_on: date | None = None) -> date:
    """A day, as MM/DD/YYYY or YYYY-MM-DD, from 2000 to ``latest_on``."""
    american, iso = _US_DATE.fullmatch(text), _ISO_DATE.fullmatch(text)
    if american:
        month, day, year = (int(part) for part in american.groups())
    elif iso:
        year, month, day = (int(part) for part in iso.groups())
    else:
        raise ValueError(f"{shorten(text)} is not a date (MM/DD/YYYY)." if text else "The date is missing.")
    try:
        found = date(year, month, day)
    except ValueError:
        raise ValueError(f"{shorten(text)} does not exist in the calendar.") from None
    if not EARLIEST <= found <= LATEST:
        raise ValueError(f"{shorten(text)} is not a plausible date.")
    if latest_on is not None and found > latest_on:
        raise ValueError(f"{shorten(text)} lies in the future.")
    return found


def read_clock(text: str) -> time:
    """A time of day: 11:10:36 AM, 17:05, 17:05:00."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"{shorten(text)} is not a time of day.")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    return _make_time(text, hour, minute, second, match[4])


def read_city_clock(text: str) -> time:
    """A time as the city writes it: 06:56P, 0752A. Its first hour is 12 or 00."""
    match = _CITY_CLOCK.fullmatch(text)
    if match is None:
        return read_clock(text)
    return _make_time(text, int(match[1]), int(match[2]), 0, match[3])


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
        return Moment(at(day), at(day + timedelta(days=1)) - timedelta(seconds=1))
    shown = datetime.combine(day, clock)
    first = in_new_york(shown)
    return Moment(first, in_new_york(shown, not_before=first + timedelta(seconds=1)))


def read_amount(text: str) -> Decimal:
    """Dollars, to the cent: 9.11, $-9.11, -$9.11, ($9.11), $1,009.11; below zero as written."""
    amount = read_dollars(text)
    if abs(amount) > MAX_AMOUNT:
        raise ValueError(f"{shorten(text)} is above the largest amount of a ticket, {MAX_AMOUNT:,}.")
    return amount


def read_number(text: str) -> str:
    """The number of a summons or a lane transaction, by which it is known."""
    if not text:
        raise ValueError("The number is missing.")
    if not _NUMBER.fullmatch(text.upper()):
        raise ValueError(f"{shorten(text)} is not a number of at most forty letters, digits and hyphens.")
    if text.upper().endswith(REFUND_SUFFIX):
        raise ValueError(f"{shorten(text)} ends as only references of refunds do.")
    return text.upper()


def read_plate(text: str) -> str:
    """A license plate, without the spaces and hyphens that some print; blank where none is given."""
    plate = text.upper().replace(" ", "").replace("-", "")
    if plate and not _PLATE.fullmatch(plate):
        raise ValueError(f"{shorten(text)} is not a license plate.")
    return plate


def read_state(text: str) -> str:
    """A plate's state, two letters; blank where none is given."""
    if text and not _STATE.fullmatch(text.upper()):
        raise ValueError(f"{shorten(text)} is not a state (two letters).")
    return text.upper()


def read_tag_or_plate(text: str) -> tuple[str, str, str]:
    """An E-ZPass statement's tag, or plate with its state: ``(tag, plate, state)``, two of them or one blank."""
    text = text.strip(" '\"").upper()
    if _TAG.fullmatch(text):
        return text, "", ""
    state, _, plate = text.partition(" ")
    if _STATE.fullmatch(state) and _PLATE.fullmatch(plate.replace(" ", "")):
        return "", plate.replace(" ", ""), state
    if _PLATE.fullmatch(text):
        return "", text, ""
    raise ValueError(f"{shorten(text)} is neither a tag nor a plate." if text else "The tag or plate is missing.")


def shorten(text: str) -> str:
    """``text`` for a sentence."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
