"""What a long list comes to: added up once its page is seen, or when somebody asks; never for longer than seconds."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from core.admin import change_lists
from core.admin.acts import Page
from core.admin.list_sums import Told, sum_list

#: Nobody waits longer than this for a sum, nor does the database work at it any longer; less where nobody asked.
MOST_SECONDS, MOST_SECONDS_UNASKED = 10, 3
_CANCELED = "57014"


class ListSumPage(Page):
    """The sum of all rows that the address of a list finds, in place of the button that asks for it."""

    def has_permission(self) -> bool:
        return bool(self.model_admin.has_view_permission(self.request))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        opts = self.model_admin.opts
        page = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        try:
            changes = self.model_admin.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect(f"{page}?{ERROR_FLAG}=1")
        if "X-Unasked" in request.headers:
            told, why_not = self._add_up_unasked(changes)
            return render(request, "core/list_sum.html", {"cl": changes, "told": told, "why_not": why_not})
        told, _ = _add_up(changes, self.model_admin.list_sum, seconds=MOST_SECONDS)
        refused = f"Not added up within {MOST_SECONDS} seconds. Narrow the list, by dates for example."
        if "HX-Request" in request.headers:
            return render(request, "core/list_told.html", {"told": told, "refused": refused})
        if told:
            messages.info(request, f"{opts.verbose_name_plural.capitalize()} of this list: {told}.")
        else:
            messages.warning(request, refused)
        return redirect(f"{page}{changes.get_query_string()}")

    def _add_up_unasked(self, changes: Any) -> tuple[Told | None, str]:
        """Return the sum, or why somebody must ask for it."""
        limit = change_lists.ADD_UP_UNASKED
        told, was_in_time = _add_up(changes, self.model_admin.list_sum, seconds=MOST_SECONDS_UNASKED, limit=limit)
        if not was_in_time:
            return None, f"Not added up within {MOST_SECONDS_UNASKED} seconds."
        return told, f"More than {limit:,} rows."


def _add_up(changes: Any, asked: Any, *, seconds: int, limit: int | None = None) -> tuple[Told | None, bool]:
    """Return the sum, if there are not more rows than that; and whether the database was done in time."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
            return sum_list(changes, asked, limit), True
    except OperationalError as refusal:
        if getattr(refusal.__cause__, "sqlstate", None) != _CANCELED:
            raise
        return None, False
