"""One page per driver: who they are, who owes whom in one sentence, what can be done, and what happened."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from config.dossiers.page import list_debt_tiles, tell
from core.dossier import DriverState, Subject, Tile, list_notices
from core.rights import check_any_right, check_rights
from core.words import say_full_day
from dtr import selectors as dtr
from leases import selectors as leases
from leases.models import Driver, Paper
from ledger import selectors as ledger
from ledger.categories import Category, say_category
from ledger.money import ZERO, format_dollars

#: Either lets somebody open the page; each part of it asks for its own.
VIEW = ("leases.view_driver", "ledger.view_ledgerbalance")


def driver_page(request: HttpRequest, driver_id: int) -> HttpResponse:
    """Show a driver; ``?tab=`` names the section that is open."""
    user = request.user
    check_any_right(user, *VIEW)
    driver = Driver.objects.filter(pk=driver_id).first()
    if driver is None:
        raise Http404
    today = timezone.localdate()
    debt = ledger.get_debt(driver_id, today=today) if user.has_perm("ledger.view_ledgerbalance") else None
    lock = leases.find_lock(driver_id)
    is_active = driver.status == Driver.Status.ACTIVE
    may_settle = user.has_perm("leases.settle_deposit")
    deposit_lease, unsettled = leases.find_deposit_to_settle(driver_id, today=today) if may_settle else (None, "")
    state = DriverState(
        driver_id,
        driver.first_name,
        lock is not None,
        is_active,
        debt.held if debt else None,
        debt.owed if debt else None,
        deposit_lease,
        unsettled,
    )
    told = tell(request, Subject.DRIVER, state, today)
    context: dict[str, Any] = {
        **told,
        "title": f"{driver.first_name} {driver.last_name}",
        "driver": driver,
        "label": _label(driver, state, today),
        "license": _find_license(driver_id) if user.has_perm("leases.view_paper") else "",
        "spans": leases.list_spans_on(driver_id, today) if user.has_perm("leases.view_lease") else [],
        "debt": debt,
        "sentence": debt.say(driver.first_name) if debt else "",
        "tiles": [*(_list_tiles(debt, driver, today) if debt else []), *told["tiles"]],
    }
    return TemplateResponse(request, "config/driver.html", context)


def close_line(request: HttpRequest, driver_id: int) -> HttpResponse:
    """What the close would make of what they owe, in a sentence: asked for by the page once it is shown."""
    check_rights(request.user, "ledger.view_ledgerbalance")
    driver = Driver.objects.filter(pk=driver_id).first()
    if driver is None:
        raise Http404
    balance = dtr.find_current_balance(driver_id, today=timezone.localdate())
    url = reverse("admin:dtr_dtr_current_driver", args=[driver_id])
    context = {"sentence": say_close(balance, driver.first_name), "close_url": url}
    return TemplateResponse(request, "config/driver_close.html", context)


def driver_notices(request: HttpRequest, driver_id: int) -> HttpResponse:
    """What is to be known of a driver before their money is taken, such as papers that ended: it keeps nobody from it.

    Asked for by *Take a payment* once it is shown; each reader is told what the driver's page tells them.
    """
    check_any_right(request.user, *VIEW)
    notices = list_notices(request.user, Subject.DRIVER, driver_id, timezone.localdate())
    return TemplateResponse(request, "config/driver_notices.html", {"notices": notices})


def say_close(balance: dtr.CurrentBalance | None, name: str) -> str:
    """Return ``$575.00 rent and $96.50 trip taxes added, $412.30 card fares used. Anil would owe $911.45.``"""
    if balance is None:
        return "Nothing would be owed and nothing held."
    amounts = {say_category(category): amount for category, amount in balance.coming_in.items()}
    taxes = say_category(Category.TAXES)
    amounts[taxes] = amounts.get(taxes, ZERO) + balance.taxes_total
    added = [f"{format_dollars(amount)} {words}" for words, amount in amounts.items() if amount]
    parts = []
    if added:
        parts.append(f"{', '.join(added[:-1])} and {added[-1]} added" if len(added) > 1 else f"{added[0]} added")
    if balance.card_total:
        parts.append(f"{format_dollars(balance.card_total)} card fares used")
    told = f"{', '.join(parts)}. " if parts else ""
    if balance.net > 0:
        return f"{told}{format_dollars(balance.net)} would be due to {name}."
    return f"{told}{name} would owe {format_dollars(-balance.net) if balance.net else 'nothing'}."


def _label(driver: Driver, state: DriverState, today: date) -> tuple[str, str]:
    if state.is_locked:
        return "Locked", "danger"
    if not state.is_active or leases.list_drivers_who_left([driver.pk], today):
        return "Left", "warning"
    return "Active", "success"


def _find_license(driver_id: int) -> str:
    """Return until when the driver's license is good, where it is recorded."""
    papers = leases.list_papers_of_driver(driver_id)
    good_to = [paper.good_to for paper in papers if paper.kind == Paper.Kind.TLC_LICENSE]
    return f", good to {say_full_day(good_to[0])}" if good_to else ""


def _list_tiles(debt: ledger.Debt, driver: Driver, today: date) -> list[Tile]:
    whose = {"driver__id__exact": driver.pk}
    return list_debt_tiles(debt, whose, today, held=f"Held for {driver.first_name}", deposits=debt.deposits)
