"""What the ledger's lists share: money in columns, drivers, and a search that stays on one index."""

import re
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.kit.admin import Fact
from config.kit.sources import find_source
from ledger.categories import Status
from ledger.models import LedgerAccount

#: Drivers a name may stand for before a list stops widening.
MAX_DRIVERS = 50

STATUS_LABELS = {"Open": "info", "Settled": "success", "Voided": "danger"}
KIND_LABELS = {"Void": "danger", "Write-off": "warning", "Obligation": "info"}


def driver_model() -> type[Model]:
    """The model that the ledger names by a string alone."""
    model = LedgerAccount._meta.get_field("driver").related_model
    assert isinstance(model, type)
    return model


def find_drivers(site: AdminSite, request: HttpRequest, term: str) -> QuerySet[Any]:
    """Return the drivers that a few letters find, by the search of their own list; none to who may not see drivers."""
    model = driver_model()
    drivers = site.get_model_admin(model)
    if not term or not drivers.has_view_permission(request):
        return model._default_manager.none()
    found, _ = drivers.get_search_results(request, drivers.get_queryset(request), term)
    ordered: QuerySet[Any] = found.order_by(*(model._meta.ordering or ["pk"]))
    return ordered


def search_by_reference_or_driver(
    site: AdminSite, request: HttpRequest, rows: QuerySet[Any], term: str, *, exactly: Q
) -> QuerySet[Any]:
    """Return the rows that ``exactly`` matches, or else those of the drivers whom the term finds.

    Two questions one after the other, each on an index: an OR of both could use none.
    """
    found = rows.filter(exactly)
    if found.exists():
        return found
    drivers = find_drivers(site, request, term).values_list("pk", flat=True)[:MAX_DRIVERS]
    return rows.filter(driver_id__in=list(drivers))


def number_in(term: str, prefix: str = "") -> int | None:
    """Return the number that the term is: 17, or PAY-000017 where ``prefix`` is PAY."""
    match = re.fullmatch(rf"(?:{re.escape(prefix)}-?)?0*(\d{{1,18}})", term.strip(), re.IGNORECASE)
    return int(match.group(1)) if match else None


def driver_link(driver: Any) -> SafeString:
    return format_html('<a class="cell-link" href="{}">{}</a>', account_url(driver.pk), driver)


def source_facts(request: HttpRequest, reference_id: str) -> list[Fact]:
    """The record that a reference stands for, where an app knows one and the user may see it."""
    source = find_source(reference_id)
    if source is None or not request.user.has_perm(source.permission):
        return []
    return [Fact("Source", source.label, source.url)]


def account_url(driver_id: int) -> str:
    return reverse("admin:ledger_driver_account", args=[driver_id])


def money_cell(amount: Any) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def status_label(status: str) -> str:
    return str(Status(status).label)
