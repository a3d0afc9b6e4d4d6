"""Rows as a file for a spreadsheet, a report's or a list's: written whole before it is sent, and never too long."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.http import FileResponse

from core.replica import mark_as_of, read_where_fresh
from core.sheets import write_csv, write_xlsx
from core.streams import SentFile

#: Rows that a file holds at most; a workbook takes its time.
MOST_ROWS = {"csv": 1_000_000, "xlsx": 100_000}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class TooManyRowsError(Exception):
    """The file would have more rows than one may."""


def answer_file(form: str, name: str, title: str, heads: Sequence[str], rows: Iterable[Iterable[Any]]) -> FileResponse:
    """Return rows as a file of that form (``csv`` or ``xlsx``), which a browser saves as ``name``.

    :raises TooManyRowsError: by ``rows``, when there are more than one may
    """
    # Written before it is sent: a slow reader holds no connection, and half a file is never one.
    file: Any = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
    if form == "csv":
        write_csv(file, heads, rows)
    else:
        write_xlsx(file, title, heads, rows)
    file.seek(0)
    return SentFile(file, as_attachment=True, filename=f"{name}.{form}", content_type=TYPES[form])


def answer_where_fresh(answer: Callable[[], FileResponse]) -> FileResponse:
    """Return a file that ``answer`` writes, of what a replica has where one keeps up; it may be called twice."""
    read = read_where_fresh(answer)
    return mark_as_of(read.answer, read.as_of)


def limit_rows(rows: Iterable[Any], most: int) -> Iterator[Any]:
    """Yield the rows.

    :raises TooManyRowsError: there are more than ``most``
    """
    for place, row in enumerate(rows):
        if place == most:
            raise TooManyRowsError
        yield row


def say_too_many(form: str) -> str:
    what = "a CSV file" if form == "csv" else "a workbook; CSV takes more"
    return f"That is more than {MOST_ROWS[form]:,} rows, too many for {what}. Ask for less."
