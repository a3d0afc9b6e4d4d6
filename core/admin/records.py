"""Lists that answer at once with five million rows, and records that are only looked at."""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.admin import AdminSite, ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import DecimalField, Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.views import View
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from core.admin.fields import PlainDecimalField

#: Rows counted one by one; beyond, a list says "more than 10,000", or gives PostgreSQL's own estimate.
COUNT_UP_TO = 10_000


class QuickPaginator(Paginator):
    """Counts a filtered list up to a limit, and asks PostgreSQL's statistics how long an unfiltered one is."""

    template_name = "core/pagination_quick.html"
    is_estimate = False
    is_capped = False

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        if not rows.query.where:
            estimate = _estimate_rows(rows)
            if estimate > COUNT_UP_TO:
                self.is_estimate = True
                return estimate
        counted = rows.order_by()[: COUNT_UP_TO + 1].count()
        self.is_capped = counted > COUNT_UP_TO
        return counted


class QuickChangeList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # Without filters the count *is* the full one: so the page does not offer to "show all".
        if not self.get_filters_params() and not self.query:
            self.full_result_count = self.result_count


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a record's page; ``url`` leads to what it names."""

    label: str
    value: Any
    url: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A way from a page to the page of an act, shown to whoever may act."""

    label: str
    url: str
    is_dangerous: bool = False
    is_main: bool = False


class ListAdmin(ModelAdmin):
    """Defaults of every list: fifty rows a page, no full count, and nothing that acts on all pages at once."""

    list_per_page = 50
    list_max_show_all = 0
    list_disable_select_all = True
    list_filter_submit = True
    show_full_result_count = False
    #: Counting each choice of each filter reads the table once for each.
    show_facets = ShowFacets.NEVER
    paginator = QuickPaginator
    change_list_template = "core/list.html"
    formfield_overrides = {DecimalField: {"form_class": PlainDecimalField}}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QuickChangeList

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        """Return the ways from the list to the pages of acts, for whoever may act."""
        return []

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        context = {"buttons": self.list_buttons(request), **(extra_context or {})}
        page: TemplateResponse = super().changelist_view(request, context)
        return page

    def page(self, route: str, view: type[View], name: str) -> URLPattern:
        """Return the address of a page of our own, for ``get_urls``; ``admin:<name>`` finds it."""
        address: URLPattern = path(route, self.admin_site.admin_view(view.as_view(model_admin=self)), name=name)
        return address


class ReadOnlyAdmin(ListAdmin):
    """Records that only services write: nobody adds, changes or deletes them here, not even a superuser."""

    actions = None
    detail_template = "core/detail.html"
    #: Sorting by any other column would read the whole table.
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one record on a page of its own, by ``detail_template``."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return missing
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request, record):
            raise PermissionDenied
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": str(record),
            "opts": self.opts,
            "original": record,
            "media": self.media,
            **self.get_detail(request, record),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.detail_template, context)

    def link_to(self, request: HttpRequest, record: Model | None) -> str:
        """Return the address of another record's page, or nothing where the user may not see it."""
        return find_url(self.admin_site, request, record)

    def get_detail(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """Return what the record's page shows: ``facts``, ``buttons``, and whatever its template asks for."""
        return {}


def find_url(site: AdminSite, request: HttpRequest, record: Model | None) -> str:
    """Return the address of a record's page, or nothing where there is none, or the user may not see it."""
    if record is None or not site.is_registered(type(record)):
        return ""
    if not site.get_model_admin(type(record)).has_view_permission(request):
        return ""
    return reverse(f"{site.name}:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def list_url(model: type[Model], **filters: Any) -> str:
    """Return the address of a model's list, filtered."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return f"{reverse(name)}?{urlencode(filters)}"


def label_of(model: type[Model], column: str) -> str:
    """Return what people call a column."""
    label = str(cast("Field[Any, Any]", model._meta.get_field(column)).verbose_name)
    return label[0].upper() + label[1:]


def _estimate_rows(rows: QuerySet[Any]) -> int:
    with connections[rows.db].cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table])
        estimate: int = cursor.fetchone()[0]
    return estimate
