"""A list as a file or to print: what is filtered, or chosen, in the order of the page and with its columns."""

import html
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from core.admin.acts import Page
from core.admin.cells import is_money, money_cell, read_money
from core.admin.change_lists import QuickChangeList
from core.admin.chosen import ChosenPage
from core.admin.files import (
    MOST_ROWS,
    TooManyRowsError,
    answer_file,
    answer_where_fresh,
    limit_rows,
    say_too_many,
)
from core.list_columns import find_teller
from core.words import say_full_day, say_full_moment

#: Rows read at a time; what belongs to them is read with them.
CHUNK = 2000
#: A page is printed whole; more rows than these are for a file.
MOST_PRINTED = 1000


class ListFile(Page):
    """The rows that the address of a list finds, all of them, as a file."""

    def has_permission(self) -> bool:
        return bool(self.model_admin.has_view_permission(self.request))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | FileResponse:  # type: ignore[override]
        form = self.kwargs["form"]
        if form not in MOST_ROWS:
            raise Http404
        opts = self.model_admin.opts
        page = f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?{request.GET.urlencode()}"
        try:
            changes = self.model_admin.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect(page)
        if changes.result_count > MOST_ROWS[form]:
            return self._refuse(form, page)
        try:
            return self._answer(form, changes)
        except TooManyRowsError:
            return self._refuse(form, page)

    def _answer(self, form: str, changes: QuickChangeList) -> FileResponse:
        return answer_where_fresh(lambda: _answer(form, changes, changes.list_whole()))

    def _refuse(self, form: str, page: str) -> HttpResponse:
        self.model_admin.message_user(self.request, say_too_many(form), "ERROR")
        return redirect(page)


class ListPrint(Page):
    """The rows that the address of a list finds, the first ones, on a page to print."""

    template_name = "core/list_print.html"

    def has_permission(self) -> bool:
        return bool(self.model_admin.has_view_permission(self.request))

    def get_title(self) -> str:
        return _upper_first(self.model_admin.opts.verbose_name_plural)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            changes = self.model_admin.get_changelist_instance(request)
        except IncorrectLookupParameters:
            # As Django has a list do it: all rows, and a word on it.
            opts = self.model_admin.opts
            return redirect(f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?{ERROR_FLAG}=1")
        found = list(changes.list_whole()[: MOST_PRINTED + 1])
        columns = _list_columns(changes)
        told = [(_find_reader(changes, name), is_money(name)) for name in columns]
        rows = []
        for record in found[:MOST_PRINTED]:
            is_void = self.model_admin.is_void(record)
            cells = [(_show(read(record), is_dollars=dollars, is_void=is_void), dollars) for read, dollars in told]
            rows.append((is_void, cells))
        heads = list(zip(_list_heads(changes, columns), [dollars for _, dollars in told], strict=True))
        context = {"cl": changes, "heads": heads, "rows": rows, "is_cut": len(found) > MOST_PRINTED}
        list_url = f"{reverse(f'admin:{changes.opts.app_label}_{changes.opts.model_name}_changelist')}"
        return self.render_to_response(
            self.get_context_data(list_url=list_url + changes.get_query_string(), most=MOST_PRINTED, **context)
        )


class ExportChosenPage(ChosenPage):
    """The rows chosen in a list of money as a file, with the columns of the page."""

    form: ClassVar[str] = ""

    def has_permission(self) -> bool:
        return bool(self.model_admin.has_view_permission(self.request))

    def answer(self) -> HttpResponse | FileResponse:  # type: ignore[override]
        try:
            changes = self.model_admin.get_changelist_instance(self.request)
        except IncorrectLookupParameters:
            return redirect(self.get_cancel_url())
        chosen = changes.queryset.filter(pk__in=self.chosen)
        return answer_where_fresh(lambda: _answer(self.form, changes, chosen))


@cache
def list_exports(model: type[Model]) -> tuple[type[ChosenPage], ...]:
    """Return the pages that export what is chosen in a model's list."""
    return tuple(
        type(f"Export{form.title()}", (ExportChosenPage,), {"model": model, "form": form, "name": form, "verb": verb})
        for form, verb in (("csv", "Export chosen"), ("xlsx", "Export chosen, XLSX"))
    )


def _answer(form: str, changes: QuickChangeList, found: QuerySet[Any]) -> FileResponse:
    columns = _list_columns(changes)
    title = str(changes.opts.verbose_name_plural)
    name = f"{title.replace(' ', '-').lower()}-{timezone.localdate():%Y-%m-%d}"
    rows = limit_rows(found.iterator(chunk_size=CHUNK), MOST_ROWS[form])
    readers = [_find_reader(changes, name) for name in columns]
    read = ([read(record) for read in readers] for record in rows)
    with transaction.atomic():  # what is read by chunks is of one moment
        return answer_file(form, name, _upper_first(title), _list_heads(changes, columns), read)


def _list_columns(changes: QuickChangeList) -> list[str]:
    return [str(name) for name in changes.list_display if name != "action_checkbox"]


def _list_heads(changes: QuickChangeList, columns: list[str]) -> list[str]:
    return [_upper_first(label_for_field(name, changes.model, changes.model_admin)) for name in columns]


def _show(value: Any, *, is_dollars: bool, is_void: bool) -> str:
    """Return a cell to print."""
    if value is None:
        return ""
    if isinstance(value, Decimal) and is_dollars:
        return money_cell(value, is_void=is_void)
    return say_full_day(value) if isinstance(value, date) else str(value)


def _find_reader(changes: QuickChangeList, name: str) -> Callable[[Any], Any]:
    """Return what reads a column's cell of a record: its words as on the page, a day, a number, or None.

    How it is read is looked up here, once for a file of a million rows.
    """
    tell = find_teller(changes, name) or _find_field(changes, name)
    finish = _finish_money if is_money(name) else _finish

    def read(record: Model) -> Any:
        try:
            value = tell(record)
        except ObjectDoesNotExist:
            return None
        return finish(value)

    return read


def _find_field(changes: QuickChangeList, name: str) -> Callable[[Any], Any]:
    """Return what a record has in a column of its own, or says of itself."""
    its = {field.name: field for field in changes.lookup_opts.concrete_fields}
    if name not in its:
        return lambda record: lookup_field(name, record, changes.model_admin)[2]
    get = attrgetter(name)
    choices = dict(its[name].flatchoices)
    return (lambda record: str(choices.get(get(record), get(record) or ""))) if choices else get


def _finish_money(value: Any) -> Any:
    return read_money(value) if isinstance(value, str) else _finish(value)


def _finish(value: Any) -> Any:
    # Plain words first: most cells are. (What the page escaped is a text of its own kind.)
    if type(value) is str or value is None:
        return value
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | Decimal):
        return value
    if isinstance(value, datetime):
        return say_full_moment(value)
    if isinstance(value, date):
        return value
    return html.unescape(strip_tags(value)) if isinstance(value, SafeString) else str(value)


def _upper_first(words: Any) -> str:
    told = str(words)
    return told[:1].upper() + told[1:]
