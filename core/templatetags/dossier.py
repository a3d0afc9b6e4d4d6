"""Tables of the page of a driver, vehicle or lease (``core/dossier.py``)."""

from collections.abc import Sequence
from typing import Any

from django import template

from core.dossier import Linked

register = template.Library()


@register.filter
def is_number(column: str) -> bool:
    """Whether a column's cells are figures."""
    return column.endswith("#")


@register.filter
def head(column: str) -> str:
    """Return the title of a column."""
    return column.removesuffix("#")


@register.filter
def beside(cells: Sequence[Any], columns: Sequence[str]) -> list[tuple[str, Any]]:
    """Return the cells of a row, each with its column."""
    return list(zip(columns, cells, strict=True))


@register.filter
def leads(cell: Any) -> bool:
    """Whether a cell leads to a page of its own."""
    return isinstance(cell, Linked)
