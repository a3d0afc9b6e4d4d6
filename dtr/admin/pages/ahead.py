"""What the close of the week whose turn it is would do now, all drivers together."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.admin import Page
from core.reports import READ
from core.weeks import Week
from core.words import say_week
from dtr import selectors
from ledger import selectors as ledger
from ledger.categories import EntryType, Status
from ledger.money import ZERO
from ledger.reports import name_charges

#: Columns that add up, the last to what is carried forward.
_HEADS = ("Brought forward", "Since then", "Charged by the close", "From credits", "Carried forward")


class CloseAheadPage(Page):
    """The part of the page of readiness that tells what the close would do now, of all drivers; asked for once shown.

    It is of the week whose turn it is; once its close has begun, that is told instead.
    """

    permission_required = "dtr.view_weekclose"
    title = "What the close would do now"
    template_name = "dtr/close_ahead.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        week = selectors.get_week_to_close(today)
        close = selectors.find_close(week)
        return super().get_context_data(
            close=close,
            **({} if close else _describe(self.request, week, today)),
            **kwargs,
        )


def _describe(request: HttpRequest, week: Week, today: date) -> dict[str, Any]:
    """A line for each category and one for all, and where the same is told by driver."""
    ahead = selectors.read_close_ahead(week)
    lines = [_tell_line(ahead, row, name_charges(row.category)) for row in ahead.money.categories]
    return {
        "days": say_week(week),
        "days_before": say_week(week.previous),
        "money": ahead.money,
        "heads": _HEADS,
        "lines": [line for line in lines if any(amount for _, amount in line["figures"])],
        "total": _tell_line(ahead, ahead.money.total, "All drivers"),
        "by_driver_url": find_by_driver(request, week, today),
    }


def _tell_line(ahead: selectors.CloseAhead, row: ledger.CategoryAhead, title: str) -> dict[str, Any]:
    """Return a line's figures, which add up from left to right: the last is what is carried forward."""
    before = ahead.brought_forward.get(row.category, ZERO) if row.category else ahead.brought_forward_total
    owed = {"status__exact": Status.OPEN.value, "entry_type__exact": EntryType.DEBIT.value}
    if row.category:
        owed["category__exact"] = row.category
    return {
        "title": title,
        "url": f"{reverse('admin:ledger_ledgerbalance_changelist')}?{urlencode(owed)}",
        "figures": list(zip(_HEADS, (before, row.owed - before, row.charged, -row.applied, row.left), strict=True)),
    }


def find_by_driver(request: HttpRequest, week: Week, today: date) -> str:
    """Where it is told driver by driver: the preview of the close once the week is over, a report before that."""
    if week.end < today:
        may_close = request.user.has_perm("dtr.close_week")
        return f"{reverse('admin:dtr_weekclose_close')}?week_end={week.end.isoformat()}" if may_close else ""
    may_read = request.user.has_perms((READ, "ledger.view_ledgerbalance"))
    return reverse("reports:report", args=["current-balances"]) if may_read else ""
