"""The cards of Home that are asked for once it is shown, each guarded like the page it leads to."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from config.home import CONTROLS
from config.home_words import count_of
from config.sidebar import BADGES, is_counter
from core.admin import list_url
from core.clock import week_ends_at, week_starts_at
from core.desk import list_waiting
from core.reports import READ, READ_CONTROLS
from core.reports.links import report_url
from core.rights import check_rights
from core.weeks import week_of
from core.words import say_day, say_time, say_week
from dtr import selectors as dtr
from dtr.models import Dtr, Overrule
from leases import selectors as leases
from leases.models import Paper
from ledger import selectors as ledger
from ledger.categories import Kind, PaymentMethod
from ledger.money import ZERO

#: From five in the morning of the Sunday on, as the schedule has it.
CLOSES_AFTER = timedelta(hours=5)
#: Drivers who are named in a sentence, as those whose license ends; more are counted.
MAX_NAMED = 4
#: DTRs that are listed as those that owe most.
MOST_OWING = 20

#: As which of the card's lines a check counts; the page of readiness groups them alike.
_STANDS_AS = {
    dtr.State.BLOCKS: "blocked",
    dtr.State.WARNS: "look",
    dtr.State.OVERRULED: "look",
    dtr.State.LATER: "later",
    dtr.State.NOT_ASKED: "later",
    dtr.State.READY: "ready",
}


def week_card(request: HttpRequest) -> HttpResponse:
    """How the next close stands: asked for by Home once it is shown, since it asks many questions."""
    check_rights(request.user, "dtr.view_weekclose")
    today = timezone.localdate()
    week = dtr.get_week_to_close(today)
    readiness = dtr.read_readiness(week=week, today=today)
    grouped: dict[str, list[Any]] = {kind: [] for kind in ("blocked", "look", "later", "ready")}
    for check in readiness.checks:
        grouped[_STANDS_AS[check.state]].append(check)
    now, closes_at = timezone.now(), week_ends_at(week) + CLOSES_AFTER
    hours = max(int((closes_at - now).total_seconds() // 3600), 0)
    context = {
        "in_words": " ".join(count_of(n, what) for n, what in ((hours // 24, "day"), (hours % 24, "hour")) if n),
        "week": week,
        "days": say_week(week, told_on=today),
        "is_over": week.end < today,
        "closes_on": f"{closes_at:%A}, {say_day(closes_at.date(), told_on=today)}",
        "has_begun": dtr.find_close(week) is not None,
        "last": _find_last(today),
        "failed": _find_failed(),
        **grouped,
    }
    return TemplateResponse(request, "config/home_week.html", context)


def _find_last(today: date) -> dict[str, Any] | None:
    """Return what is told of the close that ended last: its week, when it ended, and how many DTRs came of it."""
    week = dtr.find_last_closed_week()
    if week is None:
        return None
    ended = timezone.localtime(dtr.get_close(week).finished_at)
    return {
        "week": week,
        "days": say_week(week, told_on=today),
        "ended": f"{ended:%A}, {say_day(ended.date(), told_on=today)}, {say_time(ended)}",
        "dtrs": dtr.count_dtrs(week),
        "dtrs_url": list_url(Dtr, week__week_end__exact=week.end),
    }


def _find_failed() -> dict[str, Any] | None:
    """Return the close that stands still, and the drivers whom it left out as what failed; None where none did."""
    failed = dtr.list_failed_drivers()
    if not failed:
        return None
    return {"week_end": failed[0].week_end, "named": failed[:MAX_NAMED], "more": len(failed[MAX_NAMED:])}


def on_hand_card(request: HttpRequest) -> HttpResponse:
    """What lies in the drawers by the books; asked for by Home, since all that came and went is summed."""
    check_rights(request.user, "ledger.view_transfer")
    reads = request.user.has_perm(READ)
    balances = [
        (one, report_url("account", account=one.account.value) if reads else "") for one in ledger.list_on_hand()
    ]
    return TemplateResponse(request, "config/home_on_hand.html", {"balances": balances})


def controls_card(request: HttpRequest) -> HttpResponse:
    """Whether a receipt is missing, and what was found when the seals were verified; asked for by Home."""
    check_rights(request.user, *CONTROLS)
    receipts, last = ledger.count_payments()
    check = ledger.find_last_seal_check()
    told: dict[str, Any] = {"receipts": receipts, "missing": last - receipts, "check": check}
    if check is not None:
        day = say_day(timezone.localdate(check.checked_at), told_on=timezone.localdate())
        told["verified_at"] = f"{day}, {say_time(check.checked_at)}"
    return TemplateResponse(request, "config/home_controls.html", told)


def owing_card(request: HttpRequest) -> HttpResponse:
    """The DTRs of the week closed last that owe most, each with its driver; asked for by Home once it is shown."""
    check_rights(request.user, "dtr.view_dtr")
    week = dtr.find_last_closed_week()
    owing = list(dtr.list_owing_dtrs(week)[:MOST_OWING]) if week else []
    context = {
        "week": week and say_week(week, told_on=timezone.localdate()),
        "owing": owing,
        "sees_drivers": request.user.has_perm("leases.view_driver"),
        "all_url": week and f"{reverse('admin:dtr_dtr_changelist')}?{urlencode({'week__week_end__exact': week.end})}",
    }
    return TemplateResponse(request, "config/home_owing.html", context)


def unpaid_card(request: HttpRequest) -> HttpResponse:
    """The DTRs that were not paid out, by how their drivers were paid last; asked for by Home once it is shown."""
    check_rights(request.user, "dtr.view_dtr")
    sums = dtr.sum_unpaid_by_method()
    context = {
        "rows": [
            {
                "words": PaymentMethod(one.method).label if one.method else "Never paid yet",
                "count": one.count,
                "amount": one.amount,
                "url": list_url(Dtr, paid_last=one.method or "never"),
            }
            for one in sums
        ],
        "count": sum(one.count for one in sums),
        "amount": sum((one.amount for one in sums), start=ZERO),
        "url": list_url(Dtr, paid_out="no"),
        "pay_url": reverse("admin:dtr_weekclose_pay_last") if request.user.has_perm("ledger.add_payout") else "",
    }
    return TemplateResponse(request, "config/home_unpaid.html", context)


def waiting_counts(request: HttpRequest) -> JsonResponse:
    """What each page tells once it is shown: how much waits at the pages of the sidebar, by their addresses (nothing of
    it for whoever only takes payments); and that the last audit found something, for whoever may read it."""
    today = timezone.localdate()
    names = () if is_counter(request.user) else BADGES
    waiting = list_waiting(request.user, today=today, names=names)
    counts = {str(BADGES[one.stack.name]): one.count for one in waiting}
    return JsonResponse({"counts": counts, "trouble": _find_trouble(request, today)})


def _find_trouble(request: HttpRequest, today: date) -> dict[str, str] | None:
    run = dtr.find_last_audit() if request.user.has_perm("core.view_auditrun") else None
    if run is None or run.finished_at is None or not run.findings:
        return None
    when = f"{say_day(timezone.localdate(run.finished_at), told_on=today)}, {say_time(run.finished_at)}"
    words = f"The audits of {when} found something: {count_of(run.findings, 'finding')}."
    return {"words": words, "address": reverse("admin:core_auditrun_change", args=[run.pk])}


def good_to_know(request: HttpRequest) -> HttpResponse:
    """What a cashier should know before somebody asks; asked for by the counter's page, and nothing where it is."""
    user, today = request.user, timezone.localdate()
    check_rights(user, "ledger.add_interimpayment")
    context: dict[str, Any] = {}
    if user.has_perm("dtr.view_dtr"):
        last = dtr.find_last_closed_week()
        unpaid = dtr.list_unpaid_dtrs().aggregate(count=Count("pk"), amount=Sum(F("held") - F("owed_due")))
        if last and unpaid["count"]:
            context["unpaid"] = {**unpaid, "week": say_week(last, told_on=today)}
    if user.has_perm("leases.view_paper"):
        ending = leases.list_ending_papers(today).filter(kind=Paper.Kind.TLC_LICENSE).select_related("driver")
        papers = list(ending.order_by("good_to", "pk"))
        if papers:
            named = [
                f"{paper.driver.first_name} {paper.driver.last_name} {say_day(paper.good_to, told_on=today)}"
                for paper in papers[:MAX_NAMED]
                if paper.driver
            ]
            context["papers"] = {"count": len(papers), "named": named, "more": len(papers) - len(named)}
    if user.has_perm("dtr.view_weekclose"):
        week = week_of(today)
        closes_on = week_ends_at(week).date()
        context["closes_on"] = f"{closes_on:%A}"
    return TemplateResponse(request, "config/home_good.html", context)


def decided_card(request: HttpRequest) -> HttpResponse:
    """What was undone, forgiven, given and overruled in the running week, by person; asked for by Home."""
    check_rights(request.user, READ_CONTROLS, "ledger.view_ledgerposting", "dtr.view_overrule")
    today = timezone.localdate()
    week = week_of(today)
    days = {"from_on": week.start, "to_on": week.end}
    kinds = {Kind.VOID: "Voided", Kind.WRITE_OFF: "Written off", Kind.CREDIT_MEMO: "Credit memos"}
    titles = {**{kind.value: title for kind, title in kinds.items()}, Kind.OBLIGATION.value: "Recoveries"}
    by_person: dict[str, dict[str, ledger.DecisionSum]] = defaultdict(dict)
    for one in ledger.sum_decisions(week.start, week.end):
        by_person[one.name][one.what] = one
    overrules: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for person in dtr.count_overrules(week_starts_at(week), week_ends_at(week)):
        made = {"overruled_at_from_0": week.start, "overruled_at_to_0": week.end}
        url = list_url(Overrule, **made, overruled_by__id__exact=person.user_id)
        overrules[person.name].append((person.count, url))
    rows = [
        {
            "name": name or "the system",
            "figures": [
                (by_person[name].get(what), report_url("undone-and-forgiven", **days, what=what, who=name or None))
                for what in titles
            ],
            "overrules": overrules[name],
        }
        for name in sorted({*by_person, *overrules})
    ]
    context = {
        "titles": list(titles.values()),
        "rows": rows,
        "reopened": ledger.list_reopened_days(),
        "report": report_url("undone-and-forgiven", **days),
    }
    return TemplateResponse(request, "config/home_decided.html", context)
