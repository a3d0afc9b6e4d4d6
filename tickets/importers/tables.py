"""A CSV or XLSX file as rows of text, read as a stream: however long it is, a few rows are in memory."""

import codecs
import csv
import io
import zipfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from openpyxl import load_workbook

from core.errors import DomainError
from tickets.errors import TicketFileInvalid

#: Beyond these a file is no list of tickets, or was made to exhaust the server.
MAX_BYTES = 200 * 2**20
MAX_UNPACKED_BYTES = 600 * 2**20
MAX_PACKING = 200
MAX_COLUMNS = 200
MAX_CELL = 2_000

_CHUNK = 2**20
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Line:
    """One row that is not blank: its number in the file from 1 (a sheet's row, a text's line), and its cells."""

    number: int
    cells: list[str]


def read_lines(file: BinaryIO) -> Generator[Line, None, None]:
    """Read a file's rows in order, blank ones left out; whether it is CSV or XLSX its own first bytes say.

    UTF-8 and UTF-16 with their marks, UTF-8 without, and else Latin-1; any line ends; quoted commas and line ends.

    :raises TicketFileInvalid: too large, not text and not XLSX, or quotes that never end
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MAX_BYTES:
        raise TicketFileInvalid(f"The file is larger than {MAX_BYTES // 2**20} MB.")
    if size == 0:
        raise TicketFileInvalid("The file is empty.")
    is_zip = file.read(4) == _ZIP
    file.seek(0)
    return _read_sheet(file) if is_zip else _read_text(file)


def _read_text(file: BinaryIO) -> Generator[Line, None, None]:
    encoding = _find_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        rows = csv.reader(_refuse_binary(text), strict=True)
        before = 0
        for cells in rows:
            number, before = before + 1, rows.line_num
            _check_cells(number, cells)
            if any(cell.strip() for cell in cells):
                yield Line(number, cells)
    except csv.Error as problem:
        raise TicketFileInvalid(f"The file can't be read as CSV after line {before}: {problem}.") from None
    except UnicodeError:
        raise TicketFileInvalid("The file is not text.") from None
    finally:
        # The file is its owner's to close.
        text.detach()


def _refuse_binary(text: io.TextIOWrapper) -> Iterator[str]:
    for line in text:
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


def _read_sheet(file: BinaryIO) -> Generator[Line, None, None]:
    _refuse_bomb(file)
    try:
        workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            sheets = workbook.worksheets
            if not sheets:
                raise TicketFileInvalid("The workbook has no sheet.")
            width = 0
            for number, values in enumerate(sheets[0].iter_rows(values_only=True), start=1):
                cells = [_cell_text(value) for value in values]
                # A sheet pads its rows, and drops blank cells at their end: only what is beyond the head is too much.
                while cells and not cells[-1].strip() and len(cells) > width:
                    cells.pop()
                if not any(cell.strip() for cell in cells):
                    continue
                _check_cells(number, cells)
                width = width or len(cells)
                yield Line(number, cells + [""] * (width - len(cells)))
        finally:
            workbook.close()
    except DomainError:
        raise
    except Exception as problem:  # openpyxl answers a damaged workbook with whatever went wrong inside it
        raise TicketFileInvalid(f"The workbook can't be read ({type(problem).__name__}).") from problem


def _refuse_bomb(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeError):
        raise TicketFileInvalid("The workbook is damaged.") from None
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_PACKING * packed + 2**20:
        raise TicketFileInvalid("The workbook unpacks to more than a list of tickets could.")
    file.seek(0)


def _cell_text(value: Any) -> str:
    """A sheet's value as a text file would have it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime():
            return f"{value:%m/%d/%Y}" if value.time() == time.min else f"{value:%m/%d/%Y %H:%M:%S}"
        case date():
            return f"{value:%m/%d/%Y}"
        case time():
            return f"{value:%H:%M:%S}"
        case timedelta():
            return str(value)
        case float() if value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        case _:
            return str(value)


def _check_cells(number: int, cells: list[str]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise TicketFileInvalid(f"Row {number} has {len(cells)} columns; at most {MAX_COLUMNS} are read.")
    if any(len(cell) > MAX_CELL for cell in cells):
        raise TicketFileInvalid(f"A cell of row {number} has more than {MAX_CELL} characters.")
