"""Tables of a driver's page (``core/dossier.py``)."""

from collections.abc import Sequence
from typing import Any

from django import template

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
