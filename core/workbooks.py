"""An XLSX workbook's sheets as rows of text, as its cells are shown, read as a stream: a few rows are in memory.

Whoever made it, a workbook costs no more than its :class:`Limits` say. Numbers come in their shortest decimal form,
days as MM/DD/YYYY, times as HH:MM:SS, both where a cell shows both. Formulas come as what they last came to, or as
:data:`NEVER_RECKONED`.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from core.packages import BadPackageError, refuse_hostile

#: By which these files are told from text.
ZIP_MARK = b"PK\x03\x04"
#: How a formula comes of which the file does not hold what it comes to: a program wrote it, and no spreadsheet read it.
NEVER_RECKONED = "(a formula that was never reckoned)"
#: What its reader is told.
RECKON_FIRST = "It is a formula that was never reckoned: save the workbook in a spreadsheet first."


class BadWorkbookError(ValueError):
    """The file can't be read as a workbook; its sentence says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a workbook may come to at most: bytes unpacked, rows and columns of a sheet, cells of all sheets read.

    ``packing`` is how many times larger it may be unpacked than it is.
    """

    unpacked: int
    rows: int
    columns: int
    cells: int = 10_000_000
    packing: int = 200


class WorkbookFile:
    """An open workbook: the names of its sheets in order, and the rows of each."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits, self._cells_left = limits, limits.cells
        try:
            refuse_hostile(file, unpacked=limits.unpacked, packing=limits.packing)
            self._book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except BadPackageError as bad:
            raise BadWorkbookError(str(bad)) from None
        except Exception as problem:  # openpyxl answers a damaged workbook with whatever went wrong inside it
            raise BadWorkbookError(f"The workbook can't be read ({type(problem).__name__}).") from problem

    @property
    def sheets(self) -> list[str]:
        return [sheet.title for sheet in self._book.worksheets]

    def list_others(self, *, sheets: int, rows: int) -> Iterator[tuple[str, list[list[str]]]]:
        """Read what the sheets behind the first begin with: the name of each that is shown, and its rows with cells.

        So many ``sheets`` are looked at, and so many ``rows`` of each. What several sheets name is read once, so that
        all of them cost no more than the file could hold. Behind what can't be read there is nothing.
        """
        seen = {self._book.worksheets[0]._worksheet_path}
        for place, sheet in islice(enumerate(self._book.worksheets), 1, sheets + 1):
            if sheet.sheet_state != "visible" or sheet._worksheet_path in seen:
                continue
            seen.add(sheet._worksheet_path)
            begins: list[list[str]] = []
            with suppress(BadWorkbookError):
                begins.extend(cells for _, cells in self.rows(place, until=rows))
            yield sheet.title, begins

    def rows(self, place: int, *, until: int | None = None) -> Iterator[tuple[int, list[str]]]:
        """Read a sheet, the first being 0: each row that has cells, with its number, cut behind its last filled cell.

        ``until`` is the number of the last row that is read.

        :raises BadWorkbookError: it is damaged or larger than the limits
        """
        try:
            for number, values in self._list_values(self._book.worksheets[place]):
                if until is not None and number > until:
                    return
                if number > self._limits.rows:
                    raise BadWorkbookError(f"The sheet has more than {self._limits.rows:,} rows.")
                cells = self._read_row(number, values)
                if cells:
                    yield number, cells
        except BadWorkbookError:
            raise
        except Exception as problem:  # as above
            raise BadWorkbookError(f"The workbook can't be read ({type(problem).__name__}).") from problem

    def _list_values(self, sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """What openpyxl's own ``iter_rows`` lists, by a parser of ours; a row is as long as its cells."""
        book, last = self._book, 0
        with sheet._get_source() as source:
            parser = _Parser(
                source,
                sheet._shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            for number, cells in parser.parse():
                # One that goes back says what was told already, or nothing.
                if number > last:
                    yield number, sheet._get_row(cells, values_only=True)
                    last = number

    def _read_row(self, number: int, values: tuple[Any, ...]) -> list[str]:
        cells = [_say(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > self._limits.columns:
            limit = self._limits.columns
            raise BadWorkbookError(f"Row {number} has {len(cells)} columns; at most {limit} are read.")
        self._cells_left -= len(values)
        if self._cells_left < 0:
            raise BadWorkbookError(f"The workbook has more than {self._limits.cells:,} cells.")
        return cells


class _Parser(WorkSheetParser):
    """Tells a formula without its value from an empty cell. Of one that came to an empty text, its type says so."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
            cell["value"] = NEVER_RECKONED
        return cell


def _say(value: Any) -> str:
    """A cell's value as it is shown."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return str(value).upper()
        case int():
            return str(value)
        case float():
            return _say_number(value)
        case datetime():
            day = _say_day(value)
            return day if value.time() == time.min else f"{day} {value:%H:%M:%S}"
        case date():
            return _say_day(value)
        case time():
            return f"{value:%H:%M:%S}"
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
        case _:
            return str(value)


def _say_day(day: date) -> str:
    return f"{day.month:02d}/{day.day:02d}/{day.year:04d}"


def _say_number(number: float) -> str:
    if number.is_integer() and abs(number) < 10**15:
        return str(int(number))
    # A spreadsheet shows fifteen digits; what is behind them is how the number is kept.
    return repr(float(f"{number:.15g}"))
