"""What every importer makes of a file: tickets received, or why a row is none. Nothing is written here."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from typing import BinaryIO, NamedTuple, TypeVar

from core.workbooks import NEVER_RECKONED, RECKON_FIRST
from tickets.errors import FieldWithoutName, TicketFileInvalid
from tickets.importers.tables import Line, Sheet, open_table, read_lines
from tickets.importers.values import Moment, shorten
from tickets.rules import FILE_KIND_LABELS, FileKind

_NOISE = re.compile(r"[^A-Z0-9#/]")
#: What PostgreSQL's text does not hold, or nobody can read.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
#: How files write that a cell is blank.
_BLANKS = frozenset({"-", "--", "–", "—", "N/A", "n/a"})
#: So many rows with one field too many, and none without, are all of them.
_ROWS_TO_TELL = 5_000

_Value = TypeVar("_Value")


class LookAt(StrEnum):
    """What a person alone can answer of a row, as the review queue calls it (``tickets.models.Wait``)."""

    CONGESTION = "CONGESTION"
    KIND = "KIND"
    SIGN = "SIGN"
    CONTRADICTS = "CONTRADICTS"


#: Of rows whose cells are not kept; nothing is ever added to it.
_NOTHING: Mapping[str, str] = {}


class ReceivedTicket(NamedTuple):
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
    #: Every cell as it came, but blank ones.
    received: Mapping[str, str] = _NOTHING

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


class Header:
    """A file's first row: where each column is, looked up once for all rows."""

    def __init__(self, cells: Sequence[str]) -> None:
        self.names = [clean(cell) for cell in cells]
        self.keys = [plain(name) for name in self.names]
        self._places = {key: place for place, key in enumerate(self.keys)}
        self._found: dict[tuple[str, ...], tuple[int, ...]] = {}

    def find(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Return the places of those of these columns that are there."""
        places = self._found.get(names)
        if places is None:
            keys = [plain(name) for name in names]
            places = self._found[names] = tuple(self._places[key] for key in keys if key in self._places)
        return places

    def pick(self, *columns: tuple[str, ...]) -> Callable[[list[str]], tuple[str, ...]]:
        """Return what takes these columns out of a row's ``texts`` at once; each goes by one of several names."""
        # Behind the last column each row has a blank for those that are not there.
        return itemgetter(*((self.find(names) or (-1,))[0] for names in columns))

    def lacks(self, required: Sequence[tuple[str, ...]]) -> list[str]:
        """Return which of these columns are not there; each goes by one of several names."""
        return [names[0] for names in required if not self.find(names)]

    def list_doubled(self) -> list[str]:
        named = [key for key in self.keys if key]
        return sorted({name for name, key in zip(self.names, self.keys, strict=True) if key and named.count(key) > 1})


class Cells:
    """A row's cells by the names of its header, whatever their order. A dash is a blank."""

    __slots__ = ("_header", "received", "texts")

    def __init__(self, header: Header, cells: list[str]) -> None:
        texts = list(map(str.strip, cells)) if "".join(cells).isprintable() else [clean(cell) for cell in cells]
        if not _BLANKS.isdisjoint(texts):
            texts = ["" if text in _BLANKS else text for text in texts]
        self.received = {name: text for name, text in zip(header.names, texts, strict=True) if text}
        texts.append("")
        self._header, self.texts = header, texts

    def text(self, *names: str) -> str:
        """Return the first of these columns that is there and not blank.

        :raises BadCellError: it is a formula, and nobody knows what it comes to
        """
        for place in self._header.find(names):
            text = self.texts[place]
            if text == NEVER_RECKONED:
                raise BadCellError(self._header.names[place], RECKON_FIRST)
            if text:
                return text
        return ""

    def has(self, *names: str) -> bool:
        return bool(self.text(*names))

    def name_of(self, *names: str) -> str:
        """Return what the file itself calls the first of these columns that is there and not blank."""
        places = self._header.find(names)
        place = next((place for place in places if self.texts[place]), places[0] if places else None)
        return names[0] if place is None else self._header.names[place]

    def read(self, convert: Callable[[str], _Value], *names: str) -> _Value:
        """Return the first of these columns that is there and not blank, converted; a refusal names it."""
        try:
            return convert(self.text(*names))
        except ValueError as bad:
            raise BadCellError(self.name_of(*names), str(bad)) from None


#: Makes a ticket of a row; raises BadCellError.
ReadRow = Callable[[int, Cells, date], ReceivedTicket | NobodysRow]


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of file: what it is called in a sentence, the columns it must have, and how its rows are read.

    ``required`` has a tuple for each column, of the names it goes by. ``make_reader`` makes what reads the rows of one
    file, from its header; it may remember what came before. ``extra_after`` is the column behind which files of this
    kind are known to have a field that their header does not name.
    """

    kind: FileKind
    what: str
    required: Sequence[tuple[str, ...]]
    make_reader: Callable[[Header], ReadRow]
    extra_after: str = ""


def read_file(
    shape: Shape, others: Iterable[Shape], file: BinaryIO, *, latest_on: date, extra_after: str = ""
) -> Iterator[Received]:
    """Read a file whose first row that is not blank names its columns.

    Dates after ``latest_on`` are errors of their rows. ``extra_after`` is the column behind which each row has one
    field that the header does not name. ``others`` are the kinds that the file might be of instead.

    :raises TicketFileInvalid: the file can't be read, its header is none of this kind, or another sheet has rows too
    :raises FieldWithoutName: each of its rows has one field more than the header
    """
    # Closed here, while the file is open still, whoever stops reading.
    table = open_table(file)
    with closing(table.lines) as lines:
        header = _read_header(lines)
        _check_kind(header, shape, others)
        if extra_after:
            header = _with_field(header, extra_after)
        _refuse_other_sheets(table.others, header, [shape, *others], latest_on)
        read_row = shape.make_reader(header)
        width = len(header.names)
        odd: list[RowError] | None = []
        for line in lines:
            if line.is_open and len(line.cells) < width:
                line.cells.extend([""] * (width - len(line.cells)))
            if len(line.cells) == width:
                if odd:
                    yield from odd
                odd = None
                yield _read_line(line, Cells(header, line.cells), read_row, latest_on)
                continue
            error = _refuse_width(header, line)
            if odd is None:
                yield error
            elif len(line.cells) != width + 1 or extra_after:
                yield from odd
                yield error
                odd = None
            else:
                odd.append(error)
                if len(odd) == _ROWS_TO_TELL:
                    break
        if odd:
            raise _tell_field_without_name(header, shape)


def propose_kind(file: BinaryIO, shapes: Iterable[Shape]) -> Shape | None:
    """Return the kind whose columns a file's first row names, if it is one alone.

    :raises TicketFileInvalid: the file can't be read
    """
    with closing(read_lines(file)) as lines:
        header = _read_header(lines)
    fitting = [shape for shape in shapes if not header.lacks(shape.required)]
    return fitting[0] if len(fitting) == 1 else None


def _read_header(lines: Iterator[Line]) -> Header:
    first = next(lines, None)
    if first is None:
        raise TicketFileInvalid("The file is empty.")
    return Header(first.cells)


def _check_kind(header: Header, shape: Shape, others: Iterable[Shape]) -> None:
    missing = header.lacks(shape.required)
    if missing:
        sentence = f"This is not {shape.what}: its first row names no column {', '.join(missing)}."
        fitting = [other for other in others if not header.lacks(other.required)]
        if len(fitting) == 1:
            raise TicketFileInvalid(
                f"{sentence} By its columns it is of the kind {FILE_KIND_LABELS[fitting[0].kind]} ({fitting[0].kind}).",
                fits=fitting[0].kind.value,
            )
        raise TicketFileInvalid(sentence)
    doubled = header.list_doubled()
    if doubled:
        raise TicketFileInvalid(f"Two columns have the same name: {', '.join(doubled)}.")


def _refuse_other_sheets(sheets: Iterable[Sheet], header: Header, shapes: Sequence[Shape], latest_on: date) -> None:
    """Refuse a workbook that goes on elsewhere: a sheet that begins as a file of ours, or goes on with such rows.

    Notes, sums and tables of something else are nobody's tickets and stand in the way of none. ``shapes`` begin with
    the file's own.
    """
    for sheet in sheets:
        filled = [cells for cells in sheet.rows if "".join(cells).strip()]
        if not filled:
            continue
        begins = Header(filled[0])
        is_file = len(filled) > 1 and any(not begins.lacks(shape.required) for shape in shapes)
        if is_file or any(_is_ticket(cells, header, shapes[0], latest_on) for cells in filled[:2]):
            name = shorten(clean(sheet.name))
            raise TicketFileInvalid(
                f"Only the first sheet is read, and {name} has rows too: save it as a file of its own."
            )


def _is_ticket(cells: list[str], header: Header, shape: Shape, latest_on: date) -> bool:
    blanks = len(header.names) - len(cells)
    if blanks < 0:
        return False
    line = Line(0, cells + [""] * blanks)
    read = _read_line(line, Cells(header, line.cells), shape.make_reader(header), latest_on)
    return isinstance(read, ReceivedTicket)


def _with_field(header: Header, after: str) -> Header:
    places = header.find((after,))
    if not places:
        raise TicketFileInvalid(f"The file has no column {after}.", field="extra_field_after")
    place = places[0] + 1
    return Header([*header.names[:place], "", *header.names[place:]])


def _refuse_width(header: Header, line: Line) -> RowError:
    received = {"row": ", ".join(clean(cell) for cell in line.cells)[:2000]}
    sentence = f"The row has {len(line.cells)} fields, the header {len(header.names)}."
    return RowError(line.number, _name_edge(header.names, len(line.cells)), sentence, received)


def _tell_field_without_name(header: Header, shape: Shape) -> FieldWithoutName:
    width = len(header.names)
    where = f" In {shape.what} it stands after {shape.extra_after}." if shape.extra_after else ""
    return FieldWithoutName(
        f"Each row has {width + 1} fields, the header names {width}: one has no name.{where}",
        after=shape.extra_after,
        kind=shape.kind.value,
    )


def _read_line(line: Line, cells: Cells, read_row: ReadRow, latest_on: date) -> Received:
    try:
        return read_row(line.number, cells, latest_on)
    except BadCellError as bad:
        return RowError(line.number, bad.column, str(bad), cells.received)


@lru_cache(maxsize=1024)
def plain(name: str) -> str:
    """A column's name without case and spaces, which vary."""
    return _NOISE.sub("", name.upper())


def clean(cell: str) -> str:
    """A cell without its margins and without control characters."""
    return cell.strip() if cell.isprintable() else _CONTROL.sub(" ", cell).strip()


def _name_edge(head: Sequence[str], width: int) -> str:
    """Where a row of the wrong width ends: its first missing column, or the last one that is named."""
    return head[min(width, len(head) - 1)]
