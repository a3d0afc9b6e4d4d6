"""Lists that answer at once with five million rows, and records that are only looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn, cast
from urllib.parse import urlencode

from django.contrib.admin import AdminSite, ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied
from django.db.models import DecimalField, Field, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views import View
from unfold.admin import ModelAdmin, checkbox
from unfold.decorators import display
from unfold.views import ChangeList

from core.admin.change_lists import QuickChangeList, QuickPaginator
from core.admin.chosen import MOST, ChosenPage
from core.admin.fields import PlainDecimalField
from core.admin.list_sums import ListSum
from core.admin.pages.list_files import ListFile, ListPrint, list_exports
from core.admin.pages.list_sum import ListSumPage
from core.admin.pages.views import ForgetViewPage, SaveViewPage
from core.admin.several import SeveralPage

NOT_NARROWED = "All rows: what the list should be narrowed by could not be read. A day is 2026-11-27 or 11/27/2026."
_CHOOSE_ALL = mark_safe(checkbox.render("action_toggle_all", 1))  # nosec B308  # Unfold's own, no data


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


class FrameAdmin(ModelAdmin):
    """What every admin here has: a record that does not exist is answered as any page that does not."""

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        """Django would lead Home, with a message and a 302, as if it had been done.

        :raises Http404: always, to whoever may see such records
        """
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        raise Http404


class ListAdmin(FrameAdmin):
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
    #: What its money comes to; a list of money is a file too, with the rows and columns of the page.
    list_sum: ListSum | None = None
    #: Acts on the rows chosen in it.
    several_pages: tuple[type[ChosenPage], ...] = ()
    #: Columns of the table by which an index sorts it, however long it is.
    indexed_order: tuple[str, ...] = ()

    @property
    def chosen_pages(self) -> tuple[type[ChosenPage], ...]:
        """All that can be asked of chosen rows: the acts, and of a list of money to export them."""
        return (*self.several_pages, *(list_exports(self.model) if self.list_sum is not None else ()))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QuickChangeList

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        """Return the ways from the list to the pages of acts, for whoever may act."""
        return []

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        if ERROR_FLAG in request.GET and request.method == "GET":
            self.message_user(request, NOT_NARROWED, "WARNING")
        context = {"buttons": self.list_buttons(request), **(extra_context or {})}
        page: TemplateResponse = super().changelist_view(request, context)
        return page

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own: list[URLPattern] = super().get_urls()
        if self.list_sum is not None:
            own = [
                self.page("views/save/", SaveViewPage, f"{name}_save_view"),
                self.page("views/<int:view_id>/forget/", ForgetViewPage, f"{name}_forget_view"),
                *own,
            ]
            own = [self.page("sum/", ListSumPage, f"{name}_sum"), *own]
            own = [self.page("print/", ListPrint, f"{name}_print"), *own]
            own = [self.page("file/<slug:form>/", ListFile, f"{name}_file"), *own]
        for act in self.chosen_pages:
            address = f"{name}_{act.name}_several"
            if issubclass(act, SeveralPage):
                own = [self.page(f"several/{act.name}/<int:act_id>/", act, f"{address}_act"), *own]
            own = [self.page(f"several/{act.name}/", act, address), *own]
        return own

    @display(description=_CHOOSE_ALL)
    def action_checkbox(self, obj: Model) -> SafeString:
        """Return the box that chooses a row: a plain one, of which fifty weigh little."""
        dollars = None if self.is_void(obj) else self.dollars_of(obj)
        told = "" if dollars is None else f' data-dollars="{dollars}"'
        return mark_safe(  # nosec B308  # a number, dollars and escaped words
            f'<input type="checkbox" name="{ACTION_CHECKBOX_NAME}" value="{escape(obj.pk)}" '
            f'class="action-select list-check" aria-label="Choose {escape(obj)}"{told}>'
        )

    def dollars_of(self, record: Any) -> Decimal | None:
        """Return what a chosen row adds to the sum over the list; None where rows are not summed by one sign."""
        return None

    def is_void(self, record: Any) -> bool:
        """Whether a row was undone: its money is struck, and in no sum."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the acts on chosen rows that this user may do, for Unfold's box of them: each leads to its page."""
        if IS_POPUP_VAR in request.GET:
            return {}
        return {
            act.name: (_lead_to(act), act.name, act.label_in_list())
            for act in self.chosen_pages
            if act(model_admin=self, request=request).has_permission()
        }

    def page(self, route: str, view: type[View], name: str) -> URLPattern:
        """Return the address of a page of our own, for ``get_urls``; ``admin:<name>`` finds it."""
        address: URLPattern = path(route, self.admin_site.admin_view(view.as_view(model_admin=self)), name=name)
        return address


class ReadOnlyAdmin(ListAdmin):
    """Records that only services write: nobody adds, changes or deletes them here, not even a superuser."""

    detail_template = "core/detail.html"
    #: Others are named where sorting by them tells something.
    sortable_by: Sequence[str] = ()

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
            self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
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


def _lead_to(act: type[ChosenPage]) -> Callable[..., HttpResponse]:
    def lead(model_admin: ListAdmin, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
        # What was chosen stands in the request, or is all that the list finds: never "all rows" of a million.
        is_all = request.POST.get("select_across") == "1"
        found = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1]) if is_all else None
        page: HttpResponse = act.as_view(model_admin=model_admin, all_of_list=found)(request)
        return page

    return lead


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
