"""An opening workbook as checked rows, and the empty workbook to fill in. No writes."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from core.weeks import week_of
from core.words import say_full_day
from core.workbooks import NEVER_RECKONED, RECKON_FIRST, ZIP_MARK, BadWorkbookError, Limits, WorkbookFile
from golive.errors import CellError, CellInvalid, OpeningRefused, UnreadableWorkbook
from golive.rules import ACCOUNTS, CONTROL, CUT_OVER, SHEETS, Column, Row, Sheet, describe, read_cell, to_text
from ledger.money import ZERO
from ledger.selectors import OPENED_ACCOUNTS

#: Beyond these a file is no opening of a fleet, or was made to exhaust the server.
MAX_BYTES = 20 * 2**20
LIMITS = Limits(unpacked=200 * 2**20, rows=100_000, columns=50, cells=2_000_000)
_TEMPLATE_ROWS = 1_000

#: A workbook's sheets by name: each row that has cells, with its number, as they are shown.
Pages = dict[str, list[tuple[int, list[str]]]]
Refuse = Callable[[CellError], None]


@dataclass(frozen=True, slots=True)
class Opening:
    """A workbook in which every cell is good and the control totals agree. ``cut_on`` is the first day kept here."""

    cut_on: date
    rows: dict[str, list[Row]]

    def sum_of(self, sheet: Sheet) -> Decimal:
        return sum_money(sheet, self.rows[sheet.name])


def read_opening(content: bytes, *, today: date) -> Opening:
    """Read a workbook and check all of it by itself.

    :raises UnreadableWorkbook: it is no XLSX workbook
    :raises OpeningRefused: with all that is wrong
    """
    return check_pages(read_pages(content), today=today)


def read_pages(content: bytes) -> Pages:
    """Read what stands in a workbook, whatever it is. This takes as long as the file pleases, within its bounds.

    :raises UnreadableWorkbook: it is no XLSX workbook, or larger than an opening
    """
    if len(content) > MAX_BYTES:
        raise UnreadableWorkbook(f"The file is larger than {MAX_BYTES // 2**20} MB.")
    if not content.startswith(ZIP_MARK):
        raise UnreadableWorkbook("The file is not an XLSX workbook.")
    try:
        book = WorkbookFile(io.BytesIO(content), LIMITS)
        return {
            name.strip(): [(number, [text.replace("\0", " ") for text in cells]) for number, cells in book.rows(place)]
            for place, name in enumerate(book.sheets)
        }
    except BadWorkbookError as bad:
        raise UnreadableWorkbook(str(bad)) from None


def check_pages(pages: Pages, *, today: date) -> Opening:
    """Check what was read, by itself: heads, cells, repeated rows, the cut-over and the totals.

    :raises OpeningRefused: with all that is wrong
    """
    errors: list[CellError] = []
    for name in sorted(pages.keys() - {sheet.name for sheet in (CUT_OVER, *SHEETS, CONTROL)}):
        errors.append(CellError(name, 0, "", "There is no such sheet in an opening workbook."))
    read = {sheet.name: _read_sheet(sheet, pages.get(sheet.name), errors.append) for sheet in (*SHEETS, CONTROL)}
    cut_on = _find_cut_over(_read_sheet(CUT_OVER, pages.get(CUT_OVER.name), errors.append), today, errors)
    if not errors:
        _check_totals(read, errors.append)
    if errors or cut_on is None:
        raise OpeningRefused(errors)
    return Opening(cut_on, {sheet.name: read[sheet.name] for sheet in SHEETS})


def sum_money(sheet: Sheet, rows: Sequence[Row]) -> Decimal:
    """The dollars of a sheet's rows; zero where it has none."""
    return sum((row[sheet.money] for row in rows), start=ZERO) if sheet.money else ZERO


def make_template() -> bytes:
    """Return the workbook to fill in: every sheet with its heads, and the control totals of an empty one.

    Each head has a note of what its column wants, and a column of few words is a list to choose from.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in (CUT_OVER, *SHEETS, CONTROL):
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        page.append([column.name for column in sheet.columns])
        for number, column in enumerate(sheet.columns, start=1):
            head = page.cell(row=1, column=number)
            head.font = Font(bold=column.required)
            page.column_dimensions[head.column_letter].width = 20
            head.comment = Comment(describe(column), "Fleet ledger", height=90, width=260)
            choices = column.choices or (OPENED_ACCOUNTS if (sheet, column.name) == (ACCOUNTS, "Account") else ())
            if choices:
                _offer(page, head.column_letter, column.name, choices)
            # As text, a license or an invoice number keeps the zeros that it begins with.
            if column.holds in ("text", "code", "reference") and sheet is not CONTROL:
                for row in range(2, _TEMPLATE_ROWS):
                    page.cell(row=row, column=number).number_format = "@"
    for sheet in SHEETS:
        book[CONTROL.name].append([sheet.name, 0, 0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _offer(page: Any, letter: str, name: str, choices: Sequence[str]) -> None:
    """Have a column's cells chosen from a list; a spreadsheet takes 255 characters of one."""
    offered = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    offered.showErrorMessage = True
    offered.errorTitle, offered.error = name, f"One of: {', '.join(choices)}."[:255]
    offered.add(f"{letter}2:{letter}{_TEMPLATE_ROWS}")
    page.add_data_validation(offered)


def _read_sheet(sheet: Sheet, page: list[tuple[int, list[str]]] | None, refuse: Refuse) -> list[Row]:
    if page is None:
        refuse(CellError(sheet.name, 0, "", "The sheet is missing."))
        return []
    head = page[0][1] if page and page[0][0] == 1 else []
    places = _find_columns(sheet, head, refuse)
    rows: list[Row] = []
    first_at: dict[str, int] = {}
    for number, values in page:
        if number == 1 or not any(to_text(value) for value in values):
            continue
        cells: dict[str, Any] = {}
        for column in sheet.columns:
            place = places.get(column.name)
            if place is None:
                continue
            try:
                cells[column.name] = _read_cell(values[place] if place < len(values) else "", column)
            except CellInvalid as wrong:
                refuse(CellError(sheet.name, number, column.name, str(wrong)))
        for place, value in enumerate(values):
            if to_text(value) and place not in places.values() and not _head_of(head, place):
                refuse(CellError(sheet.name, number, "", f"A cell beyond the columns: {to_text(value)!r}."))
        key = sheet.key_of(cells.get(sheet.key))
        if key and first_at.setdefault(key, number) != number:
            refuse(CellError(sheet.name, number, sheet.key, f"{cells[sheet.key]} is in row {first_at[key]} already."))
        if len(cells) == len(sheet.columns):
            rows.append(Row(sheet.name, number, cells))
    return rows


def _read_cell(value: str, column: Column) -> Any:
    if value == NEVER_RECKONED:
        raise CellInvalid(RECKON_FIRST)
    return read_cell(value, column)


def _head_of(head: list[str], place: int) -> str:
    return to_text(head[place]) if place < len(head) else ""


def _find_columns(sheet: Sheet, head: list[str], refuse: Refuse) -> dict[str, int]:
    """Where each column is, by its head."""
    known = {column.name.casefold(): column.name for column in sheet.columns}
    places: dict[str, int] = {}
    for place, value in enumerate(head):
        text = to_text(value)
        name = known.get(text.casefold())
        if not text:
            continue
        if name is None:
            refuse(CellError(sheet.name, 1, text, "There is no such column."))
        elif name in places:
            refuse(CellError(sheet.name, 1, name, "The column is there twice."))
        else:
            places[name] = place
    for name in known.values():
        if name not in places:
            refuse(CellError(sheet.name, 1, name, "The column is missing."))
    return places


def _find_cut_over(rows: list[Row], today: date, errors: list[CellError]) -> date | None:
    if len(rows) != 1:
        # A bad date is an error of its own already.
        if not any(wrong.sheet == CUT_OVER.name for wrong in errors):
            errors.append(CellError(CUT_OVER.name, 0, "Date", "Exactly one date is wanted."))
        return None
    day: date = rows[0]["Date"]
    if week_of(day).start != day:
        errors.append(
            CellError(
                CUT_OVER.name, rows[0].number, "Date", f"{say_full_day(day)} is not a Sunday, where a week begins."
            )
        )
    elif day > today:
        errors.append(CellError(CUT_OVER.name, rows[0].number, "Date", f"{say_full_day(day)} lies in the future."))
    return day


def _check_totals(read: dict[str, list[Row]], refuse: Refuse) -> None:
    """The totals that a person wrote down, of another source than the rows, against the rows."""
    controls = {row["Sheet"]: row for row in read[CONTROL.name]}
    for sheet in SHEETS:
        control = controls.get(sheet.name)
        if control is None:
            refuse(CellError(CONTROL.name, 0, "Sheet", f"No totals are given for {sheet.name}."))
            continue
        rows = read[sheet.name]
        for column, found in (("Rows", len(rows)), ("Dollars", sum_money(sheet, rows))):
            if control[column] != found:
                sentence = f"{sheet.name} should come to {control[column]:,}, and comes to {found:,}."
                refuse(CellError(CONTROL.name, control.number, column, sentence))
