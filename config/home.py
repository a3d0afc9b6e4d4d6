"""Home: what waits for the person who looks, and how the fleet stands. It asks few questions, and reads only."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from config.sidebar import BADGES
from core.clock import week_ends_at
from core.desk import Waiting, list_waiting
from core.reports import READ
from core.weeks import week_of
from core.words import say_day, say_time, say_week
from curb import selectors as curb
from dtr import selectors as dtr
from ledger import selectors as ledger
from ledger.categories import Category, PaymentMethod
from ledger.money import ZERO
from tickets import selectors as tickets
from tickets.rules import FileKind

#: Closed weeks and the one that runs, in the chart.
WEEKS = 8
#: What each kind of file is called in a line.
_FILES = {
    FileKind.EZPASS: "E-ZPass",
    FileKind.PVB: "Violations, city",
    FileKind.PVB_FLEET: "Violations, fleet program",
    FileKind.TLC: "TLC summonses",
}


@dataclass(frozen=True, slots=True)
class Tile:
    title: str
    amount: Decimal
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """A stack as a line of Home: how many, what, why it matters, how much, and where it is worked at."""

    waiting: Waiting
    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class Age:
    """A column of what is owed: its head, its dollars, and how high its bar stands (0 to 100)."""

    title: str
    amount: Decimal
    height: int
    is_due: bool


def home(request: HttpRequest) -> HttpResponse:
    """Whoever only takes money over the counter begins there; everybody else with what waits for them."""
    user = request.user
    if user.has_perm("ledger.add_interimpayment") and not user.has_perm(READ):
        return redirect("admin:ledger_take_payment")
    today = timezone.localdate()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Home",
        "today": today,
        "pay_week": say_week(week_of(today)),
        "lines": _list_lines(request, today),
        "files": _list_files(request, today),
        "audit": _find_audit(request, today),
        "tiles": _list_tiles(request, today),
        "takings": _list_takings(today) if user.has_perm("ledger.view_interimpayment") else None,
        "sees_week": user.has_perm("dtr.view_weekclose"),
    }
    if user.has_perm("ledger.view_ledgerbalance"):
        context["owed"] = _describe_owed(today)
    return TemplateResponse(request, "config/home.html", context)


def week_card(request: HttpRequest) -> HttpResponse:
    """How the next close stands: asked for by Home once it is shown, since it asks many questions."""
    if not request.user.has_perm("dtr.view_weekclose"):
        raise PermissionDenied
    today = timezone.localdate()
    week = dtr.get_week_to_close(today)
    readiness = dtr.read_readiness(week=week, today=today)
    state = dtr.State
    grouped: dict[str, list[Any]] = {"blocked": [], "look": [], "ready": []}
    for check in readiness.checks:
        kind = {state.BLOCKS: "blocked", state.WARNS: "look"}.get(check.state, "ready")
        grouped[kind].append(check)
    closes_at = week_ends_at(week)
    context = {
        "week": week,
        "days": say_week(week, told_on=today),
        "is_over": week.end < today,
        "closes_on": f"{closes_at:%A}, {say_day(closes_at.date(), told_on=today)}",
        "last": dtr.find_last_closed_week(),
        "may_close": request.user.has_perm("dtr.close_week"),
        **grouped,
    }
    return TemplateResponse(request, "config/home_week.html", context)


def waiting_counts(request: HttpRequest) -> JsonResponse:
    """How much waits at the pages of the sidebar, by their addresses: asked for by a page once it is shown."""
    waiting = list_waiting(request.user, today=timezone.localdate(), names=BADGES)
    return JsonResponse({str(BADGES[one.stack.name]): one.count for one in waiting})


def collected_card(request: HttpRequest) -> HttpResponse:
    """What was taken in by week, as bars and as a table: asked for by Home once it is shown."""
    if not request.user.has_perm("dtr.view_weekclose") or not request.user.has_perm("ledger.view_interimpayment"):
        raise PermissionDenied
    today = timezone.localdate()
    last = first = week_of(today)
    for _ in range(WEEKS - 1):
        first = first.previous
    counter = ledger.sum_collected_by_week(first, last)
    fares = dtr.sum_card_fares_by_week(first, last)
    most = max(max(counter[week] + fares[week] for week in counter), Decimal(1))
    collections = reverse("reports:report", args=["collections"])
    bars = [
        {
            "week": say_week(week, told_on=today),
            "ends": say_day(week.end, told_on=today),
            "counter": counter[week],
            "fares": fares[week],
            "together": counter[week] + fares[week],
            "thousands": (counter[week] + fares[week]) / 1000,
            "counter_height": _height(counter[week], most),
            "fares_height": _height(fares[week], most),
            "url": f"{collections}?{urlencode({'from_on': week.start, 'to_on': week.end})}",
        }
        for week in counter
    ]
    return TemplateResponse(request, "config/home_collected.html", {"bars": bars, "runs": say_week(last)})


def _list_lines(request: HttpRequest, today: date) -> list[Line]:
    return [
        Line(waiting, waiting.stack.say(waiting, today), waiting.stack.address(today))
        for waiting in list_waiting(request.user, today=today)
    ]


def _list_files(request: HttpRequest, today: date) -> list[tuple[str, str, str]]:
    """Return what came in when: a file's kind, the day of its last import in words, and where such files are."""
    found: list[tuple[str, datetime | None, str]] = []
    if request.user.has_perm("curb.view_tripfile"):
        found.append(("CURB", curb.find_last_import(), reverse("admin:curb_tripfile_changelist")))
    if request.user.has_perm("tickets.view_ticketimport"):
        files = reverse("admin:tickets_ticketimport_changelist")
        found += [
            (_FILES[kind], moment, f"{files}?{urlencode({'kind__exact': kind.value})}")
            for kind, moment in tickets.list_last_imports()
        ]
    return [(name, _say_since(moment, today), url) for name, moment, url in found]


def _say_since(moment: datetime | None, today: date) -> str:
    if moment is None:
        return "never imported"
    day = timezone.localdate(moment)
    ago = (today - day).days
    return f"{say_day(day, told_on=today)}, {say_time(moment)}" + (f", {_count(ago, 'day')} ago" if ago else "")


def _find_audit(request: HttpRequest, today: date) -> dict[str, Any] | None:
    """Return what the last audit found, for whoever may read it; ``run`` is None where none ever ran."""
    if not request.user.has_perm("core.view_auditrun"):
        return None
    run = dtr.find_last_audit()
    at = ""
    if run is not None and run.finished_at is not None:
        at = f"{say_day(timezone.localdate(run.finished_at), told_on=today)}, {say_time(run.finished_at)}"
    return {"run": run, "at": at, "may_run": request.user.has_perm("core.add_auditrun")}


def _list_tiles(request: HttpRequest, today: date) -> list[Tile]:
    if not request.user.has_perm("ledger.view_ledgerbalance"):
        return []
    standing = ledger.sum_standing(as_of=today)
    balances = f"{reverse('admin:ledger_ledgerbalance_changelist')}?status__exact=OPEN"
    return [
        Tile(
            "Due by today",
            standing.due,
            f"of ${standing.owed:,.2f} owed by {_count(standing.debtors, 'driver')}",
            reverse("reports:report", args=["aging"]),
        ),
        Tile(
            "Held for drivers",
            standing.held,
            f"{_count(standing.holders, 'driver')}, deposits not counted",
            f"{balances}&entry_type__exact=CREDIT",
        ),
        Tile(
            "Deposits, kept apart",
            standing.deposits,
            _count(standing.deposit_leases, "lease"),
            f"{reverse('reports:report', args=['deposits'])}?show=HELD",
        ),
    ]


def _list_takings(today: date) -> dict[str, Any]:
    """Return what was taken over the counter today: a row a cashier, a column a method; what was voided apart."""
    totals = ledger.sum_payments_by_day(today)
    methods = [method for method in PaymentMethod if any(total.method == method for total in totals)]
    by_cashier: dict[str, dict[str, Decimal]] = {}
    for total in totals:
        row = by_cashier.setdefault(total.received_by or "the system", {})
        row[total.method] = row.get(total.method, ZERO) + total.standing_amount
    sums = {method: sum((row.get(method, ZERO) for row in by_cashier.values()), start=ZERO) for method in methods}
    return {
        "methods": [method.label for method in methods],
        "rows": [
            {
                "name": name,
                "amounts": [row.get(method, ZERO) for method in methods],
                "together": sum(row.values(), ZERO),
            }
            for name, row in by_cashier.items()
        ],
        "sums": list(sums.values()),
        "together": sum(sums.values(), start=ZERO),
        "count": sum(total.count - total.voided_count for total in totals),
        "voided": sum((total.voided_amount for total in totals), start=ZERO),
        "voided_count": sum(total.voided_count for total in totals),
        "cash_out": ledger.sum_cash_paid_out(today),
    }


def _describe_owed(today: date) -> dict[str, Any]:
    """Return what is owed by category and age, with the sum of each column as a bar over it."""
    rows = ledger.list_aging_by_category(as_of=today)
    together = sum((row.aging for row in rows), start=ledger.Aging())
    parts = [field.name for field in fields(ledger.Aging)]
    most = max(*(getattr(together, part) for part in parts), Decimal(1))
    titles = ("Not due", "0–7 days", "8–30 days", "31–90 days", "Over 90")
    balances = reverse("admin:ledger_ledgerbalance_changelist")
    return {
        "ages": [
            Age(title, getattr(together, part), _height(getattr(together, part), most), part != "not_due")
            for title, part in zip(titles, parts, strict=True)
        ],
        "rows": [
            {
                "words": Category(row.category).label,
                "amounts": [getattr(row.aging, part) for part in parts],
                "together": row.aging.total,
                "url": f"{balances}?status__exact=OPEN&entry_type__exact=DEBIT&category__exact={row.category}",
            }
            for row in rows
        ],
        "together": together,
        "percent": round(100 * together.due / together.total) if together.total else 0,
    }


def _height(amount: Decimal, most: Decimal) -> int:
    """Return how high a bar stands of a hundred; what is there is seen, however little it is."""
    return max(round(100 * amount / most), 2) if amount > 0 else 0


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
