"""Reports: those that one may read, the rows of one, as a file too, and what a figure is the sum of."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.admin.files import MOST_ROWS, TooManyRowsError, answer_file, answer_where_fresh, say_too_many
from core.admin.pages.report_pages import list_file_rows, name_file
from core.admin.report_forms import ReportForm
from core.api.fields import StrictSerializer, TextField, read_query
from core.api.files import CsvRenderer, XlsxRenderer
from core.api.looks import Look
from core.api.renderers import ExactJSONRenderer
from core.api.schema import LookSchema
from core.errors import FigureNotFound, ReportNotFound, TooManyRows
from core.replica import mark_as_of, read_where_fresh
from core.reports import READ, READ_CONTROLS, Asked, Column, Kind, Report, Row, RowsPage, find_report, list_reports
from core.reports.behind import Behind

#: Rows of one answer, and how far into a report one may begin; a file has all of them.
MOST_AT_ONCE, AT_ONCE, FARTHEST = 1000, 100, 1_000_000


class ReportParameterSerializer(serializers.Serializer[Any]):
    """What a report can be asked; `initial` is what it is asked without."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a member of the row
    kind = serializers.CharField(help_text="`day`, `past day`, `week`, `quarter`, `year`, `text`, `number`, `choice`.")
    initial = serializers.CharField(allow_blank=True)
    choices = serializers.ListField(child=serializers.CharField(allow_blank=True))


class ReportColumnSerializer(serializers.Serializer[Any]):
    """A column; `text`, a `day`, a moment (`time`), `money` as a decimal string, or a `count`."""

    name = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField([(kind.value, kind.value) for kind in Kind])


class ReportSerializer(serializers.Serializer[Any]):
    """A report: what it is and what it leaves out, what it can be asked, and its columns."""

    slug = serializers.CharField()
    title = serializers.CharField()
    group = serializers.CharField()
    sentence = serializers.CharField()
    parameters = ReportParameterSerializer(many=True)
    columns = ReportColumnSerializer(many=True)
    opens = serializers.ListField(
        child=serializers.CharField(), help_text="Columns with something behind their figures."
    )


class ReportsSerializer(serializers.Serializer[Any]):
    """Every report that one may read."""

    results = ReportSerializer(many=True)


class ReportRowsSerializer(serializers.Serializer[Any]):
    """Some rows of a report, each by the names of its columns, and what all of them come to."""

    slug = serializers.CharField()
    title = serializers.CharField()
    asked = serializers.DictField(child=serializers.CharField(allow_null=True))
    told = serializers.ListField(child=serializers.CharField(), help_text="Sentences above and below the rows.")
    count = serializers.IntegerField(help_text="Of all rows.")
    sums = serializers.DictField(help_text="Over all rows, by column.")
    next = serializers.CharField(allow_null=True, help_text="The address of the rows after these.")
    columns = ReportColumnSerializer(many=True)
    rows = serializers.ListField(
        child=serializers.DictField(),
        help_text="`of` is its key, for what is behind its figures; `is_void` is there where it is.",
    )


class PlaceFilters(StrictSerializer):
    """Which of the rows; beside these, the report's own parameters."""

    offset = serializers.IntegerField(
        required=False, min_value=0, max_value=FARTHEST, help_text="Rows that are left out before."
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_AT_ONCE, help_text=f"Rows of the answer; {AT_ONCE} without it."
    )


class LineFilters(PlaceFilters):
    of = TextField(max_length=200, help_text="The row, as its `of` names it.")


class ListReports(Look):
    """Every report that one may read: what it is, what it can be asked, its columns."""

    required_permissions = (READ,)
    answers = ReportsSerializer

    def check_permissions(self, request: Request) -> None:
        if request.user.has_perm(READ_CONTROLS) and not request.user.has_perm(READ):
            self.__dict__["required_permissions"] = (READ_CONTROLS,)
        super().check_permissions(request)

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        readable = [report for report in list_reports() if self.request.user.has_perms(report.permissions)]
        return {"results": [_describe(report, self.today) for report in readable]}


class ReportSchema(LookSchema):
    """Of a report, which answers files as well."""

    def get_override_parameters(self) -> list[Any]:
        kinds = {"type": "string", "enum": ["json", *MOST_ROWS]}
        form = OpenApiParameter("as", kinds, description="As a file: all rows, and their sums as the last one.")
        return [self.view.filters, form]

    def get_response_serializers(self) -> Any:
        files = {(200, renderer.media_type): OpenApiTypes.BINARY for renderer in (CsvRenderer, XlsxRenderer)}
        found = super().get_response_serializers()
        return {(200, "application/json"): found.pop(200), **files, **found}


class OfReport(Look):
    """Looks at one report, which says who may."""

    required_permissions = (READ,)
    answers = ReportRowsSerializer

    def check_permissions(self, request: Request) -> None:
        report = find_report(self.kwargs["slug"])
        if report is not None:
            # Of this report alone, whatever others need.
            self.__dict__["required_permissions"] = report.permissions
        super().check_permissions(request)

    def read(self, request: Request) -> tuple[Report, ReportForm, dict[str, Any]]:
        """Return the report, what it is asked, and what else is asked for.

        :raises ReportNotFound: there is none of this name
        :raises ValidationError: a parameter is unknown, given twice, or not what it should be
        """
        report = find_report(self.kwargs["slug"])
        if report is None:
            raise ReportNotFound(f"There is no report {self.kwargs['slug'][:80]}.")
        own = [parameter.name for parameter in report.parameters]
        fields = {name: TextField(required=False, allow_blank=True) for name in own}
        asked = read_query(type("ReportFilters", (self.filters,), fields), request)
        form = ReportForm(report, {name: asked.pop(name) for name in own if name in asked}, today=self.today)
        if not form.is_valid():
            told = form.errors.as_data().items()
            raise serializers.ValidationError(
                {
                    name: [
                        serializers.ErrorDetail(" ".join(error.messages), code=error.code or "invalid")
                        for error in errors
                    ]
                    for name, errors in told
                }
            )
        return report, form, asked


class FileFilters(PlaceFilters):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        forms = serializers.ChoiceField(["json", *MOST_ROWS], required=False)
        return {**super().get_fields(), "as": forms}


class ShowReport(OfReport):
    """The rows of a report from `offset` on, and the sums of all; `?as=csv` or `?as=xlsx`: all of them as a file."""

    schema = ReportSchema()
    renderer_classes = (ExactJSONRenderer, CsvRenderer, XlsxRenderer)
    filters = FileFilters

    def get(self, request: Request, **where: Any) -> Response | HttpResponse | FileResponse:  # type: ignore[override]
        report, form, how = self.read(request)
        asked = Asked(self.today, form.cleaned_data)
        kind = how.get("as", request.accepted_renderer.format)
        if kind in MOST_ROWS:
            return _answer_file(kind, report, asked, name_file(report, form))
        # Whatever a file would be accepted as: JSON is what was asked for.
        request.accepted_renderer, request.accepted_media_type = ExactJSONRenderer(), ExactJSONRenderer.media_type
        start, limit = how.get("offset", 0), how.get("limit", AT_ONCE)
        read = read_where_fresh(lambda: _read(report, asked, start, limit))
        found, told_above = read.answer
        of = report.behind.name_row if report.behind else None
        rows = []
        for row in found.rows:
            told = _tell_row(report.columns, row)
            told |= {"is_void": True} if row.get("is_void") else {}
            rows.append(told | {"of": of(row)} if of else told)
        answer = Response(
            {
                "slug": report.slug,
                "title": report.title,
                "asked": {name: None if value is None else str(value) for name, value in asked.values.items()},
                "told": told_above,
                "count": found.count,
                "sums": _tell_sums(report.columns, found),
                "next": _find_next(request, found, start, limit),
                "columns": _list_columns(report.columns),
                "rows": rows,
            }
        )
        return mark_as_of(answer, read.as_of)


class ShowFigure(OfReport):
    """What one figure of a row is the sum of, the oldest first: `of` is the row's own."""

    filters = LineFilters

    def get(self, request: Request, **where: Any) -> Response:
        report, form, how = self.read(request)
        figure = where["figure"]
        behind = report.behind
        if behind is None or figure not in behind.figures:
            raise FigureNotFound(f"{report.title} opens no figure {figure[:80]}.")
        try:
            keys = behind.read_keys(how["of"])
        except ValueError:
            wrong = serializers.ErrorDetail("It is the `of` of a row of this report.", code="invalid")
            raise serializers.ValidationError({"of": [wrong]}) from None
        columns = behind.list_columns(next(column for column in report.columns if column.name == figure))
        asked = Asked(self.today, form.cleaned_data)
        start, limit = how.get("offset", 0), how.get("limit", AT_ONCE)
        read = read_where_fresh(lambda: _read_lines(behind, asked, figure, keys, columns, start=start, limit=limit))
        found, lines = read.answer
        answer = Response(
            {
                "slug": report.slug,
                "title": report.title,
                "asked": {name: None if value is None else str(value) for name, value in asked.values.items()},
                "told": [],
                "count": found.count,
                "sums": _tell_sums(columns, found),
                "next": _find_next(request, found, start, limit),
                "columns": _list_columns(columns),
                "rows": [_tell_row(columns, row) for row in lines],
            }
        )
        return mark_as_of(answer, read.as_of)


def _read(report: Report, asked: Asked, start: int, limit: int) -> tuple[RowsPage, list[str]]:
    """Return the rows, and the sentences above them."""
    found = report.read(asked).read_page(report.columns, asked.words, start=start, limit=limit)
    foot = report.foot(asked) if report.foot else None
    return found, [*(report.tell(asked) if report.tell else []), *([foot.say()] if foot else [])]


def _read_lines(
    behind: Behind, asked: Asked, figure: str, keys: Any, columns: Sequence[Column], *, start: int, limit: int
) -> tuple[RowsPage, Sequence[Row]]:
    """Return what a figure is the sum of, and its lines in words."""
    found = behind.read(asked, figure, keys).read_page(columns, (), start=start, limit=limit)
    return found, list(behind.say(found.rows))


def _answer_file(kind: str, report: Report, asked: Asked, name: str) -> HttpResponse | FileResponse:
    heads = [column.title for column in report.columns]

    def answer() -> FileResponse:
        rows = report.read(asked).stream(report.columns, asked.words)
        return answer_file(kind, name, report.title, heads, list_file_rows(report.columns, rows, MOST_ROWS[kind]))

    try:
        return answer_where_fresh(answer)
    except TooManyRowsError:
        raise TooManyRows(say_too_many(kind)) from None


def _describe(report: Report, today: Any) -> dict[str, Any]:
    return {
        "slug": report.slug,
        "title": report.title,
        "group": report.group,
        "sentence": report.sentence,
        "parameters": [
            {
                "name": parameter.name,
                "label": parameter.label,
                "kind": parameter.kind.value,
                "initial": str(parameter.get_initial(today)),
                "choices": [value for value, _ in parameter.list_choices(today)],
            }
            for parameter in report.parameters
        ],
        "columns": _list_columns(report.columns),
        "opens": list(report.behind.figures) if report.behind else [],
    }


def _list_columns(columns: Sequence[Column]) -> list[dict[str, str]]:
    return [{"name": column.name, "title": column.title, "kind": column.kind.value} for column in columns]


def _tell_row(columns: Sequence[Column], row: Row) -> dict[str, Any]:
    return {column.name: _tell(column, row) for column in columns}


def _tell(column: Column, row: Row) -> Any:
    value = row[column.name]
    if isinstance(value, datetime) and not column.say:
        return timezone.localtime(value).isoformat()
    value = column.read(row)
    return f"{Decimal(value):.2f}" if column.kind == Kind.MONEY and value is not None else value


def _tell_sums(columns: Sequence[Column], found: RowsPage) -> dict[str, Any]:
    kinds = {column.name: column.kind for column in columns}
    return {name: f"{value:.2f}" if kinds[name] == Kind.MONEY else value for name, value in found.sums.items()}


def _find_next(request: Request, found: RowsPage, start: int, limit: int) -> str | None:
    after = start + limit
    if after >= found.count or after > FARTHEST:
        return None
    asked = {**request.query_params.dict(), "offset": after, "limit": limit}
    return request.build_absolute_uri(f"{request.path}?{urlencode(asked)}")


app_name = "reports-api"
urlpatterns = [
    path("reports", ListReports.as_view(), name="reports"),
    path("reports/<slug:slug>", ShowReport.as_view(), name="report"),
    path("reports/<slug:slug>/figures/<slug:figure>", ShowFigure.as_view(), name="figure"),
]
