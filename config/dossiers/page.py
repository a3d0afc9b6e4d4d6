"""What the pages of a driver, a vehicle and a lease share: acts, notices, and tabs, of which the open one is read."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from config.dossier import TIMELINE
from core.dossier import Act, Subject, Tile, count_rows, dossier_url, list_acts, list_notices, list_sections, list_tiles
from core.words import say_day
from ledger import selectors as ledger
from ledger.categories import Category, EntryType, Status
from ledger.money import format_dollars


def tell(request: HttpRequest, of: Subject, state: Any, today: date) -> dict[str, Any]:
    """Return the context of a record's page; ``?tab=`` names the tab that is open.

    ``state`` is what the page knows of the record, by its number ``pk``; acts are asked with it.
    """
    user, pk = request.user, state.pk
    sections = list_sections(user, of)
    names = {section.name: section.tab for section in sections}
    asked = request.GET.get("tab", "")
    shown = asked if asked in names else next(iter(names), "")
    counts = count_rows(sections, pk)
    acts = _offer(list_acts(user, of), state)
    read = [
        (section, section.title.format(name=state.name), section.read(request, pk, today))
        for section in sections
        if section.name == shown
    ]
    is_first = shown == next(iter(names), "")
    may_see = user.has_perm(f"leases.view_{of}")
    lists = {Subject.DRIVER: "Drivers", Subject.VEHICLE: "Vehicles", Subject.LEASE: "Leases"}
    request.page_above = {"title": lists[of], "link": reverse(f"admin:leases_{of}_changelist")}  # type: ignore[attr-defined]
    return {
        **admin.site.each_context(request),
        "acts": [offer for offer in acts if not offer["act"].is_further],
        "further_acts": [offer for offer in acts if offer["act"].is_further],
        "notices": list_notices(user, of, pk, today),
        "tiles": list_tiles(user, of, state, today),
        "tabs": [(name, title, counts.get(name)) for name, title in names.items()],
        "tab": shown,
        "beside_url": reverse(f"{of}_beside", args=[pk]) if may_see and is_first else "",
        # Below the first tab too, once somebody has read down to it.
        "timeline": TIMELINE,
        "timeline_url": f"{dossier_url(of, pk)}?tab={TIMELINE}&few" if is_first and TIMELINE in names else "",
        "sections": [part for part in read if part[-1] is not None],
    }


def list_debt_tiles(
    debt: ledger.Debt, whose: dict[str, int], today: date, *, held: str, deposits: Decimal
) -> list[Tile]:
    """Return each fact of an account once: what is past due and what comes due, what is held, and deposits apart.

    ``whose`` narrows the list of balances to them; ``held`` is what is said of credits.
    """
    owed = {**whose, "status__exact": Status.OPEN.value, "entry_type__exact": EntryType.DEBIT.value}
    kept = {**whose, "status__exact": Status.OPEN.value, "entry_type__exact": EntryType.CREDIT.value}
    since = f" since {_say_weekday(debt.past_due_since, today)}" if debt.past_due_since else ""
    due = f"Due by {_say_weekday(debt.last_due_on, today)}" if debt.last_due_on else "Due"
    return [
        _make_tile(f"Past due{since}", debt.past_due, {**owed, "due_on_to": today - timedelta(days=1)}, is_due=True),
        _make_tile(due, debt.coming, {**owed, "due_on_from": today}),
        _make_tile(held, debt.held, {**kept, "deposits": "no"}),
        _make_tile("Deposit, kept apart", deposits, {**kept, "category__exact": Category.DEPOSIT.value}),
    ]


def _make_tile(title: str, amount: Decimal, asked: dict[str, Any], *, is_due: bool = False) -> Tile:
    """Return a tile of dollars that leads to its balances; of nothing there are none."""
    url = f"{reverse('admin:ledger_ledgerbalance_changelist')}?{urlencode(asked)}" if amount else ""
    return Tile(title, format_dollars(amount), url=url, is_due=is_due and bool(amount))


def _say_weekday(day: date, today: date) -> str:
    return f"{day:%a}, {say_day(day, told_on=today)}"


def _offer(acts: list[Act], state: Any) -> list[dict[str, Any]]:
    """Return the acts that make sense; one that can't be done just now keeps its place, and says why."""
    return [
        {"act": act, "url": act.url(state), "reason": act.refuse(state) if act.refuse else ""}
        for act in acts
        if act.fits is None or act.fits(state)
    ]
