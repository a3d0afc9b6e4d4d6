"""What every importer makes of a file: tickets received, or why a row is none. Nothing is written here."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import BinaryIO, TypeVar

from tickets.errors import TicketFileInvalid
from tickets.importers.tables import Line, read_lines
from tickets.importers.values import Moment

_NOISE = re.compile(r"[^A-Z0-9#/]")
#: What PostgreSQL's text does not hold, or nobody can read.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class ReceivedTicket:
    """One row that is a ticket, a toll or a refund. ``amount`` is dollars due, below zero where money comes back."""

    row: int
    number: str
    moment: Moment
    amount: Decimal
    tag: str = ""
    plate: str = ""
    state: str = ""
    medallion: str = ""
    license: str = ""
    place: str = ""
    violation: str = ""
    due_on: date | None = None
    #: Of a violation: dollars before payments (fine and additions less reductions), and dollars paid.
    total: Decimal | None = None
    paid: Decimal | None = None
    #: Why a person has to look at it, whoever it matches.
    look_at: str = ""
    #: Every cell as it came.
    received: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return self.moment.at

    @property
    def at_latest(self) -> datetime:
        return self.moment.at_latest

    @property
    def plate_state(self) -> str:
        return self.state


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was not read: its number in the file, and its column."""

    row: int
    column: str
    message: str
    received: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NobodysRow:
    """A row of a statement that is no ticket: a payment to the agency, the rent of a tag."""

    row: int
    message: str
    received: Mapping[str, str] = field(default_factory=dict)


Received = ReceivedTicket | RowError | NobodysRow


class BadCellError(Exception):
    """A cell can't be read; the row is an error."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


class Cells:
    """A row's cells by the names of its header, whatever their order."""

    def __init__(self, head: list[str], keys: list[str], cells: list[str]) -> None:
        self.received = {name: clean(cell) for name, cell in zip(head, cells, strict=True) if cell.strip()}
        self._cells = {key: (name, clean(cell)) for key, name, cell in zip(keys, head, cells, strict=True)}

    def text(self, *names: str) -> str:
        """Return the first of these columns that is there and not blank."""
        return self._find(names)[1]

    def has(self, *names: str) -> bool:
        return bool(self.text(*names))

    def name_of(self, *names: str) -> str:
        """Return what the file itself calls this column."""
        return self._find(names)[0]

    def read(self, convert: Callable[[str], _Value], *names: str) -> _Value:
        """Return the first of these columns that is there and not blank, converted; a refusal names it."""
        column, text = self._find(names)
        try:
            return convert(text)
        except ValueError as bad:
            raise BadCellError(column, str(bad)) from None

    def _find(self, names: tuple[str, ...]) -> tuple[str, str]:
        there = [self._cells[plain(name)] for name in names if plain(name) in self._cells]
        filled = [cell for cell in there if cell[1]]
        return (filled or there or [(names[0], "")])[0]


#: Makes a ticket of a row; raises BadCellError.
ReadRow = Callable[[int, Cells, date], ReceivedTicket | NobodysRow]


def read_file(
    file: BinaryIO, *, what: str, required: list[tuple[str, ...]], read_row: ReadRow, latest_on: date
) -> Iterator[Received]:
    """Read a file whose first row that is not blank names its columns.

    ``required`` has a tuple for each column that must be there, of the names it goes by. Dates after ``latest_on`` are
    errors of their rows.

    :raises TicketFileInvalid: the file can't be read, or its header is none of this kind
    """
    # Closed here, while the file is open still, whoever stops reading.
    with closing(read_lines(file)) as lines:
        first = next(lines, None)
        if first is None:
            raise TicketFileInvalid("The file is empty.")
        head = [clean(cell) for cell in first.cells]
        keys = [plain(name) for name in head]
        _check_head(head, keys, what, required)
        for line in lines:
            if len(line.cells) == len(head):
                yield _read_line(line, Cells(head, keys, line.cells), read_row, latest_on)
            else:
                received = {"row": ", ".join(clean(cell) for cell in line.cells)[:2000]}
                sentence = f"The row has {len(line.cells)} fields, the header {len(head)}."
                yield RowError(line.number, _name_edge(head, len(line.cells)), sentence, received)


def _read_line(line: Line, cells: Cells, read_row: ReadRow, latest_on: date) -> Received:
    try:
        return read_row(line.number, cells, latest_on)
    except BadCellError as bad:
        return RowError(line.number, bad.column, str(bad), cells.received)


@lru_cache(maxsize=1024)
def plain(name: str) -> str:
    """A column's name without case and spaces, which vary. Asked for each cell of each row, of few names."""
    return _NOISE.sub("", name.upper())


def clean(cell: str) -> str:
    """A cell without its margins and without control characters."""
    return cell.strip() if cell.isprintable() else _CONTROL.sub(" ", cell).strip()


def _name_edge(head: list[str], width: int) -> str:
    """Where a row of the wrong width ends: its first missing column, or the last one that is named."""
    return head[min(width, len(head) - 1)]


def _check_head(head: list[str], keys: list[str], what: str, required: list[tuple[str, ...]]) -> None:
    missing = [names[0] for names in required if not any(plain(name) in keys for name in names)]
    if missing:
        raise TicketFileInvalid(f"This is not {what}: its first row names no column {', '.join(missing)}.")
    named = [key for key in keys if key]
    twice = sorted({name for name, key in zip(head, keys, strict=True) if key and named.count(key) > 1})
    if twice:
        raise TicketFileInvalid(f"Two columns have the same name: {', '.join(twice)}.")
