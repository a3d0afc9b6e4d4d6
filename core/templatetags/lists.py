"""The rows of a list: written short, and each column worked out once and not with every row."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import template
from django.contrib.admin.utils import lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import DateField, DateTimeField, Field, ForeignKey, ManyToOneRel, Model, TimeField
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_field, display_for_label, display_for_value

from core.list_columns import Teller, find_teller

register = template.Library()

#: Letters of a cell that stay on one line, and from how many on it has room for several words in a line.
MOST_ON_A_LINE, FEWEST_OF_WORDS = 16, 32
#: Signs of a record's own reference that stay on one line.
MOST_OF_A_REFERENCE = 18
#: Columns from which a list is written smaller, so that a window of 1,280 pixels shows all of them.
FEWEST_OF_DENSE = 10
#: ``/admin/ledger/``: the page of an app, above those of its models.
_SLASHES_OF_APP = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its name, its head as each cell says it on a phone, and whether it leads to the record."""

    name: str
    head: SafeString
    is_link: bool
    is_first: bool
    #: What stands for no value.
    empty: str
    #: What the list's admin says of a record there; None where the column is the record's own.
    tell: Teller | None
    #: What is shown for each value of it that was met: a label is three templates deep.
    labels: dict[Any, str] = field(default_factory=dict)


@register.filter
def counted(rows: int) -> str:
    """Return how many rows there are, as people write it."""
    return f"{rows:,}"


@register.filter
def without_apps(parts: list[dict[str, Any]], request: HttpRequest) -> list[dict[str, Any]]:
    """Return where a page is: without the app of its model, and below the list that the page has named itself.

    A page that the menu itself leads to (``is_own_place`` of the request) is below nothing.
    """
    if getattr(request, "is_own_place", False):
        return parts[-1:]
    shown = parts[1:] if len(parts) > 1 and str(parts[0].get("link", "")).count("/") == _SLASHES_OF_APP else parts
    above = getattr(request, "page_above", None)
    return [above, *shown] if above and len(shown) == 1 else shown


@register.inclusion_tag("core/list_rows.html", takes_context=True)
def list_rows(context: Any, cl: ChangeList) -> dict[str, Any]:
    """Write the table of a list, as Unfold does, whose own works out all heads anew for each row."""
    heads = list(result_headers(cl))
    columns = list(_list_columns(cl, heads))
    return {
        "cl": cl,
        "result_headers": heads,
        "num_sorted_fields": sum(bool(head["sortable"] and head["sorted"]) for head in heads),
        "rows": [_write_row(cl, columns, record) for record in cl.result_list],
        "is_dense": len(columns) >= FEWEST_OF_DENSE,
        "has_add_permission": context.get("has_add_permission"),
        "is_popup": cl.is_popup,
    }


def _list_columns(cl: ChangeList, heads: list[dict[str, Any]]) -> Iterator[Column]:
    links = cl.list_display_links
    empty = cl.model_admin.get_empty_value_display()
    first = True
    for name, head in zip(cl.list_display, heads, strict=True):
        said = "Choose" if name == "action_checkbox" else capfirst(str(head["text"]))
        is_link = links is not None and (name in links or (first and not links))
        yield Column(str(name), escape(said), is_link, is_link and first, empty, find_teller(cl, str(name)))
        first = first and not is_link


def _write_row(cl: ChangeList, columns: list[Column], record: Model) -> SafeString:
    url = _find_url(cl, record) if any(column.is_link for column in columns) else ""
    return mark_safe("".join(_write_cell(cl, column, record, url) for column in columns))  # nosec B308  # cells are safe


def _find_url(cl: ChangeList, record: Model) -> str:
    try:
        url = cl.url_for_result(record)
    except NoReverseMatch:
        return ""
    # As Django's add_preserved_filters, which asks of each row's address anew which page it is: a record's, here.
    return f"{url}?{cl.preserved_filters}" if cl.preserved_filters else url


def _write_cell(cl: ChangeList, column: Column, record: Model, url: str) -> str:
    shown, kind = _show(cl, column, record)
    looks = "action-checkbox list-cell"
    if column.name != "action_checkbox":
        looks = f"field-{column.name} list-cell{_find_width(column.name, shown, kind)}"
    told = conditional_escape(shown)
    if column.is_link and url:
        key = record.serializable_value(cl.to_field or cl.lookup_opts.pk.attname)
        opener = f' data-popup-opener="{escape(key)}"' if cl.is_popup else ""
        told = mark_safe(f'<a href="{escape(url)}" class="list-link"{opener}>{told}</a>')  # nosec B308  # all escaped
    tag = "th" if column.is_first else "td"
    return f'<{tag} class="{looks}" data-label="{column.head}">{told}</{tag}>'


def _find_width(name: str, shown: Any, kind: type[Field] | None) -> str:
    """Return the class of a cell by what it holds: what is never broken, and what may be and where."""
    if kind is not None and issubclass(kind, DateTimeField):
        return " is-moment"
    if kind is not None and issubclass(kind, DateField | TimeField):
        return " nowrap"
    is_name = kind is not None and issubclass(kind, ForeignKey)
    size = len(str(shown)) if is_name or not isinstance(shown, SafeString) else 0
    if name in ("__str__", "reference_id"):
        return " nowrap" if size <= MOST_OF_A_REFERENCE else " is-long"
    if 0 < size <= MOST_ON_A_LINE:
        return " nowrap"
    if is_name:
        return " is-name"
    return " is-words" if size > FEWEST_OF_WORDS else ""


def _show(cl: ChangeList, column: Column, record: Model) -> tuple[Any, type[Field] | None]:
    """Return what a cell shows, and of what kind its field is; None where it is told in the admin's own words."""
    empty = column.empty
    try:
        of_table, its, value = (
            (None, column.tell, column.tell(record))
            if column.tell
            else lookup_field(column.name, record, cl.model_admin)
        )
    except ObjectDoesNotExist:
        return empty, None
    if of_table is not None and not of_table.auto_created:
        if isinstance(of_table.remote_field, ManyToOneRel):
            shown = getattr(record, of_table.name)
            return (empty if shown is None else shown), type(of_table)
        return display_for_field(value, of_table, empty), type(of_table)
    empty = getattr(its, "empty_value_display", empty)
    if label := getattr(its, "label", False):
        if value not in column.labels:
            told = display_for_label(value, empty, label)
            # Half of it is what stands between its lines.
            column.labels[value] = mark_safe(" ".join(told.split()))  # nosec B308  # safe as it was
        return column.labels[value], None
    # A moment that the admin tells itself, such as that of another record.
    kind = DateTimeField if isinstance(value, datetime) else DateField if isinstance(value, date) else None
    return display_for_value(value, empty, getattr(its, "boolean", False)), kind
