"""Tables of the page of a driver, vehicle or lease (``core/dossier.py``)."""

import re
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from core.dossier import Linked

register = template.Library()
_WHOLE = re.compile(r"[A-Z][a-z]{2} \d{1,2}(?:, \d{4})?(?!\d)|\d{1,2}:\d\d [AP]M")


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


@register.filter
def whole_moments(cell: Any) -> SafeString:
    """The cell, with each day and each hour on one line however narrow the column is."""
    text = _WHOLE.sub(r'<span class="nowrap">\g<0></span>', conditional_escape(cell))
    return mark_safe(text)  # nosec B308 B703  # escaped before
