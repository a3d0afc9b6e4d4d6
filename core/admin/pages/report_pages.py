"""The reports: their index, the page of each, and its rows as a file."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.admin.acts import Page
from core.admin.files import (
    MOST_ROWS,
    TooManyRowsError,
    answer_file,
    answer_where_fresh,
    limit_rows,
    say_too_many,
)
from core.admin.report_forms import ReportForm
from core.admin.report_layout import lay_out
from core.clock import NEW_YORK
from core.replica import read_where_fresh
from core.reports import (
    READ,
    READ_CONTROLS,
    WHO,
    Asked,
    Column,
    Kind,
    Report,
    Row,
    find_report,
    list_reports,
    say_figure,
)
from core.reports.behind import ROW
from core.reports.links import report_url
from core.words import say_full_day, say_full_moment

ROWS_ON_A_PAGE = 50
#: A page is printed whole; more rows than these are for a file.
MOST_PRINTED = 2000
TOGETHER = "Together"
#: Lines that open under a row; more are on a page of their own.
LINES_UNDER_A_ROW = 25


class ReportsPage(Page):
    """Every report that the reader may open, by group, each with its sentence."""

    title = "Reports"
    needs = (READ, READ_CONTROLS)
    template_name = "core/reports.html"

    def has_permission(self) -> bool:
        return bool(self.readable)

    @cached_property
    def readable(self) -> list[Report]:
        return [report for report in list_reports() if self.request.user.has_perms(report.permissions)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        places: dict[str, int] = {}
        for report in self.readable:
            places.setdefault(report.group, report.place)
        ordered = sorted(self.readable, key=lambda report: (places[report.group], report.place))
        groups = [(group, list(reports)) for group, reports in groupby(ordered, key=lambda report: report.group)]
        return super().get_context_data(groups=groups, **kwargs)


class ReportPage(Page):
    """One report: its inputs, a page of its rows, and the sums over all of them."""

    template_name = "core/report.html"

    @cached_property
    def report(self) -> Report:
        report = find_report(self.kwargs["slug"])
        if report is None:
            raise Http404
        return report

    def get_permission_required(self) -> tuple[str, ...]:
        return self.report.permissions

    def get_title(self) -> str:
        return self.report.title

    @cached_property
    def form(self) -> ReportForm:
        return ReportForm(self.report, self.request.GET, today=timezone.localdate())

    @property
    def asked(self) -> Asked:
        return Asked(timezone.localdate(), self.form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"report": self.report, "form": self.form, "all_reports": reverse("reports:index")}
        if self.form.is_valid():
            begun_at = timezone.now()
            read = read_where_fresh(self._read)
            context |= read.answer | {"as_of": read.as_of, "read_at": say_full_moment(read.as_of or begun_at)}
        return super().get_context_data(**context, **kwargs)

    def _read(self) -> dict[str, Any]:
        asked, report = self.asked, self.report
        is_print = "print" in self.request.GET
        limit = MOST_PRINTED if is_print else ROWS_ON_A_PAGE
        number = 1 if is_print else _number_in(self.request.GET.get("page", ""))
        start = (number - 1) * limit
        found = report.read(asked).read_page(report.columns, asked.words, start=start, limit=limit, bar=report.bar)
        layout, behind = lay_out(report.columns, found.blank), report.behind
        first = (number - 1) * limit + 1
        query = self.request.GET.copy()
        for name in ("page", "print"):
            query.pop(name, None)
        return {
            "told": report.tell(asked) if report.tell else (),
            "leads": self._find_leads(asked),
            "foot": self._find_foot(asked),
            "heads": layout.heads,
            "left_out": layout.left_out,
            "asides": layout.asides,
            "rows": [
                (row.get("is_void"), layout.show_row(row, behind, self._ask_behind(row) if behind else ""))
                for row in found.rows
            ],
            "totals": layout.show_totals(found),
            "empty": report.empty.format(day=say_full_day(asked.today)),
            "bar": [
                (say_figure(found.sums[one.name]), f"{one.words} {count:,} {one.one}{'' if count == 1 else 's'}")
                for place, (one, count) in enumerate(zip(report.bar, found.counts, strict=True))
                if count or place == 0
            ],
            "count": found.count,
            "first": first,
            "last": first + len(found.rows) - 1,
            "before": number - 1,
            "next": number + 1 if number * limit < found.count else None,
            "is_print": is_print,
            "is_cut": is_print and found.count > limit,
            "query": query.urlencode(),
            "files": [(form.upper(), reverse("reports:file", args=[report.slug, form])) for form in MOST_ROWS],
        }

    def _ask_behind(self, row: Row) -> str:
        """Return the query that asks for what is behind a figure of a row."""
        assert self.report.behind is not None, "something is"
        return urlencode({ROW: self.report.behind.name_row(row), **self._told})

    def _find_leads(self, asked: Asked) -> dict[str, Any]:
        """Return where another report goes on, for whoever may open it."""
        leads = self.report.leads(asked) if self.report.leads else None
        other = self._find_readable(leads.slug) if leads else None
        if leads is None or other is None:
            return {}
        links = [(words, report_url(other.slug, **given)) for words, given in leads.asked]
        return {"words": leads.words, "title": other.title, "links": links}

    def _find_foot(self, asked: Asked) -> dict[str, Any]:
        foot = self.report.foot(asked) if self.report.foot else None
        if foot is None:
            return {}
        other = self._find_readable(foot.slug)
        url = report_url(other.slug, **foot.asked) if other else ""
        return {"title": foot.title, "url": url, "lines": [(words, say_figure(amount)) for words, amount in foot.lines]}

    def _find_readable(self, slug: str) -> Report | None:
        report = find_report(slug)
        return report if report and self.request.user.has_perms(report.permissions) else None

    @cached_property
    def _told(self) -> dict[str, Any]:
        """What the report was asked, as an address says it; words find a row, and are not asked of one."""
        asked = {name: value for name, value in self.form.cleaned_data.items() if name != WHO.name}
        return {name: value for name, value in asked.items() if value not in (None, "")}


class ReportLinesPage(ReportPage):
    """What one figure of one row is the sum of: under the row, where a report's page asks, or as a page."""

    template_name = "core/report_lines.html"

    def get_title(self) -> str:
        return f"{self.report.title}: {self.column.title}"

    @cached_property
    def column(self) -> Column:
        behind, name = self.report.behind, self.kwargs["figure"]
        if behind is None or name not in behind.figures:
            raise Http404
        return next(column for column in self.report.columns if column.name == name)

    def get_template_names(self) -> list[str]:
        return ["core/report_lines_under.html"] if self._is_under else [self.template_name]

    @property
    def _is_under(self) -> bool:
        return "HX-Request" in self.request.headers

    def _read(self) -> dict[str, Any]:
        behind = self.report.behind
        assert behind is not None, "the column was found"
        try:
            keys = behind.read_keys(self.request.GET.get(ROW, ""))
        except ValueError as error:
            raise Http404 from error
        number = 1 if self._is_under else _number_in(self.request.GET.get("page", ""))
        limit = LINES_UNDER_A_ROW if self._is_under else ROWS_ON_A_PAGE
        columns, start = behind.list_columns(self.column), (number - 1) * limit
        layout = lay_out(columns)
        found = behind.read(self.asked, self.column.name, keys).read_page(columns, (), start=start, limit=limit)
        query = self.request.GET.copy()
        query.pop("page", None)
        return {
            "heads": layout.heads,
            "rows": [layout.show_row(row, None, "") for row in behind.say(found.rows)],
            "together": say_figure(found.sums["amount"]),
            "count": found.count,
            "first": start + 1,
            "last": start + len(found.rows),
            "before": number - 1,
            "next": number + 1 if number * limit < found.count else None,
            "query": query.urlencode(),
            "width": len(self.report.columns),
            "back": f"{reverse('reports:report', args=[self.report.slug])}?{urlencode(self._told)}",
        }


class ReportFile(ReportPage):
    """A report's rows as a file: all of them, with the columns of the page, and the sums as the last row."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | FileResponse:  # type: ignore[override]
        name = self.kwargs["form"]
        if name not in MOST_ROWS:
            raise Http404
        page = f"{reverse('reports:report', args=[self.report.slug])}?{request.GET.urlencode()}"
        if not self.form.is_valid():
            return redirect(page)
        try:
            return answer_where_fresh(lambda: self._answer(name))
        except TooManyRowsError:
            messages.error(request, say_too_many(name))
            return redirect(page)

    def _answer(self, name: str) -> FileResponse:
        asked, report = self.asked, self.report
        heads = [column.title for column in report.columns]
        rows = list_file_rows(report.columns, report.read(asked).stream(report.columns, asked.words), MOST_ROWS[name])
        return answer_file(name, name_file(report, self.form), report.title, heads, rows)


def name_file(report: Report, form: ReportForm) -> str:
    """Return what a file is called that is read now: the report, what it was asked, and when, by New York's clock."""
    read = f"read-{timezone.now().astimezone(NEW_YORK):%Y-%m-%d-%H%M}"
    return "-".join(part for part in (report.slug, form.name_of(), read) if part)


def list_file_rows(columns: Sequence[Column], rows: Iterator[Row], most: int) -> Iterator[list[Any]]:
    """Yield the rows as a file holds them, and what they come to as the last.

    :raises TooManyRowsError: there are more than ``most``
    """
    sums: dict[str, Any] = {
        column.name: Decimal("0.00") if column.kind == Kind.MONEY else 0 for column in columns if column.has_sum
    }
    for row in limit_rows(rows, most):
        for name in sums:
            sums[name] += row[name] or 0
        yield [column.read(row) for column in columns]
    if sums:
        yield [TOGETHER if place == 0 else sums.get(column.name) for place, column in enumerate(columns)]


def _number_in(typed: str) -> int:
    """The number of a page: 1 where the address names none."""
    return max(int(typed), 1) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else 1
