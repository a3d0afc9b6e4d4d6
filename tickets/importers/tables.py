"""A CSV or XLSX file as rows of text, read as a stream: however it is made, a few rows are in memory."""

import codecs
import csv
import io
from collections.abc import Generator, Iterable, Iterator
from itertools import starmap
from typing import BinaryIO, NamedTuple

from core.workbooks import ZIP_MARK, BadWorkbookError, Limits, WorkbookFile
from tickets.errors import TicketFileInvalid

#: Beyond these a file is no list of tickets, or was made to exhaust the server.
MAX_BYTES = 200 * 2**20
MAX_COLUMNS = 200
MAX_CELL = 2_000
#: Characters of one row, however many lines its quoted cells take.
MAX_ROW = 100_000
WORKBOOK_LIMITS = Limits(unpacked=400 * 2**20, rows=2**20, columns=MAX_COLUMNS)

_CHUNK = 2**20
#: So many other sheets of a workbook are looked at, and so many rows of each.
_OTHER_SHEETS, _OTHER_ROWS = 50, 20


class Line(NamedTuple):
    """One row that is not blank: its number in the file from 1 (a sheet's row, a text's line), and its cells.

    A sheet's row is ``is_open``: it ends with its last filled cell, and what is behind that is blank.
    """

    number: int
    cells: list[str]
    is_open: bool = False


class Sheet(NamedTuple):
    """Another sheet of a workbook than the first, which alone is read: its name, and the rows that it begins with."""

    name: str
    rows: list[list[str]]


class Table(NamedTuple):
    """A file's rows, and what the other sheets of a workbook that are shown begin with."""

    lines: Generator[Line, None, None]
    others: Iterable[Sheet] = ()


def read_lines(file: BinaryIO) -> Generator[Line, None, None]:
    """Read a file's rows in order, blank ones left out; a workbook's are those of its first sheet.

    :raises TicketFileInvalid: as :func:`open_table`
    """
    return open_table(file).lines


def open_table(file: BinaryIO) -> Table:
    """Open a file of rows; whether it is CSV or XLSX its own first bytes say.

    UTF-8 and UTF-16 with their marks, UTF-8 without, and else Latin-1; any line ends; quoted commas and line ends.

    :raises TicketFileInvalid: too large, not text and not XLSX, or quotes that never end
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MAX_BYTES:
        raise TicketFileInvalid(f"The file is larger than {MAX_BYTES // 2**20} MB.")
    if size == 0:
        raise TicketFileInvalid("The file is empty.")
    is_zip = file.read(4) == ZIP_MARK
    file.seek(0)
    return _open_workbook(file) if is_zip else Table(_read_text(file))


def _read_text(file: BinaryIO) -> Generator[Line, None, None]:
    encoding = _find_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        lines = _BoundedLines(text)
        rows = csv.reader(lines, strict=True)
        before = 0
        for cells in rows:
            lines.length = 0
            number, before = before + 1, rows.line_num
            _check_cells(number, cells)
            if "".join(cells).strip():
                yield Line(number, cells)
    except csv.Error as problem:
        raise TicketFileInvalid(f"The file can't be read as CSV after line {before}: {problem}.") from None
    except UnicodeError:
        raise TicketFileInvalid("The file is not text.") from None
    finally:
        # The file is its owner's to close, and may be closed when the last of this is let go.
        if not file.closed:
            text.detach()


class _BoundedLines:
    """A text's lines, refused before a row of them grows out of bounds: csv would hold all of it."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        #: Characters of the row that is being read.
        self.length = 0

    def __iter__(self) -> Iterator[str]:
        readline = self._text.readline
        while line := readline(MAX_ROW + 1):
            self.length += len(line)
            if self.length > MAX_ROW:
                raise TicketFileInvalid(f"A row has more than {MAX_ROW:,} characters.")
            if "\0" in line:
                raise TicketFileInvalid("The file is neither text nor an XLSX workbook.")
            yield line


def _find_encoding(file: BinaryIO) -> str:
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _open_workbook(file: BinaryIO) -> Table:
    try:
        workbook = WorkbookFile(file, WORKBOOK_LIMITS)
    except BadWorkbookError as bad:
        raise TicketFileInvalid(str(bad)) from None
    if not workbook.sheets:
        raise TicketFileInvalid("The workbook has no sheet.")
    others = workbook.list_others(sheets=_OTHER_SHEETS, rows=_OTHER_ROWS)
    return Table(_read_sheet(workbook), starmap(Sheet, others))


def _read_sheet(workbook: WorkbookFile) -> Generator[Line, None, None]:
    try:
        width = 0
        for number, cells in workbook.rows(0):
            # A blank that is written is no cell too much.
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            if not "".join(cells).strip():
                continue
            _check_cells(number, cells)
            width = width or len(cells)
            yield Line(number, cells + [""] * (width - len(cells)), is_open=True)
    except BadWorkbookError as bad:
        raise TicketFileInvalid(str(bad)) from None


def _check_cells(number: int, cells: list[str]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise TicketFileInvalid(f"Row {number} has {len(cells)} columns; at most {MAX_COLUMNS} are read.")
    if cells and max(map(len, cells)) > MAX_CELL:
        raise TicketFileInvalid(f"A cell of row {number} has more than {MAX_CELL} characters.")
