"""Parking and camera violations: the city's open data, and the fleet program's file."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import BinaryIO

from ledger.money import ZERO
from tickets.importers.rows import BadCellError, Cells, Received, ReceivedTicket, read_file
from tickets.importers.values import (
    moment_of,
    read_amount,
    read_city_clock,
    read_date,
    read_number,
    read_plate,
    read_state,
)


def read_open_data(file: BinaryIO, *, latest_on: date) -> Iterator[Received]:
    """Read "Open Parking and Camera Violations" as NYC Open Data exports it."""
    return read_file(
        file,
        what="a file of NYC Open Data's violations",
        required=[("Plate",), ("State",), ("Summons Number",), ("Issue Date",), ("Fine Amount",), ("Amount Due",)],
        read_row=_read_open_data_row,
        latest_on=latest_on,
    )


def read_fleet_program(file: BinaryIO, *, latest_on: date) -> Iterator[Received]:
    """Read the file that the city's fleet program sends."""
    return read_file(
        file,
        what="a file of the fleet program",
        required=[("PLATE",), ("STATE",), ("SUMMONS",), ("ISSUE DATE",), ("FINE",), ("AMOUNT DUE",)],
        read_row=_read_fleet_row,
        latest_on=latest_on,
    )


def _read_open_data_row(row: int, cells: Cells, latest_on: date) -> ReceivedTicket:
    return ReceivedTicket(
        row=row,
        number=cells.read(read_number, "Summons Number"),
        plate=_read_plate(cells),
        state=cells.read(read_state, "State"),
        moment=moment_of(
            cells.read(partial(read_date, latest_on=latest_on), "Issue Date"),
            cells.read(lambda text: read_city_clock(text) if text else None, "Violation Time"),
        ),
        **_read_sums(cells, " Amount"),
        place=cells.text("County"),
        violation=cells.text("Violation"),
        received=cells.received,
    )


def _read_fleet_row(row: int, cells: Cells, latest_on: date) -> ReceivedTicket:
    street = " ".join(text for text in (cells.text("HOUSE NUMBER"), cells.text("STREET NAME")) if text)
    return ReceivedTicket(
        row=row,
        number=cells.read(read_number, "SUMMONS"),
        plate=_read_plate(cells),
        state=cells.read(read_state, "STATE"),
        moment=moment_of(
            cells.read(partial(read_date, latest_on=latest_on), "ISSUE DATE"),
            cells.read(lambda text: read_city_clock(text) if text else None, "ISSUE TIME"),
        ),
        **_read_sums(cells, ""),
        place=", ".join(text for text in (street, cells.text("VIO COUNTY")) if text),
        violation=cells.text("VC"),
        received=cells.received,
    )


def _read_plate(cells: Cells) -> str:
    plate = cells.read(read_plate, "Plate")
    if not plate:
        raise BadCellError(cells.name_of("Plate"), "The plate is missing.")
    return plate


def _read_sums(cells: Cells, suffix: str) -> dict[str, Decimal]:
    """Fine + penalty + interest − reduction − payment; what the file calls the amount due must agree with it."""

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
    return {"amount": due, "total": total, "paid": paid}
