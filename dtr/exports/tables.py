"""The DTRs of a week as tables: CSV with a row for each DTR, XLSX with their lines besides.

Nothing in them is ever run: text that a spreadsheet would take for a formula is marked as text.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from openpyxl import Workbook

from core.sheets import fill_sheet, make_csv
from core.weeks import Week
from dtr import selectors
from dtr.models import Dtr
from ledger import selectors as ledger
from ledger.money import ZERO

_COLUMNS = [
    "DTR", "Week ending", "Driver", "TLC license", "Lease", "Cab", "Activity through",
    "Card trips", "Card, gross", "Cash trips", "Cash", "Other trips", "Other", "Trip taxes",
    "Owed, brought forward", "Balance from before", "Charged", "Corrected", "Paid by the driver", "Paid from credits",
    "Paid from the deposit", "Payments undone", "Written off", "Write-offs undone",
    "Owed and due", "Fallen due since", "Owed, due later", "Held", "Deposits", "Net due for the week",
    "Day of the seal", "Payable on that day",
]  # fmt: skip
_LINE_COLUMNS = [
    "DTR", "Driver", "Side", "Category", "Brought forward", "Balance from before", "Charged or received",
    "Corrected", "Receipts voided", "Paid or used as named", "By priority", "From the deposit", "Payments undone",
    "Written off", "Write-offs undone", "Paid out", "Payouts undone", "Carried forward",
]  # fmt: skip
_LINE_FIELDS = ("opening", *ledger.MOVEMENT_COLUMNS, "closing")
_OWED_FIELDS = (
    "opening", "from_before", "opened", "corrected", "paid", "applied", "from_deposit", "undone", "written_off",
    "write_offs_undone",
)  # fmt: skip


def week_as_csv(week: Week) -> bytes:
    """Return the DTRs of a week as CSV, a row for each (UTF-8, with the mark by which Excel knows it)."""
    return make_csv(_COLUMNS, (_row_of(dtr) for dtr in _list_week(week)))


def week_as_xlsx(week: Week) -> bytes:
    """Return the DTRs of a week as a workbook: a sheet of DTRs, and a sheet of their lines by category."""
    dtrs = list(_list_week(week))
    book = Workbook(write_only=True)
    fill_sheet(book, "DTRs", _COLUMNS, (_row_of(dtr) for dtr in dtrs))
    fill_sheet(book, "Lines", _LINE_COLUMNS, (row for dtr in dtrs for row in _line_rows_of(dtr)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _list_week(week: Week) -> Iterable[Dtr]:
    return selectors.list_dtrs().filter(week=week.end).order_by("number").prefetch_related("lines")


def _row_of(dtr: Dtr) -> list[Any]:
    owed = [line for line in dtr.lines.all() if line.is_obligation]
    return [
        dtr.reference_id,
        dtr.week_id,
        dtr.driver_name,
        dtr.tlc_license,
        dtr.lease_name,
        dtr.medallion,
        timezone.localtime(dtr.sealed_at).replace(tzinfo=None, microsecond=0),
        dtr.card_trips,
        dtr.card_total,
        dtr.cash_trips,
        dtr.cash_total,
        dtr.other_trips,
        dtr.other_total,
        dtr.taxes_total,
        *(sum((getattr(line, column) for line in owed), ZERO) for column in _OWED_FIELDS),
        dtr.owed_due,
        dtr.owed_since,
        dtr.owed_later,
        dtr.held,
        dtr.deposits,
        dtr.net_due,
        dtr.sealed_on,
        dtr.payable,
    ]


def _line_rows_of(dtr: Dtr) -> Iterator[list[Any]]:
    for line in dtr.lines.all():
        yield [
            dtr.reference_id,
            f"{dtr.driver.last_name}, {dtr.driver.first_name}",
            line.get_entry_type_display(),
            line.get_category_display(),
            *(getattr(line, column) for column in _LINE_FIELDS),
        ]
