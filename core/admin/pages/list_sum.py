"""What a long list comes to: added up when somebody asks for it, never for longer than a few seconds."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from core.admin.acts import Page
from core.admin.list_sums import Told, sum_list

#: Nobody waits longer than this for a sum, nor does the database work at it any longer.
MOST_SECONDS = 10
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
        told = _add_up(changes, self.model_admin.list_sum)
        refused = f"Not added up within {MOST_SECONDS} seconds. Narrow the list, by dates for example."
        if "HX-Request" in request.headers:
            return render(request, "core/list_told.html", {"told": told, "refused": refused})
        if told:
            messages.info(request, f"{opts.verbose_name_plural.capitalize()} of this list: {told}.")
        else:
            messages.warning(request, refused)
        return redirect(f"{page}{changes.get_query_string()}")


def _add_up(changes: Any, asked: Any) -> Told | None:
    """Return the sum, or None where the database did not have it in time."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{MOST_SECONDS}s"])
            return sum_list(changes, asked)
    except OperationalError as refusal:
        if getattr(refusal.__cause__, "sqlstate", None) != _CANCELED:
            raise
        return None
