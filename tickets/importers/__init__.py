"""Files of tickets in: each kind of file by its reader, which takes an open file and yields its rows."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import BinaryIO, Protocol

from tickets.importers import rows
from tickets.importers.ezpass import STATEMENT
from tickets.importers.pvb import FLEET_PROGRAM, OPEN_DATA
from tickets.importers.rows import LookAt, NobodysRow, Received, ReceivedTicket, RowError, Shape
from tickets.importers.tlc import SUMMONSES, make_template
from tickets.rules import FileKind


class Reader(Protocol):
    """Dates after ``latest_on`` are errors of their rows. A field without a name stands behind ``extra_after``."""

    def __call__(self, file: BinaryIO, *, latest_on: date, extra_after: str = "") -> Iterator[Received]: ...


SHAPES: tuple[Shape, ...] = (OPEN_DATA, FLEET_PROGRAM, STATEMENT, SUMMONSES)
READERS: dict[str, Reader] = {
    shape.kind: partial(rows.read_file, shape, [other for other in SHAPES if other is not shape]) for shape in SHAPES
}


def propose_kind(file: BinaryIO) -> FileKind | None:
    """Return the kind of file whose columns the first row names, or None where none or several would fit.

    :raises TicketFileInvalid: the file can't be read
    """
    shape = rows.propose_kind(file, SHAPES)
    return None if shape is None else shape.kind


__all__ = [
    "READERS",
    "LookAt",
    "NobodysRow",
    "Reader",
    "Received",
    "ReceivedTicket",
    "RowError",
    "make_template",
    "propose_kind",
]
