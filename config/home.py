"""Home: what waits for the person who looks, and how the fleet stands. It asks few questions, and reads only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from config.home_arrivals import list_arrivals
from config.home_words import count_of, height_of
from config.sidebar import is_counter
from core.desk import Waiting, list_waiting
from core.dossier import Tile
from core.reports import READ_CONTROLS
from core.weeks import week_of
from core.words import say_day, say_time, say_week
from dtr import selectors as dtr
from leases import selectors as leases
from ledger import selectors as ledger
from ledger.categories import PaymentMethod
from ledger.money import ZERO, format_dollars
from ledger.reports import name_charges
from tickets import selectors as tickets
from tickets.admin.pages.queue import TABS
from tickets.desk import REVIEW

#: What it takes to see whether a receipt is missing, and what became of the seals.
CONTROLS = (READ_CONTROLS, "ledger.view_interimpayment", "ledger.view_seal")


@dataclass(frozen=True, slots=True)
class Line:
    """A stack as a line of Home: how many, what, why it matters, how much, and where it is worked at."""

    waiting: Waiting
    sentence: str
    url: str
    #: Why its rows wait, each with the list of them.
    reasons: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Age:
    """A column of what is owed: its head, how high its bar stands (0 to 100), and the list of its charges."""

    title: str
    height: int
    is_due: bool
    url: str


def home(request: HttpRequest) -> HttpResponse:
    """Whoever only takes money over the counter begins there; everybody else with what waits for them."""
    user = request.user
    if is_counter(user):
        return redirect("admin:ledger_take_payment")
    now = timezone.now()
    today = timezone.localdate(now)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Home",
        "today": today,
        "pay_week": say_week(week_of(today)),
        "lines": _list_lines(request, today),
        "arrivals": list_arrivals(user, now),
        "audit": _find_audit(request, today),
        "sees_controls": user.has_perms(CONTROLS),
        "tiles": _list_tiles(request, now),
        "takings": _list_takings(today) if user.has_perm("ledger.view_interimpayment") else None,
        "sees_on_hand": user.has_perm("ledger.view_transfer"),
        "sees_dtrs": user.has_perm("dtr.view_dtr"),
        "sees_week": user.has_perm("dtr.view_weekclose"),
        "sees_decisions": user.has_perms((READ_CONTROLS, "ledger.view_ledgerposting", "dtr.view_overrule")),
    }
    if user.has_perm("ledger.view_ledgerbalance"):
        context["owed"] = _describe_owed(today)
    return TemplateResponse(request, "config/home.html", context)


def _list_lines(request: HttpRequest, today: date) -> list[Line]:
    return [
        Line(
            waiting,
            waiting.stack.say(waiting, today),
            waiting.stack.address(today),
            _list_reasons(today) if waiting.stack.name == REVIEW else (),
        )
        for waiting in list_waiting(request.user, today=today)
    ]


def _list_reasons(today: date) -> list[tuple[str, str]]:
    """Return ``Several drivers on the cab: 4, since Nov 20`` of each reason in the review queue, with its tab."""
    queue = reverse("admin:tickets_ticket_queue")
    return [
        (
            f"{TABS[wait].removesuffix('?')}: {why.count:,}, since {say_day(why.since, told_on=today)}",
            f"{queue}?{urlencode({'waits_for': wait.value})}",
        )
        for wait, why in tickets.list_reasons_to_wait()
    ]


def _find_audit(request: HttpRequest, today: date) -> dict[str, Any] | None:
    """Return what the last audit found, for whoever may read it; ``run`` is None where none ever ran."""
    if not request.user.has_perm("core.view_auditrun"):
        return None
    run = dtr.find_last_audit()
    at = ""
    if run is not None and run.finished_at is not None:
        at = f"{say_day(timezone.localdate(run.finished_at), told_on=today)}, {say_time(run.finished_at)}"
    return {"run": run, "at": at, "may_run": request.user.has_perm("core.add_auditrun")}


def _list_tiles(request: HttpRequest, now: datetime) -> list[Tile]:
    tiles = _list_money_tiles(timezone.localdate(now)) if request.user.has_perm("ledger.view_ledgerbalance") else []
    if request.user.has_perm("leases.view_lease"):
        cabs = leases.count_cabs(now)
        on_hold = f", {count_of(cabs.on_hold, 'lease')} on hold" if cabs.on_hold else ""
        vehicles = f"{reverse('admin:leases_vehicle_changelist')}?status__exact=IN_SERVICE&leased=no"
        used, idle = f"{cabs.leased} of {cabs.in_service}", f"{cabs.idle} without a lease{on_hold}"
        tiles.append(Tile("Cabs leased", used, idle, vehicles))
    return tiles


def _list_money_tiles(today: date) -> list[Tile]:
    standing = ledger.sum_standing(as_of=today)
    balances = f"{reverse('admin:ledger_ledgerbalance_changelist')}?status__exact=OPEN"
    return [
        Tile(
            "Due by today",
            format_dollars(standing.due),
            f"of ${standing.owed:,.2f} owed by {count_of(standing.debtors, 'driver')}",
            reverse("reports:report", args=["aging"]),
        ),
        Tile(
            "Held for drivers",
            format_dollars(standing.held),
            f"{count_of(standing.holders, 'driver')}, deposits not counted",
            f"{balances}&entry_type__exact=CREDIT&deposits=no",
        ),
        Tile(
            "Deposits, kept apart",
            format_dollars(standing.deposits),
            count_of(standing.deposit_leases, "lease"),
            f"{reverse('reports:report', args=['deposits'])}?show=HELD",
        ),
    ]


def _list_takings(today: date) -> dict[str, Any]:
    """Return what was taken over the counter today: a row a cashier, a column a method; what was voided apart."""
    totals = ledger.sum_payments_by_day(today)
    methods = [method for method in PaymentMethod if any(total.method == method for total in totals)]
    by_cashier: dict[int | None, list[ledger.PaymentsTotal]] = defaultdict(list)
    for total in totals:
        by_cashier[total.received_by_id].append(total)
    received = {"received_on_from": today, "received_on_to": today}
    return {
        "methods": [method.label for method in methods],
        "rows": [
            {
                "name": its[0].received_by or "the system",
                "amounts": _list_by_method(its, methods, {**received, "received_by__id__exact": cashier_id}),
                # Payments of nobody are no list of their own.
                "is_listed": cashier_id is not None,
            }
            for cashier_id, its in by_cashier.items()
        ],
        "sums": _list_by_method(totals, methods, received),
        "together": sum((total.standing_amount for total in totals), start=ZERO),
        "count": sum(total.count - total.voided_count for total in totals),
        "voided": sum((total.voided_amount for total in totals), start=ZERO),
        "voided_count": sum(total.voided_count for total in totals),
        "voided_url": f"{_payments_url()}?{urlencode({**received, 'state': 'undone'})}",
        "cash_out": ledger.sum_cash_paid_out(today),
    }


def _list_by_method(
    totals: Sequence[ledger.PaymentsTotal], methods: Sequence[PaymentMethod], of: dict[str, Any]
) -> list[tuple[Decimal, str]]:
    """Return what stands of these payments by each method, and last together; each with the list of its rows."""
    url = f"{_payments_url()}?{urlencode({**of, 'state': 'stands'})}"
    by_method = {
        method: sum((total.standing_amount for total in totals if total.method == method), start=ZERO)
        for method in methods
    }
    of_each = [(amount, f"{url}&method__exact={method.value}") for method, amount in by_method.items()]
    return [*of_each, (sum(by_method.values(), start=ZERO), url)]


def _payments_url() -> str:
    return reverse("admin:ledger_interimpayment_changelist")


def _describe_owed(today: date) -> dict[str, Any]:
    """Return what is owed by category and age, with the sum of each column as a bar over it.

    A small screen shows what is due in one column, in place of its ages.
    """
    rows = ledger.list_aging_by_category(as_of=today)
    together = sum((row.aging for row in rows), start=ledger.Aging())
    parts = [field.name for field in fields(ledger.Aging)]
    # A cell for each age, then for what is due of all ages, and for all.
    sums = _list_ages(together, today, None)
    titles = ("Not due yet", "0–7 days", "8–30 days", "31–90 days", "Over 90")
    most = max(*(getattr(together, part) for part in parts), Decimal(1))
    return {
        "ages": [
            Age(title, height_of(getattr(together, part), most), part != "not_due", cell["url"])
            for title, part, cell in zip(titles, parts, sums, strict=False)
        ],
        "due_url": sums[len(parts)]["url"],
        "due_height": height_of(min(together.due, most), most),
        "rows": [
            {"words": name_charges(row.category), "cells": _list_ages(row.aging, today, row.category)} for row in rows
        ],
        "sums": sums,
        "together": together,
        "percent": round(100 * together.due / together.total) if together.total else 0,
    }


def _list_ages(aging: ledger.Aging, today: date, category: str | None) -> list[dict[str, Any]]:
    """Return the cells of a line of what is owed: each amount, the list of its charges, on which screens it stands."""

    def list_due(newest: int | None, oldest: int | None) -> str:
        days = {"due_on_from": oldest, "due_on_to": newest}
        asked = {name: today - timedelta(days=ago) for name, ago in days.items() if ago is not None}
        owed = {"status__exact": "OPEN", "entry_type__exact": "DEBIT", **asked}
        if category:
            owed["category__exact"] = category
        return f"{reverse('admin:ledger_ledgerbalance_changelist')}?{urlencode(owed)}"

    wide, small = " only-wide", " only-small"
    columns = (
        (aging.not_due, list_due(None, -1), ""),
        (aging.days_0_to_7, list_due(0, 7), wide),
        (aging.days_8_to_30, list_due(8, 30), wide),
        (aging.days_31_to_90, list_due(31, 90), wide),
        (aging.over_90_days, list_due(91, None), wide),
        (aging.due, list_due(0, None), small),
        (aging.total, list_due(None, None), ""),
    )
    return [{"amount": amount, "url": url, "shown": shown} for amount, url, shown in columns]
