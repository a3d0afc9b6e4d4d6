"""Tables for spreadsheets, in which nothing is ever run."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def make_csv(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Return a table as CSV (UTF-8, with the mark by which Excel knows it).

    Text that a spreadsheet would take for a formula is marked as text.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_as_text(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _as_text(cell: Any) -> str:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return str(cell)
