"""A report as a test reads it: its rows as a file holds them, and the sums of its page."""

from datetime import date
from typing import Any

from core.admin.report_forms import ReportForm
from core.reports import Asked, RowsPage, find_report

MANY = 1000


def read(slug: str, *, today: date, **asked: Any) -> RowsPage:
    """Return the first rows of a report and its sums, asked by what a person would type."""
    report = find_report(slug)
    assert report is not None
    form = ReportForm(report, {name: str(value) for name, value in asked.items()}, today=today)
    assert form.is_valid(), form.errors
    given = Asked(today, form.cleaned_data)
    return report.read(given).read_page(report.columns, given.words, start=0, limit=MANY)


def lines(slug: str, *columns: str, today: date, **asked: Any) -> list[tuple[str, ...]]:
    """Return these columns of a report's rows as a page shows them, and the sums as the last line."""
    report = find_report(slug)
    assert report is not None
    page = read(slug, today=today, **asked)
    by_name = {column.name: column for column in report.columns}
    shown = [tuple(by_name[name].show(row) for name in columns) for row in page.rows]
    return [*shown, tuple(str(page.sums.get(name, "")) for name in columns)]
