"""Tables for spreadsheets, in which nothing is ever run."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

#: What a spreadsheet takes for a formula: these signs and their wide forms, also behind blanks, quotes and what can't
#: be seen; and whatever begins with a tab or a line break.
_FORMULA = re.compile("[\\s\"'`‘’“”\u200b-\u200f\u2060\ufeff]*[=+\\-@＝＋－＠﹦﹢﹣﹫]|[\\t\\r\\n]")
_NUMBER = re.compile(r"[-+]?[0-9][0-9,]*(\.[0-9]+)?")
#: Beside what openpyxl refuses, what no XML may have. (A workbook with either would not open.)
_NOT_IN_XML = re.compile(f"{ILLEGAL_CHARACTERS_RE.pattern}|[\ud800-\udfff\ufffe\uffff]")
#: By which Excel knows that the text is UTF-8.
_MARK = b"\xef\xbb\xbf"
_MONEY_FORMAT = "#,##0.00"
_WIDTH = 16


def make_csv(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Return a table as CSV (UTF-8, with the mark by which Excel knows it).

    Text that a spreadsheet would take for a formula is marked as text.
    """
    out = io.BytesIO()
    write_csv(out, columns, rows)
    return out.getvalue()


def write_csv(file: BinaryIO, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write what :func:`make_csv` returns, row by row."""
    file.write(_MARK)
    out = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_as_csv(cell) for cell in row] for row in rows)
    out.flush()
    out.detach()


def write_xlsx(file: BinaryIO, title: str, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a workbook of one sheet, row by row."""
    book = Workbook(write_only=True)
    fill_sheet(book, title, columns, rows)
    book.save(file)


def fill_sheet(book: Workbook, title: str, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Add a sheet to a workbook that is only written; dollars have two places, and text is never a formula."""
    # A sheet's name has at most 31 characters.
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTH
    heads = [WriteOnlyCell(sheet, value=column) for column in columns]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in rows:
        sheet.append([_as_cell(sheet, value) for value in row])


def mark_text(text: str) -> str:
    """Return free text as a cell of a text file: an apostrophe before what would be run, no control characters.

    A number stays one, whatever its sign.
    """
    # Most cells, at once.
    if text.isalnum() and text.isascii():
        return text
    text = _NOT_IN_XML.sub("", text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _as_csv(cell: Any) -> str:
    if isinstance(cell, str):
        return mark_text(cell)
    return "" if cell is None else str(cell)


def _as_cell(sheet: Any, value: Any) -> WriteOnlyCell:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=_NOT_IN_XML.sub("", value))
        cell.data_type = "s"  # never a formula, whatever it begins with
        return cell
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, Decimal):
        cell.number_format = _MONEY_FORMAT
    return cell
