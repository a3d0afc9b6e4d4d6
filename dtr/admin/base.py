"""What the pay week's pages share."""

from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from config.kit.admin import ReadOnlyAdmin, find_url
from dtr.models import Trip
from leases.models import Driver

#: Drivers that a search may stand for.
MAX_DRIVERS = 50


class PayWeekAdmin(ReadOnlyAdmin):
    """What these lists share: money in columns, and a search by something exact, or else by driver."""

    def find_exactly(self, term: str) -> Q | None:
        """Return what the term names exactly, if it can name anything."""
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # Two questions one after the other, each on an index: an OR of both could use none.
        exactly = self.find_exactly(term)
        if exactly is not None and queryset.filter(exactly).exists():
            return queryset.filter(exactly), False
        drivers = self.admin_site.get_model_admin(Driver)
        found, _ = drivers.get_search_results(request, drivers.get_queryset(request), term)
        return queryset.filter(driver__in=list(found.values_list("pk", flat=True)[:MAX_DRIVERS])), False

    def link_to(self, request: HttpRequest, record: Model | None) -> str:
        return find_url(self.admin_site, request, record)


def list_url(model: type[Model], **filters: Any) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return f"{reverse(name)}?{urlencode(filters)}"


def label_of(column: str) -> str:
    label = str(cast("Field[Any, Any]", Trip._meta.get_field(column)).verbose_name)
    return label[0].upper() + label[1:]
