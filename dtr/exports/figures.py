"""The two tables of a DTR, and how its amounts and days are written; the page in the admin shows the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from dtr.models import DtrLine
from ledger.categories import Category
from ledger.money import ZERO

#: The columns, with their heads and signs, in the order in which a row adds up; those with a star always stand.
_OWED = (
    ("opening*", "Brought forward", 1),
    ("from_before", "Balance from before", 1),
    ("opened*", "Charged", 1),
    ("corrected", "Corrected", 1),
    ("paid", "Paid by you", -1),
    ("applied*", "From your credits", -1),
    ("from_deposit", "From your deposit", -1),
    ("undone", "Payments undone", 1),
    ("written_off", "Written off", -1),
    ("write_offs_undone", "Write-offs undone", 1),
    ("closing*", "Carried forward", 1),
)
_HELD = (
    ("opening*", "Brought forward", 1),
    ("from_before", "Balance from before", 1),
    ("opened*", "Received", 1),
    ("receipts_voided", "Receipts voided", -1),
    ("paid", "Used as you asked", -1),
    ("applied*", "Used by priority", -1),
    ("undone", "Uses undone", 1),
    ("paid_out", "Paid out", -1),
    ("payouts_undone", "Payouts undone", 1),
    ("closing*", "Carried forward", 1),
)


@dataclass(frozen=True, slots=True)
class FiguresTable:
    """A table as text: the heads, a row for each category, and the sum of each column; each row adds up."""

    names: list[str]
    rows: list[list[str]]
    total: list[str]


def tabulate_owed(lines: Sequence[DtrLine]) -> FiguresTable | None:
    """What is owed, by category; None where nothing is and nothing moved."""
    return _tabulate([line for line in lines if line.is_obligation], _OWED)


def tabulate_held(lines: Sequence[DtrLine]) -> FiguresTable | None:
    """What is held to be used or paid out, by category, without deposits."""
    return _tabulate([line for line in lines if not line.is_obligation and not _is_deposit(line)], _HELD)


def tabulate_deposits(lines: Sequence[DtrLine]) -> FiguresTable | None:
    return _tabulate([line for line in lines if _is_deposit(line)], _HELD)


def _is_deposit(line: DtrLine) -> bool:
    return line.category == Category.DEPOSIT


def _tabulate(lines: Sequence[DtrLine], columns: Sequence[tuple[str, str, int]]) -> FiguresTable | None:
    if not lines:
        return None
    shown = [
        (name.rstrip("*"), title, sign)
        for name, title, sign in columns
        if name.endswith("*") or any(getattr(line, name) for line in lines)
    ]
    return FiguresTable(
        names=["", *(title for _, title, _ in shown)],
        rows=[
            [line.get_category_display(), *(dash(sign * getattr(line, name)) for name, _, sign in shown)]
            for line in lines
        ],
        total=[
            "Together",
            *(plain(sum((sign * getattr(line, name) for line in lines), ZERO)) for name, _, sign in shown),
        ],
    )


def plain(amount: Decimal) -> str:
    return f"{amount + ZERO:,.2f}".replace("-", "−")


def dash(amount: Decimal) -> str:
    return plain(amount) if amount else "–"


def day(day_: date, *, year_of: date | None = None) -> str:
    """``Nov 15``, with its year where that is not the year of the week."""
    return f"{day_:%b %-d}" if year_of is None or day_.year == year_of.year else f"{day_:%b %-d, %Y}"


def moment(moment_: datetime) -> str:
    return f"{timezone.localtime(moment_):%b %-d, %Y, %-I:%M %p}"
