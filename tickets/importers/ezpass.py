"""E-ZPass statements, in the shapes seen: two of New York, two of New Jersey."""

import hashlib
from datetime import date
from decimal import Decimal
from functools import lru_cache

from core.workbooks import NEVER_RECKONED
from tickets.importers.activities import Kind, find_activity
from tickets.importers.moments import When, read_when
from tickets.importers.rows import Cells, Header, LookAt, NobodysRow, ReceivedTicket, Shape
from tickets.importers.values import read_amount, read_clock, read_number, read_tag_or_plate
from tickets.rules import FileKind

#: The congestion relief zone: passengers pay that fee trip by trip, so a person looks at what the agency bills too.
CONGESTION_AGENCY = "CBDTP"
CONGESTION_PLAZA = "CRZ"

_TAG_OR_PLATE = ("Tag/Plate #", "Tag/Plate Number")
_DATE = ("Date", "Transaction Date")
_TIME = ("Exit Time", "Time", "Entry Time")
#: Where a row says what it is, and where it was: payments and fees are named in either.
_TOLD = ("Activity", "Description", "Transaction Type")
_PLACES = ("Agency", "Entry Plaza", "Exit Plaza")
_REST = ("Entry Lane", "Exit Lane", "Entry Time", "Exit Time")
_NUMBER = ("Lane Txn ID",)
_PICKED = [(name,) for name in (*_PLACES, *_TOLD, "Class", *_REST)]


#: Tolls are what is due, refunds are below zero. A New Jersey row, which has no number, is known by one made of its
#: values, and of how many equal ones came before it in the file.
STATEMENT = Shape(
    kind=FileKind.EZPASS,
    what="an E-ZPass statement",
    required=[_TAG_OR_PLATE, _DATE, ("Agency",), ("Exit Plaza",), ("Amount",)],
    make_reader=lambda header: _StatementReader(header),
)


class _StatementReader:
    """Reads the rows of one statement, and remembers what New Jersey's rows of it were."""

    def __init__(self, header: Header) -> None:
        self._pick = header.pick(*_PICKED)
        self._has_numbers = bool(header.find(_NUMBER)) or not header.find(("Posting Date",))
        self._seen: dict[bytes, int] = {}

    def __call__(self, row: int, cells: Cells, latest_on: date) -> ReceivedTicket | NobodysRow:
        picked = self._pick(cells.texts)
        if NEVER_RECKONED in picked:
            for names in _PICKED:
                cells.text(*names)
        agency, entry, leaving, activity, description, kind, classed, *rest = picked
        told = find_activity((activity, description, kind), classed, (agency, entry, leaving))
        if told.kind is Kind.NOBODYS:
            return NobodysRow(row, f"{told.words.capitalize()}: not a driver's."[:500], cells.received)
        is_unknown = told.kind is Kind.UNKNOWN
        if is_unknown and not cells.has(*_TAG_OR_PLATE):
            tag = plate = state = ""
        else:
            tag, plate, state = cells.read(read_tag_or_plate, *_TAG_OR_PLATE)
        when = read_when(cells, day=_DATE, clock=_TIME, latest_on=latest_on)
        written = cells.read(read_amount, "Amount")
        amount, look_at = _judge(told.kind, written, is_numbered=self._has_numbers)
        look_at = look_at or when.look_at
        if not look_at and amount > 0 and _is_congestion(agency, entry, leaving):
            look_at = LookAt.CONGESTION
        words = told.words if is_unknown else ""
        if self._has_numbers:
            number = cells.read(read_number, *_NUMBER)
        else:
            whose = tag.lstrip("0") or f"{state} {plate}"
            number = self._make_number(whose, (agency, entry, leaving), rest, when, written, words)
        return ReceivedTicket(
            row=row,
            number=number,
            tag=tag,
            plate=plate,
            state=state,
            moment=when.moment,
            amount=amount,
            place=when.place(_say_place(agency, entry, leaving)),
            violation=words[:120],
            look_at=look_at,
            received=cells.received,
        )

    def _make_number(
        self, whose: str, places: tuple[str, str, str], rest: list[str], when: When, amount: Decimal, words: str
    ) -> str:
        """A number of the row's values, however they are written; equal ones of a file are counted."""
        entry_lane, exit_lane, entered, left = rest
        day = when.day
        facts = (
            f"{whose}\x1f{_plain_places(*places, entry_lane, exit_lane)}\x1f{day}\x1f{_plain_clock(entered, day)}"
            f"\x1f{_plain_clock(left, day)}\x1f{amount}\x1f{words.upper()}"
        )
        digest = hashlib.sha256(facts.encode()).digest()[:10]
        seen = self._seen[digest] = self._seen.get(digest, 0) + 1
        return f"NJ{digest.hex().upper()}" + (f"-{seen}" if seen > 1 else "")


def _judge(kind: Kind, written: Decimal, *, is_numbered: bool) -> tuple[Decimal, str]:
    """What is due of a row, and what a person has to answer. Statements write what is due below zero.

    Statements that write tolls without a sign are never turned round, neither whole nor row by row. Where nothing is
    said but the sign, it is a refund in statements whose rows have numbers alone: the same toll told again is known.
    """
    if kind is Kind.UNKNOWN:
        return (-written if written else written), LookAt.KIND
    if kind is Kind.SILENT and not is_numbered:
        kind = Kind.TOLL
    if (kind is Kind.TOLL and written > 0) or (kind is Kind.REFUND and written < 0):
        return abs(written), LookAt.SIGN
    return (-written if written else written), ""


@lru_cache(maxsize=20_000)
def _is_congestion(agency: str, *plazas: str) -> bool:
    return agency.upper() == CONGESTION_AGENCY or any(CONGESTION_PLAZA in plaza.upper().split() for plaza in plazas)


@lru_cache(maxsize=20_000)
def _say_place(agency: str, entry: str, leaving: str) -> str:
    edges = f"{entry} to {leaving}" if entry and leaving else entry or leaving
    return " ".join(f"{agency} {edges}".split())


@lru_cache(maxsize=20_000)
def _plain_places(*texts: str) -> str:
    """Agency, plazas and lanes without what a spreadsheet takes away: zeros before a number, and before any lane."""
    facts = [" ".join(text.upper().split()) for text in texts]
    plain = [
        fact.lstrip("0") if place >= len(_PLACES) or fact.isdecimal() else fact for place, fact in enumerate(facts)
    ]
    return "\x1f".join(plain)


@lru_cache(maxsize=20_000)
def _plain_clock(text: str, day: date) -> str:
    if not text:
        return ""
    try:
        clock = read_clock(text)
    except ValueError:
        # Not the time that counts, or the row were an error.
        return " ".join(text.upper().split())
    return clock.shows.isoformat() if clock.on in (None, day) else f"{clock.on} {clock.shows}"
