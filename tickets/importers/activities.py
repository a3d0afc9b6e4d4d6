"""What the rows of a toll statement are of: known words are tolls, refunds, or the account holder's; others wait.

A statement bills its holder too. A word that is not listed here is not guessed at: its row waits for a person.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Kind(Enum):
    """What a row's words say that it is. SILENT: nothing, as in statements that list tolls alone."""

    SILENT = "silent"
    TOLL = "toll"
    REFUND = "refund"
    NOBODYS = "nobodys"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Activity:
    """What a row is of, and the words that say so."""

    kind: Kind
    words: str = ""


_NOISE = re.compile(r"[^A-Z0-9]+")
#: A vehicle's class: 1, 31, 2L, 05.
_CLASS = re.compile(r"\d{1,3}[A-Z]{0,2}|[A-Z]")

_HOLDERS_WAY = (
    r"(?:(?:E ?Z ?PASS|PRE ?PAID|AUTO(?:MATIC)?|ACCOUNT|CREDIT|DEBIT|CARD|CASH|CHECK|ACH|BANK|ONLINE|WEB|PHONE|MAIL) )*"
)
_KNOWN = [
    (Kind.TOLL, r"(?:(?:E ?ZPASS|EZ PASS|TAG|PLATE|VIDEO|IMAGE) )?TOLLS?(?: (?:CHARGE|TRANSACTION|USAGE|POSTED))?"),
    (Kind.REFUND, r"(?:TOLLS? )?(?:REFUND(?:ED)?|CREDIT(?:ED)?|REVERSAL|REVERSED)(?: TOLL)?|(?:REFUND|CREDIT) OF TOLL"),
    (
        Kind.NOBODYS,
        rf"{_HOLDERS_WAY}(?:PAYMENTS?|DEPOSITS?)(?: (?:RECEIVED|THANK YOU|BY \w+|VIA \w+|CREDIT CARD|CHECK|CASH|ACH))*"
        rf"|{_HOLDERS_WAY}(?:REPLENISH(?:MENT|ED)?|RECHARGE|REBILL|RELOAD|TOP ?UP)(?: PAYMENT)?",
    ),
    (
        Kind.NOBODYS,
        r"(?:(?:PAPER|MAILED|MONTHLY|ACCOUNT) )*STATEMENT (?:FEES?|CHARGE)"
        r"|(?:(?:MONTHLY|ANNUAL|ACCOUNT) )*(?:SERVICE|MAINTENANCE|MEMBERSHIP) (?:FEES?|CHARGE)"
        r"|(?:MONTHLY|ANNUAL|ACCOUNT) FEES?",
    ),
    (
        Kind.NOBODYS,
        r"(?:(?:MONTHLY|ANNUAL) )?(?:TAG|TRANSPONDER) (?:(?:MONTHLY|ANNUAL|SERVICE) )*"
        r"(?:(?:LEAS(?:E|ING)|RENTAL)(?: FEES?| CHARGE)?|FEES?|DEPOSIT)"
        r"|(?:(?:MONTHLY|ANNUAL) )?(?:LEAS(?:E|ING|ED)|RENTAL) (?:TAG|TRANSPONDER)(?: FEES?| CHARGE)?",
    ),
]  # fmt: skip
_PATTERNS = [(kind, re.compile(pattern)) for kind, pattern in _KNOWN]
#: In the columns of places a word is a place, unless it is one of these.
_NO_PLACE = re.compile(
    r"\b(?:FEES?|PAYMENTS?|ADJUST(?:MENTS?|ED)?|VIOLATIONS?|PENALT(?:Y|IES)|FINES?|REFUNDS?|REVERSALS?|CHARGE ?BACK|"
    r"REPLENISH\w*|TOP ?UP|DISPUTES?|INVOICES?|STATEMENTS?|DEPOSITS?|TRANSFERS?)\b"
)


@lru_cache(maxsize=20_000)
def find_activity(told: tuple[str, ...], classed: str, places: tuple[str, ...]) -> Activity:
    """Return what a row is of. ``told`` are its columns of words, ``classed`` is its class, ``places`` where it was."""
    words = [text for text in told if text]
    if classed and not _CLASS.fullmatch(classed.upper()):
        words.append(classed)
    words += [place for place in places if _NO_PLACE.search(_normalize(place))]
    found = {_find(_normalize(text)) for text in words} - {Kind.SILENT}
    # Words that contradict each other are for a person too.
    kind = Kind.SILENT if not found else found.pop() if len(found) == 1 else Kind.UNKNOWN
    return Activity(kind, "; ".join(dict.fromkeys(" ".join(text.split()) for text in words)))


def _find(words: str) -> Kind:
    if not words:
        return Kind.SILENT
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(words)), Kind.UNKNOWN)


def _normalize(text: str) -> str:
    return _NOISE.sub(" ", text.upper()).strip()
