"""Parking and camera violations: the city's open data, and the fleet program's file."""

from datetime import date
from decimal import Decimal

from ledger.money import ZERO
from tickets.importers.moments import read_when
from tickets.importers.rows import BadCellError, Cells, Header, ReadRow, ReceivedTicket, Shape
from tickets.importers.values import read_amount, read_city_clock, read_number, read_plate, read_state
from tickets.rules import FileKind


def _make_open_data_reader(header: Header) -> ReadRow:
    return _read_open_data_row


def _make_fleet_reader(header: Header) -> ReadRow:
    return _read_fleet_row


def _read_open_data_row(row: int, cells: Cells, latest_on: date) -> ReceivedTicket:
    when = read_when(
        cells, day=("Issue Date",), clock=("Violation Time",), latest_on=latest_on, convert=read_city_clock
    )
    plate, state = _read_plate(cells)
    total, paid = _read_sums(cells, " Amount")
    return ReceivedTicket(
        row=row,
        number=cells.read(read_number, "Summons Number"),
        plate=plate,
        state=state,
        amount=total - paid,
        total=total,
        paid=paid,
        moment=when.moment,
        violation=cells.text("Violation"),
        place=when.place(cells.text("County")),
        look_at=when.look_at,
        received=cells.received,
    )


def _read_fleet_row(row: int, cells: Cells, latest_on: date) -> ReceivedTicket:
    street = " ".join(text for text in (cells.text("HOUSE NUMBER"), cells.text("STREET NAME")) if text)
    when = read_when(cells, day=("ISSUE DATE",), clock=("ISSUE TIME",), latest_on=latest_on, convert=read_city_clock)
    plate, state = _read_plate(cells)
    total, paid = _read_sums(cells, "")
    return ReceivedTicket(
        row=row,
        number=cells.read(read_number, "SUMMONS"),
        plate=plate,
        state=state,
        amount=total - paid,
        total=total,
        paid=paid,
        moment=when.moment,
        violation=cells.text("VC"),
        place=when.place(", ".join(text for text in (street, cells.text("VIO COUNTY")) if text)),
        look_at=when.look_at,
        received=cells.received,
    )


#: "Open Parking and Camera Violations" as NYC Open Data exports it.
OPEN_DATA = Shape(
    kind=FileKind.PVB,
    what="a file of NYC Open Data's violations",
    required=[("Plate",), ("State",), ("Summons Number",), ("Issue Date",), ("Fine Amount",), ("Amount Due",)],
    make_reader=_make_open_data_reader,
)
#: The file that the city's fleet program sends.
FLEET_PROGRAM = Shape(
    kind=FileKind.PVB_FLEET,
    what="a file of the fleet program",
    required=[("PLATE",), ("STATE",), ("SUMMONS",), ("ISSUE DATE",), ("FINE",), ("AMOUNT DUE",)],
    make_reader=_make_fleet_reader,
    extra_after="PLATE",
)


def _read_plate(cells: Cells) -> tuple[str, str]:
    state = cells.read(read_state, "State")
    plate, state = cells.read(lambda text: read_plate(text, state), "Plate")
    if not plate:
        raise BadCellError(cells.name_of("Plate"), "The plate is missing.")
    return plate, state


def _read_sums(cells: Cells, suffix: str) -> tuple[Decimal, Decimal]:
    """What is due before payments (fine + penalty + interest − reduction), and what was paid.

    What the file calls the amount due must agree with the two.
    """

    def part(name: str) -> Decimal:
        amount = cells.read(lambda text: read_amount(text) if text else ZERO, f"{name}{suffix}")
        if amount < 0:
            raise BadCellError(cells.name_of(f"{name}{suffix}"), f"{amount} is below zero.")
        return amount

    if not cells.has(f"Fine{suffix}"):
        raise BadCellError(cells.name_of(f"Fine{suffix}"), "The amount is missing.")
    total, paid = part("Fine") + part("Penalty") + part("Interest") - part("Reduction"), part("Payment")
    due = total - paid
    stated, column = cells.read(read_amount, "Amount Due"), cells.name_of("Amount Due")
    if stated != due:
        raise BadCellError(column, f"{stated} is due by the file, {due} by its own fine, additions and payments.")
    if due < 0:
        raise BadCellError(column, f"{due} is below zero: more was paid than was due.")
    return total, paid
