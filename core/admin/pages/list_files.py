"""A list as a file: what is filtered, in the order of the page and with its columns."""

import html
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Model
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from core.admin.acts import Page
from core.admin.files import MOST_ROWS, TooManyRowsError, answer_file, limit_rows, say_too_many
from core.clock import NEW_YORK
from core.words import say_full_day, say_time

#: Rows read at a time; what belongs to them is read with them.
CHUNK = 2000
#: Columns of dollars by the names that lists give them, as in ``admin.css``: in a file they are numbers.
DOLLARS = {"money", "debit", "credit", "original", "still_open", "dollars"}


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

    def _answer(self, form: str, changes: ChangeList) -> FileResponse:
        columns = [str(name) for name in changes.list_display if name != "action_checkbox"]
        heads = [_upper_first(label_for_field(name, changes.model, self.model_admin)) for name in columns]
        title = str(changes.opts.verbose_name_plural)
        name = f"{title.replace(' ', '-').lower()}-{timezone.localdate():%Y-%m-%d}"
        with transaction.atomic():  # what is read by chunks is of one moment
            return answer_file(form, name, _upper_first(title), heads, _list_rows(changes, columns, MOST_ROWS[form]))

    def _refuse(self, form: str, page: str) -> HttpResponse:
        self.model_admin.message_user(self.request, say_too_many(form), "ERROR")
        return redirect(page)


def _list_rows(changes: ChangeList, columns: list[str], most: int) -> Iterator[list[Any]]:
    for record in limit_rows(changes.queryset.iterator(chunk_size=CHUNK), most):
        yield [_read(changes, name, record) for name in columns]


def _read(changes: ChangeList, name: str, record: Model) -> Any:
    """Return what a file holds of a cell: its words as on the page, a day, a number."""
    try:
        field, _, value = lookup_field(name, record, changes.model_admin)
    except ObjectDoesNotExist:
        return None
    if field is not None and field.flatchoices:
        return str(dict(field.flatchoices).get(value, value or ""))
    if name in DOLLARS and isinstance(value, str):
        return Decimal(value.replace(",", "")) if value else None
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is None or isinstance(value, int | Decimal):
        return value
    if isinstance(value, datetime):
        return f"{say_full_day(value.astimezone(NEW_YORK).date())} {say_time(value)}"
    if isinstance(value, date):
        return value
    return html.unescape(strip_tags(value)) if isinstance(value, SafeString) else str(value)


def _upper_first(words: Any) -> str:
    told = str(words)
    return told[:1].upper() + told[1:]
