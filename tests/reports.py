"""A report as a test reads it: its rows as a file holds them, and the sums of its page."""

from datetime import date
from typing import Any

from core.admin.report_forms import ReportForm
from core.reports import Asked, Report, RowsPage, find_report

MANY = 1000


def read(slug: str, *, today: date, **asked: Any) -> RowsPage:
    """Return the first rows of a report and its sums, asked by what a person would type."""
    report = find_report(slug)
    assert report is not None
    form = ReportForm(report, {name: str(value) for name, value in asked.items()}, today=today)
    assert form.is_valid(), form.errors
    given = Asked(today, form.cleaned_data)
    return report.read(given).read_page(report.columns, given.words, start=0, limit=MANY)


def list_opened(report: Report, *, today: date, **asked: Any) -> list[tuple[str, Any, Any]]:
    """Return each figure of a report's rows that can be opened: its column, itself, and what its lines come to."""
    form = ReportForm(report, {name: str(value) for name, value in asked.items()}, today=today)
    assert form.is_valid(), form.errors
    given = Asked(today, form.cleaned_data)
    behind = report.behind
    if behind is None:
        return []
    opened = []
    for row in report.read(given).read_page(report.columns, given.words, start=0, limit=MANY).rows:
        for column in report.columns:
            if column.name in behind.figures and row[column.name]:
                rows = behind.read(given, column.name, behind.read_keys(behind.name_row(row)))
                page = rows.read_page(behind.list_columns(column), (), start=0, limit=MANY)
                assert page.count == len(behind.say(page.rows)) > 0, (report.slug, column.name, row)
                opened.append((column.name, row[column.name], page.sums["amount"]))
    return opened


def lines(slug: str, *columns: str, today: date, **asked: Any) -> list[tuple[str, ...]]:
    """Return these columns of a report's rows as a page shows them, and the sums as the last line."""
    report = find_report(slug)
    assert report is not None
    page = read(slug, today=today, **asked)
    by_name = {column.name: column for column in report.columns}
    shown = [tuple(by_name[name].show(row) for name in columns) for row in page.rows]
    return [*shown, tuple(str(page.sums.get(name, "")) for name in columns)]
