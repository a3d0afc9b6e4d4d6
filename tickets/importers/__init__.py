"""Files of tickets in: each kind of file by its reader, which takes an open file and yields its rows."""

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO, Protocol

from tickets.importers.ezpass import read_statement
from tickets.importers.pvb import read_fleet_program, read_open_data
from tickets.importers.rows import NobodysRow, Received, ReceivedTicket, RowError
from tickets.importers.tlc import make_template, read_summonses
from tickets.rules import FileKind


class Reader(Protocol):
    """Dates after ``latest_on`` are errors of their rows."""

    def __call__(self, file: BinaryIO, *, latest_on: date) -> Iterator[Received]: ...


READERS: dict[str, Reader] = {
    FileKind.PVB: read_open_data,
    FileKind.PVB_FLEET: read_fleet_program,
    FileKind.EZPASS: read_statement,
    FileKind.TLC: read_summonses,
}

__all__ = [
    "READERS",
    "NobodysRow",
    "Reader",
    "Received",
    "ReceivedTicket",
    "RowError",
    "make_template",
]
