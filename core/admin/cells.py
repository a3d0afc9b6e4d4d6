"""Money in the cells of a list, written in one place: a true minus, a dash for nothing, what was voided struck."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.html import format_html, strip_tags

from core.reports.columns import MINUS, NOTHING, say_figure

#: Columns of dollars by their names: in a file they are numbers, and ``admin.css`` sets them to the right.
_NAMES = {"money", "debit", "credit", "original", "still_open", "dollars", "taxes"}


def is_money(column: str) -> bool:
    return column in _NAMES or column.endswith("_money")


def money_cell(amount: Decimal | None, *, is_void: bool = False) -> str:
    """Return a cell of dollars; ``is_void`` is what was voided, and is in no sum."""
    if amount is None:
        return ""
    told = say_figure(amount) if amount else NOTHING
    return format_html("<s>{}</s>", told) if is_void else told


def read_money(cell: str) -> Decimal | None:
    """Return the dollars of a cell, as a file holds them."""
    told = strip_tags(cell).replace(",", "").replace(MINUS, "-").replace(NOTHING, "0.00")
    return Decimal(told) if told else None


def money_column(field: str, title: str) -> Callable[..., str]:
    """Return a column of a field of dollars, sorted by it; its name in the list ends in ``_money``."""

    @admin.display(description=title, ordering=field)
    def cell(its: Any, record: Model) -> str:
        return money_cell(getattr(record, field), is_void=its.is_void(record))

    return cell
