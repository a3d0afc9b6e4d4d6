"""Checks of arguments alone, before any lock is taken: one for each kind of argument, in every app. Pure."""

import re
from datetime import date

from core.errors import ReasonRequired, ValueInvalid

MAX_REASON = 500
MAX_KEY = 200
MAX_DESCRIPTION = 200
MAX_PAPER_NUMBER = 40
#: A date outside these is a slip of the keyboard.
EARLIEST = date(2000, 1, 1)
LATEST = date(2099, 12, 31)
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: 00:00(?::00)?)?", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?", re.ASCII)
#: All control characters but tab and line breaks.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
#: Told where a reason is left blank, by services and by forms.
SAY_WHY = "Say why: a reason is required."


def check_text(text: str, *, field: str, longest: int, required: bool = True) -> str:
    """Return the text as one line: runs of blanks, tabs and line breaks become one blank, and none is left around it.

    :raises ValueInvalid: longer than ``longest`` characters, with characters that can't be seen, or nothing but blanks
        where it is required
    """
    if text == "" and not required:
        return text  # as of nearly every row of a batch
    line = " ".join(text.split()) if isinstance(text, str) else ""
    if len(line) > longest or not line.isprintable() or (required and not line) or has_control_characters(text):
        least = "1 to" if required else "at most"
        raise ValueInvalid(f"This has {least} {longest} characters, all of them visible.", field=field)
    return line


def check_reason(reason: str) -> str:
    """Return the reason as one line.

    :raises ReasonRequired: nothing but blanks
    :raises ValueInvalid: longer than 500 characters, or with characters that can't be seen
    """
    if not isinstance(reason, str) or not reason.strip():
        raise ReasonRequired(SAY_WHY)
    try:
        return check_text(reason, field="reason", longest=MAX_REASON)
    except ValueInvalid:
        message = f"A reason has at most {MAX_REASON} characters, all of them visible."
        raise ValueInvalid(message, field="reason") from None


def has_control_characters(text: str) -> bool:
    """Return whether a text holds a control character besides tabs and line breaks; ``split`` takes some for blanks."""
    return isinstance(text, str) and _CONTROL.search(text) is not None


def check_description(text: str) -> str:
    """Return what a posting says of itself, as one line; nothing where there are no words for it.

    :raises ValueInvalid: longer than 200 characters, or with characters that can't be seen
    """
    return check_text(text, field="description", longest=MAX_DESCRIPTION, required=False)


def check_date(day: date, *, field: str, latest: date = LATEST) -> date:
    """Return the day.

    :raises ValueInvalid: before 2000, or after ``latest``
    """
    if not EARLIEST <= day <= latest:
        raise ValueInvalid(f"{day} is not a plausible date: from {EARLIEST} to {latest}.", field=field)
    return day


def read_day(text: str) -> date:
    """Return the day that a file writes as MM/DD/YYYY or YYYY-MM-DD, with midnight behind it or without.

    :raises ValueError: written otherwise, not in the calendar, or not plausible; its sentence is for the person
    """
    told = repr(text if len(text) <= 40 else f"{text[:40]}…")
    american, iso = _US_DATE.fullmatch(text), _ISO_DATE.fullmatch(text)
    if american:
        month, day, year = (int(part) for part in american.groups())
    elif iso:
        year, month, day = (int(part) for part in iso.groups())
    else:
        raise ValueError(f"{told} is not a date (MM/DD/YYYY)." if text else "The date is missing.")
    try:
        found = date(year, month, day)
    except ValueError:
        raise ValueError(f"{told} does not exist in the calendar.") from None
    if not EARLIEST <= found <= LATEST:
        raise ValueError(f"{told} is not a plausible date.")
    return found


def check_key(key: str | None) -> str | None:
    """Return the idempotency key of a service's caller; None where there is none.

    :raises ValueInvalid: empty, longer than 200 characters, or with characters that can't be seen
    """
    if key is not None and (not 0 < len(key) <= MAX_KEY or not key.isprintable()):
        raise ValueInvalid(f"An idempotency key has 1 to {MAX_KEY} characters.", field="idempotency_key")
    return key


def check_paper_number(text: str) -> str:
    """Return the number of the paper that a driver signed for a charge, as one line; nothing where there is none.

    :raises ValueInvalid: longer than 40 characters, or with characters that can't be seen
    """
    return check_text(text, field="paper_number", longest=MAX_PAPER_NUMBER, required=False)
