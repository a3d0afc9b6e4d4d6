"""TLC summonses, by a CSV of our own: no public file of them names a license, a plate or a medallion."""

import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import BinaryIO

from tickets.importers.rows import BadCellError, Cells, Received, ReceivedTicket, read_file
from tickets.importers.values import (
    moment_of,
    read_amount,
    read_clock,
    read_date,
    read_number,
    read_plate,
    read_state,
    shorten,
)
from tickets.rules import SUMMONS_TYPES

COLUMNS = (
    "Summons Number",
    "Type",
    "Issue Date",
    "Issue Time",
    "TLC License",
    "Medallion",
    "Plate",
    "State",
    "Amount",
    "Due Date",
    "Note",
)

_LICENSE = re.compile(r"\d{6,7}", re.ASCII)
_MEDALLION = re.compile(r"[A-Z0-9]{4,6}", re.ASCII)


def read_summonses(file: BinaryIO, *, latest_on: date) -> Iterator[Received]:
    """Read a file made from our template. A row names its driver by license, or its cab by medallion or plate."""
    return read_file(
        file,
        what="a file made from the template of TLC summonses",
        required=[("Summons Number",), ("Type",), ("Issue Date",), ("Amount",)],
        read_row=_read_row,
        latest_on=latest_on,
    )


def make_template() -> str:
    """Return an empty file to fill in: the header, and what may stand under *Type*."""
    return ",".join(COLUMNS) + "\r\n"


def _read_row(row: int, cells: Cells, latest_on: date) -> ReceivedTicket:
    license_ = cells.read(partial(_read_shape, _LICENSE, "a TLC license"), "TLC License")
    medallion = cells.read(partial(_read_shape, _MEDALLION, "a medallion"), "Medallion")
    plate = cells.read(read_plate, "Plate")
    if not (license_ or medallion or plate):
        raise BadCellError(cells.name_of("TLC License"), "The row names neither a license nor a medallion nor a plate.")
    amount = cells.read(read_amount, "Amount")
    if amount <= 0:
        raise BadCellError(cells.name_of("Amount"), f"{amount} is not above zero.")
    return ReceivedTicket(
        row=row,
        number=cells.read(read_number, "Summons Number"),
        license=license_,
        medallion=medallion,
        plate=plate,
        state=cells.read(read_state, "State") or ("NY" if plate else ""),
        moment=moment_of(
            cells.read(partial(read_date, latest_on=latest_on), "Issue Date"),
            cells.read(lambda text: read_clock(text) if text else None, "Issue Time"),
        ),
        amount=amount,
        violation=cells.read(_read_type, "Type"),
        place=cells.text("Note")[:120],
        due_on=cells.read(lambda text: read_date(text) if text else None, "Due Date"),
        received=cells.received,
    )


def _read_type(text: str) -> str:
    for name in SUMMONS_TYPES:
        if text.upper() == name.upper():
            return name
    raise ValueError(f"{shorten(text)} is not a type of summons ({', '.join(SUMMONS_TYPES)}).")


def _read_shape(shape: re.Pattern[str], what: str, text: str) -> str:
    if text and not shape.fullmatch(text.upper()):
        raise ValueError(f"{shorten(text)} is not {what}.")
    return text.upper()
