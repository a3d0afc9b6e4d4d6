"""What the ledger's lists share: money in columns, drivers, sources."""

from typing import Any

from django.db.models import Model, Q
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin import Fact
from core.corrections import find_own_act
from core.dossier import driver_url
from core.sources import find_source
from ledger.categories import Status
from ledger.models import LedgerAccount

STATUS_LABELS = {"Open": "info", "Settled": "success", "Voided": "danger"}
KIND_LABELS = {"Void": "danger", "Write-off": "warning", "Charge": "info"}


def driver_model() -> type[Model]:
    """The model that the ledger names by a string alone."""
    model = LedgerAccount._meta.get_field("driver").related_model
    assert isinstance(model, type)
    return model


def driver_link(driver: Any) -> SafeString:
    return format_html('<a class="cell-link" href="{}">{}</a>', account_url(driver.pk), driver)


def source_facts(request: HttpRequest, reference_id: str) -> list[Fact]:
    """The record that a reference stands for, where an app knows one and the user may see it."""
    source = find_source(reference_id)
    if source is None or not request.user.has_perm(source.permission):
        return []
    return [Fact("Source", source.label, source.url)]


def of_reference(term: str, column: str) -> Q:
    """What a reference names, or its beginning where it ends with a hyphen: ``LEASE-33-``."""
    return (
        Q(**{f"{column}__startswith": term.upper()})
        if term.endswith("-")
        else Q(**{f"{column}__in": {term, term.upper()}})
    )


def own_act(request: HttpRequest, record: Any) -> str:
    """Where a charge or credit is mended by an act of the module that made it, for whoever mends; else nothing."""
    return (find_own_act(record) or "") if request.user.has_perm("ledger.correct_charge") else ""


def account_url(driver_id: int) -> str:
    """Return the address of the page of whose account it is."""
    return driver_url(driver_id)


def status_label(status: str) -> str:
    return str(Status(status).label)
