"""Dollars and cents: the only place where an amount is parsed or rounded. Pure: no Django, no clock."""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from ledger.errors import AmountInvalid

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
#: What numeric(12,2) holds.
MAX_AMOUNT = Decimal("9999999999.99")
#: An amount as people and files write it. Commas stand before each three digits or nowhere; a comma is no point.
_WRITTEN = re.compile(
    r"(?P<open>\( ?)?(?P<sign>- ?)?(?:\$ ?)?(?P<inner>-)?"
    r"(?:(?P<dollars>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<cents>\d*))?|\.(?P<only_cents>\d+))(?P<close> ?\))?",
    re.ASCII,
)
_LONGEST = 40
_SMALL_NUMBERS = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def round_cents(value: Decimal) -> Decimal:
    """Round dollars to whole cents, half up (away from zero), as the fleet's statements do."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


@lru_cache(maxsize=10_000)
def read_dollars(text: str) -> Decimal:
    """Return what a text says in dollars, with two places; below zero as written, never minus nothing.

    It is the one reader of amounts as text, of files, forms and programs: ``9.11``, ``$1,009.11``, ``-$9.11``,
    ``$-9.11``, ``($9.11)``, ``12.5000``. Anything else is refused, as are 12,50, 1e9, 1_000 and other digits than 0-9.

    :raises ValueError: with a sentence: it is no amount, below zero twice over, or finer than a cent
    """
    match = _WRITTEN.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or bool(match["open"]) != bool(match["close"]):
        raise ValueError(f"{_shorten(text)!r} is not an amount in dollars." if text else "The amount is missing.")
    signs = [match[name] for name in ("open", "sign", "inner") if match[name]]
    if len(signs) > 1:
        raise ValueError(f"{text!r} is below zero twice over.")
    cents = match["cents"] or match["only_cents"] or ""
    if cents[2:].strip("0"):
        raise ValueError(f"{text!r} is finer than a cent.")
    amount = Decimal(f"{(match['dollars'] or '0').replace(',', '')}.{cents[:2]:0<2}")
    return -amount if signs and amount else amount


def parse_amount(value: Decimal | str | int, *, field: str = "amount", allow_zero: bool = False) -> Decimal:
    """Return ``value`` as dollars with two places, refusing whatever is not a positive number of whole cents.

    :raises AmountInvalid: zero (unless allowed), negative, finer than a cent, NaN, infinite, a float, or above
        9,999,999,999.99
    """
    if type(value) is not Decimal:
        value = _to_decimal(value, field)
    if not value.is_finite():
        raise AmountInvalid(f"{_shorten(value)} is not an amount.", field=field)
    if value < 0 or (value == 0 and not allow_zero):
        raise AmountInvalid(f"The amount must be above zero, not {_shorten(value)}.", field=field)
    if value > MAX_AMOUNT:
        raise AmountInvalid(f"The amount is above the largest the ledger holds, {MAX_AMOUNT:,}.", field=field)
    cents = value.quantize(CENT, rounding=ROUND_HALF_UP)
    if cents != value:
        raise AmountInvalid(f"{_shorten(value)} is finer than a cent.", field=field)
    # There is no minus nothing.
    return abs(cents)


def format_dollars(amount: Decimal) -> str:
    """Return dollars for people: ``$1,234.50``, and ``-$1,234.50`` below zero."""
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}"


def say_dollars(amount: Decimal) -> str:
    """Return dollars in words, as on a check: ``Two hundred thirty-nine and 40/100 dollars``."""
    dollars, cents = divmod(int(round_cents(abs(amount)) * 100), 100)
    words = _say_number(dollars) or "zero"
    return f"{words[0].upper()}{words[1:]} and {cents:02d}/100 dollars"


def _say_number(number: int) -> str:
    """A whole number below a million millions in words; nothing for zero."""
    for size, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            high, rest = divmod(number, size)
            return f"{_say_number(high)} {name} {_say_number(rest)}".rstrip()
    if number < len(_SMALL_NUMBERS):
        return _SMALL_NUMBERS[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]}-{_SMALL_NUMBERS[ones]}" if ones else _TENS[tens]


def _to_decimal(value: object, field: str) -> Decimal:
    # bool is an int and a float is never money: 0.1 has no exact cents.
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise AmountInvalid(
            f"An amount is a decimal, a whole number or text, not a {type(value).__name__}.", field=field
        )
    if not isinstance(value, str):
        return Decimal(value)
    try:
        return read_dollars(value)
    except ValueError as refusal:
        raise AmountInvalid(str(refusal), field=field) from None


def _shorten(value: object) -> str:
    """``value`` for a sentence. Never with ``:f``, which writes 1E+999999999 out, digit by digit."""
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
