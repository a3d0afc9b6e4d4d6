"""E-ZPass statements, in the three shapes seen: two of New York, one of New Jersey."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, time
from functools import partial
from typing import BinaryIO

from tickets.importers.rows import BadCellError, Cells, NobodysRow, Received, ReceivedTicket, read_file
from tickets.importers.values import moment_of, read_amount, read_clock, read_date, read_number, read_tag_or_plate

#: Rows that bill the account holder, wherever in the row they are named.
NOBODYS = frozenset({"PAYMENT", "TAG LEASING FEE"})
#: The congestion relief zone: passengers pay that fee trip by trip, so a person looks at what the agency bills too.
CONGESTION_AGENCY = "CBDTP"
CONGESTION_PLAZA = "CRZ"
LOOK_AT_CONGESTION = "CONGESTION"

_TAG_OR_PLATE = ("Tag/Plate #", "Tag/Plate Number")
_DATE = ("Date", "Transaction Date")
_TIME = ("Exit Time", "Time", "Entry Time")
_TOLD = ("Agency", "Entry Plaza", "Exit Plaza", "Class", "Description")
#: What makes a New Jersey row, which has no number, the row it is.
_FACTS = (
    "Posting Date",
    "Transaction Date",
    "Tag/Plate Number",
    "Agency",
    "Entry Time",
    "Entry Plaza",
    "Entry Lane",
    "Exit Time",
    "Exit Plaza",
    "Exit Lane",
    "Amount",
)


def read_statement(file: BinaryIO, *, latest_on: date) -> Iterator[Received]:
    """Read a statement. Tolls are what is due, refunds are below zero; payments and tag fees are nobody's.

    A New Jersey row is known by a number made of its facts, and of how many equal ones came before it in the file.
    """
    return read_file(
        file,
        what="an E-ZPass statement",
        required=[_TAG_OR_PLATE, _DATE, ("Agency",), ("Exit Plaza",), ("Amount",)],
        read_row=partial(_read_row, Counter()),
        latest_on=latest_on,
    )


def _read_row(seen: Counter[bytes], row: int, cells: Cells, latest_on: date) -> ReceivedTicket | NobodysRow:
    told = {cells.text(name).upper() for name in _TOLD}
    if told & NOBODYS:
        return NobodysRow(row, f"{min(told & NOBODYS).capitalize()}: not a driver's.", cells.received)
    tag, plate, state = cells.read(read_tag_or_plate, *_TAG_OR_PLATE)
    day = cells.read(partial(read_date, latest_on=latest_on), *_DATE)
    clock: time | None = cells.read(lambda text: read_clock(text) if text else None, *_TIME)
    amount = -cells.read(read_amount, "Amount")
    entry, leaving = cells.text("Entry Plaza"), cells.text("Exit Plaza")
    is_congestion = cells.text("Agency").upper() == CONGESTION_AGENCY or any(
        CONGESTION_PLAZA in plaza.upper().split() for plaza in (entry, leaving)
    )
    return ReceivedTicket(
        row=row,
        number=_read_number(seen, cells),
        tag=tag,
        plate=plate,
        state=state,
        moment=moment_of(day, clock),
        # There is no minus nothing.
        amount=amount or abs(amount),
        place=" ".join(text for text in (cells.text("Agency"), entry and f"{entry} to", leaving) if text)[:120],
        look_at=LOOK_AT_CONGESTION if is_congestion and amount > 0 else "",
        received=cells.received,
    )


def _read_number(seen: Counter[bytes], cells: Cells) -> str:
    if cells.has("Lane Txn ID"):
        return cells.read(read_number, "Lane Txn ID")
    if not cells.has("Posting Date"):
        raise BadCellError("Lane Txn ID", "The number is missing.")
    facts = "\x1f".join(" ".join(cells.text(name).upper().split()) for name in _FACTS)
    digest = hashlib.sha256(facts.encode()).digest()[:10]
    seen[digest] += 1
    return f"NJ{digest.hex().upper()}" + (f"-{seen[digest]}" if seen[digest] > 1 else "")
