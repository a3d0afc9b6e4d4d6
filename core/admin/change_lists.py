"""Lists as they are asked for: counted, sorted and summed only as far as that is quick, with what narrows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from urllib.parse import parse_qsl

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR
from django.contrib.auth.models import User
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import Count, F, IntegerField, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, cached_property
from unfold.views import ChangeList

from core.admin.chosen import MOST
from core.admin.files import MOST_ROWS
from core.admin.filters import is_read
from core.admin.list_chips import Chip, list_chips
from core.admin.list_sums import Told, sum_list
from core.admin.several import SeveralPage
from core.links import record_url
from core.selectors import list_unfinished_acts, list_views

#: Rows counted one by one; beyond, a list says "more than 10,000", or gives PostgreSQL's own estimate.
COUNT_UP_TO = 10_000
#: Rows that are added up once the page is seen, where nobody asked for their sum.
ADD_UP_UNASKED = 1_000_000


class QuickPaginator(Paginator):
    """Counts a filtered list up to a limit, and asks PostgreSQL's statistics how long an unfiltered one is."""

    template_name = "core/pagination_quick.html"
    is_estimate = False
    is_capped = False
    #: The keys of all rows, the greatest first, where they were counted one by one; else nothing.
    keys: Sequence[Any] = ()

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
        found = _first_keys(rows).aggregate(counted=Count("pk"), keys=ArrayAgg("pk", order_by="-pk"))
        self.is_capped = found["counted"] > COUNT_UP_TO
        self.keys = () if self.is_capped else found["keys"] or ()
        counted: int = found["counted"]
        return counted


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An act of the reader's own on rows of the list, of which some are not done yet."""

    waiting: int
    verb: str
    url: str


@dataclass(frozen=True, slots=True)
class ListView:
    """A saved view over its list; ``forget_url`` is its owner's alone."""

    name: str
    url: str
    is_shown: bool
    is_shared: bool
    forget_url: str


class QuickChangeList(ChangeList):
    """A list that tells what its rows come to, and is sorted by a column without an index only while it is short."""

    #: What the rows come to; None where nothing is summed, or there are too many.
    told: Told | None = None
    is_too_long_to_sort = False

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request_user = request.user
        super().__init__(request, *args, **kwargs)

    def url_for_result(self, result: Any) -> str:
        if not isinstance(result.pk, int):
            return str(super().url_for_result(result))
        return record_url(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", result.pk)

    def get_filters(self, request: HttpRequest) -> Any:
        """Return the filters that the list is asked for.

        :raises IncorrectLookupParameters: one is asked for a day or a moment that is none
        """
        found = super().get_filters(request)
        if not all(map(is_read, found[0])):
            raise IncorrectLookupParameters
        return found

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        if self.params.get(ORDER_VAR) and not self._is_served(queryset):
            del self.params[ORDER_VAR]
            self.is_too_long_to_sort = True
        ordering: list[Any] = super().get_ordering(request, queryset)
        return ordering

    def _is_served(self, queryset: QuerySet[Any]) -> bool:
        """Whether the order that is asked for is an index's, or the rows are few enough to be sorted."""
        asked = self.params[ORDER_VAR].lstrip("-")
        column = self.list_display[int(asked)] if asked in map(str, range(len(self.list_display))) else None
        if column and self.get_ordering_field(column) in self.model_admin.indexed_order:
            return True
        return _count_up_to(queryset) <= COUNT_UP_TO

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self._is_found_first:
            self._look_up_what_was_found()
        asked = self.model_admin.list_sum
        if asked and not self.is_long and not self.is_popup:
            self.told = sum_list(self, asked, COUNT_UP_TO)

    def _look_up_what_was_found(self) -> None:
        """Have the page's rows looked up by their keys, which were found when they were counted.

        PostgreSQL takes what is filtered for spread over the whole table, and walks the primary key backwards until it
        has met enough of it; what happened in one week of last year lies together, a million rows away. And a posting
        is told with a dozen others: to join those to all of a month takes ten times as long as to find the month.
        """
        start = (self.page_num - 1) * self.list_per_page if self.multi_page else 0
        rows = self.root_queryset.filter(pk__in=self.paginator.keys[start : start + self.list_per_page])
        if not rows.query.select_related:
            rows = self.apply_select_related(rows)
        # Sorted here: for an ORDER BY Django compares each of a posting's hundred and seventy columns with it. And only
        # once they are shown, which a file of the list and a page to print do not.
        self.result_list = SimpleLazyObject(lambda: sorted(rows.order_by(), key=attrgetter("pk"), reverse=True))

    def list_whole(self) -> QuerySet[Any]:
        """Return all rows in the order of the pages, for who reads them all: few are found first, then sorted."""
        rows: QuerySet[Any] = self.queryset
        return rows.order_by((F("pk") + 0).desc()) if self._is_found_first else rows

    @property
    def _is_found_first(self) -> bool:
        """Whether few rows were filtered, and the newest of them come first by their key."""
        first = next(iter(self.queryset.query.order_by), None)
        key = self.opts.pk.target_field if self.opts.pk.remote_field else self.opts.pk
        is_by_key = isinstance(key, IntegerField) and first in ("-pk", "-id", f"-{self.opts.pk.name}")
        return bool(is_by_key and self.queryset.query.where and not self.is_long)

    @property
    def is_long(self) -> bool:
        """Whether there are more rows than were counted."""
        return bool(self.paginator.is_estimate or self.paginator.is_capped)

    @property
    def count_told(self) -> str:
        """How many rows there are, as people write it; nothing where they were not all counted."""
        return "" if self.is_long else f"{self.result_count:,}"

    @property
    def chips(self) -> list[Chip]:
        return list_chips(self)

    @property
    def clear_url(self) -> str:
        """The list with nothing that narrows it, in the same order."""
        return str(self.get_query_string({SEARCH_VAR: None}, remove=list(self.get_filters_params())))

    @property
    def views(self) -> list[ListView]:
        """The saved views of the list, and which of them is shown; none where no view is kept."""
        user = self.request_user
        if self.model_admin.list_sum is None or self.is_popup or not isinstance(user, User):
            return []
        shown = sorted(parse_qsl(self.get_query_string().removeprefix("?")))
        return [
            ListView(
                view.name,
                f"?{view.query}",
                is_shown=sorted(parse_qsl(view.query)) == shown,
                is_shared=view.is_shared,
                forget_url=self._url_of("forget_view", view.pk) if view.owner_id == user.pk else "",
            )
            for view in list_views(user, self.opts.label_lower)
        ]

    @property
    def all_at_once(self) -> int:
        """How many rows there are, where all of them may be chosen at once and one page does not show them; else 0."""
        rows: int = self.result_count
        return rows if not self.is_long and len(self.result_list) < rows <= MOST else 0

    @cached_property
    def unfinished(self) -> list[Unfinished]:
        """The reader's own acts on this list that are not done to every row; none where the list has no acts."""
        acts = {act.name_of_page(): act for act in self.model_admin.several_pages if issubclass(act, SeveralPage)}
        if not acts or self.is_popup or not isinstance(self.request_user, User):
            return []
        return [
            Unfinished(waiting, acts[act.page].verb, reverse(f"admin:{act.page}_act", args=[act.pk]))
            for act, waiting in list_unfinished_acts(self.request_user, acts)
        ]

    @property
    def save_url(self) -> str:
        """Where the list as it is narrowed now is kept as a view."""
        return f"{self._url_of('save_view')}{self.get_query_string()}"

    def _url_of(self, name: str, *args: object) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    @property
    def sum_url(self) -> str:
        """Where a list that is too long for it to be done at once is added up."""
        return f"{self._url_of('sum')}{self.get_query_string()}"

    @property
    def is_added_up_unasked(self) -> bool:
        """Whether the list may be short enough; where it is narrowed, only its rows can tell."""
        return not self.paginator.is_estimate or self.result_count <= ADD_UP_UNASKED

    @property
    def print_url(self) -> str:
        """Where the list is a page to print."""
        return f"{self._url_of('print')}{self.get_query_string()}"

    @property
    def files(self) -> list[tuple[str, str]]:
        """The list as files: what each is called, and where it is."""
        if self.model_admin.list_sum is None or self.is_popup:
            return []
        return [(form.upper(), self._url_of("file", form) + self.get_query_string()) for form in MOST_ROWS]


def _count_up_to(rows: QuerySet[Any]) -> int:
    """Return how many rows there are, counted no further than to one more than is said; nothing else is worked out."""
    return _first_keys(rows).count()


def _first_keys(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    return rows.order_by().values("pk")[: COUNT_UP_TO + 1]


def _estimate_rows(rows: QuerySet[Any]) -> int:
    with connections[rows.db].cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table])
        estimate: int = cursor.fetchone()[0]
    return estimate
