"""TLC summonses, by a CSV of our own: no public file of them names a license, a plate or a medallion."""

from datetime import date

from tickets.importers.moments import read_when
from tickets.importers.rows import BadCellError, Cells, Header, ReadRow, ReceivedTicket, Shape
from tickets.importers.values import (
    read_amount,
    read_date,
    read_license,
    read_medallion,
    read_number,
    read_plate,
    read_state,
    shorten,
)
from tickets.rules import SUMMONS_TYPES, FileKind

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
_TYPES = {" ".join(name.upper().split()): name for name in SUMMONS_TYPES}


def make_template() -> str:
    """Return an empty file to fill in: the header, and what may stand under *Type*."""
    return ",".join(COLUMNS) + "\r\n"


def _read_row(row: int, cells: Cells, latest_on: date) -> ReceivedTicket:
    license_ = cells.read(read_license, "TLC License")
    medallion = cells.read(read_medallion, "Medallion")
    told_state = cells.read(read_state, "State")
    plate, state = cells.read(lambda text: read_plate(text, told_state), "Plate")
    if not (license_ or medallion or plate):
        raise BadCellError(cells.name_of("TLC License"), "The row names neither a license nor a medallion nor a plate.")
    amount = cells.read(read_amount, "Amount")
    if amount <= 0:
        raise BadCellError(cells.name_of("Amount"), f"{amount} is not above zero.")
    when = read_when(cells, day=("Issue Date",), clock=("Issue Time",), latest_on=latest_on)
    return ReceivedTicket(
        row=row,
        number=cells.read(read_number, "Summons Number"),
        license=license_,
        medallion=medallion,
        plate=plate,
        state=state or ("NY" if plate else ""),
        moment=when.moment,
        amount=amount,
        violation=cells.read(_read_type, "Type"),
        place=when.place(cells.text("Note")),
        due_on=cells.read(lambda text: read_date(text) if text else None, "Due Date"),
        look_at=when.look_at,
        received=cells.received,
    )


def _make_reader(header: Header) -> ReadRow:
    return _read_row


#: A file made from our template. A row names its driver by license, or its cab by medallion or plate.
SUMMONSES = Shape(
    kind=FileKind.TLC,
    what="a file made from the template of TLC summonses",
    required=[("Summons Number",), ("Type",), ("Issue Date",), ("Amount",)],
    make_reader=_make_reader,
)


def _read_type(text: str) -> str:
    name = _TYPES.get(" ".join(text.upper().split()))
    if name is None:
        raise ValueError(f"{shorten(text)} is not a type of summons ({', '.join(SUMMONS_TYPES)}).")
    return name
