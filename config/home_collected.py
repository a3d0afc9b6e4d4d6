"""What was taken in by week on Home, as bars and as a table, and of one week from where it came."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from config.home_words import height_of
from core.reports import READ
from core.reports.links import report_url
from core.rights import check_rights
from core.weeks import Week, find_week_ending, week_of
from core.words import say_day, say_week
from dtr import selectors as dtr
from ledger import selectors as ledger

#: Closed weeks and the one that runs, in the chart.
WEEKS = 8
_VIEW = ("dtr.view_weekclose", "ledger.view_interimpayment")


def collected_card(request: HttpRequest) -> HttpResponse:
    """What was taken in by week, as bars and as a table: asked for by Home once it is shown."""
    check_rights(request.user, *_VIEW)
    today = timezone.localdate()
    last = first = week_of(today)
    for _ in range(WEEKS - 1):
        first = first.previous
    counter = ledger.sum_collected_by_week(first, last)
    fares = dtr.sum_card_fares_by_week(first, last)
    charged = ledger.sum_charged_by_week(first, last)
    most = max(max(counter[week] + fares[week] for week in counter), Decimal(1))
    fares_url = _lead_to_fares(request.user)
    bars = [
        {
            "week": say_week(week, told_on=today),
            "ends": say_day(week.end, told_on=today),
            "counter": counter[week],
            "counter_url": _to_payments(week),
            "fares": fares[week],
            "fares_url": fares_url(week),
            "together": counter[week] + fares[week],
            "url": reverse("home_collected_week", args=[week.end]),
            "charged": charged[week],
            "charged_url": _to_charges(week) if request.user.has_perm("ledger.view_ledgerposting") else "",
            "thousands": (counter[week] + fares[week]) / 1000,
            "counter_height": height_of(counter[week], most),
            "fares_height": height_of(fares[week], most),
        }
        for week in counter
    ]
    return TemplateResponse(request, "config/home_collected.html", {"bars": bars, "runs": say_week(last)})


def collected_week(request: HttpRequest, week_end: str) -> HttpResponse:
    """What was taken in in a week, from where it came; the week by its Saturday."""
    check_rights(request.user, *_VIEW)
    week = find_week_ending(week_end)
    if week is None:
        raise Http404
    counter = ledger.sum_collected_by_week(week, week)[week]
    fares = dtr.sum_card_fares_by_week(week, week)[week]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Collected, {say_week(week, told_on=timezone.localdate())}",
        "lines": [
            ("Card fares, credited by the close", fares, _lead_to_fares(request.user)(week)),
            ("Paid at the counter, what stands of it", counter, _to_payments(week)),
        ],
        "together": counter + fares,
    }
    return TemplateResponse(request, "config/collected_week.html", context)


def _to_payments(week: Week) -> str:
    asked = {"received_on_from": week.start, "received_on_to": week.end}
    return f"{reverse('admin:ledger_interimpayment_changelist')}?{urlencode(asked)}"


def _to_charges(week: Week) -> str:
    asked = {"charges": "all", "effective_on_from": week.start, "effective_on_to": week.end}
    return f"{reverse('admin:ledger_ledgerposting_changelist')}?{urlencode(asked)}"


def _lead_to_fares(user: Any) -> Callable[[Week], str]:
    """Return what leads to a week's card trips by driver, for whoever may read that; to its close for others."""
    if user.has_perms((READ, "curb.view_tripcount")):
        return lambda week: report_url("earnings", from_week=week.end, to_week=week.end)
    return lambda week: reverse("admin:dtr_weekclose_change", args=[week.end])
