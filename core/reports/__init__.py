"""Reports: tables to read, which any app lists in its ``reports`` module.

A report is a slug, a title, a sentence, parameters, typed columns and rows. It only reads. The page, the paging, the
sums over all rows, the files and the print are the same for all of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.discovery import load_modules
from core.reports.around import Foot, Leads
from core.reports.behind import Behind, lines_of, read_day, read_number
from core.reports.columns import Column, Kind, Row, count, day, money, say_figure, text, time
from core.reports.parameters import (
    AS_OF,
    DAYS,
    PAST_DAY,
    QUARTER,
    WEEK,
    WEEKS,
    WHO,
    YEAR,
    Parameter,
    ParameterKind,
    choice,
    number,
)
from core.reports.rows import Bar, ListedRows, Rows, RowsPage, SqlRows, sum_rows

#: Whoever reads a report has this, or for what is not the office's the other one; and what its data need besides.
READ = "core.read_reports"
READ_CONTROLS = "core.read_control_reports"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked: its parameters by name, and the day on which it is asked."""

    today: date
    values: Mapping[str, Any] = field(default_factory=dict)
    _found: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find_once(self, name: str, find: Callable[[], Any]) -> Any:
        """Return what ``find`` found when this name was first asked for: the same in the rows and above them."""
        if name not in self._found:
            self._found[name] = find()
        return self._found[name]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def words(self) -> list[str]:
        return str(self.values.get(WHO.name) or "").split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report. ``sentence`` says what it is and what it leaves out; ``empty`` what stands where there is no row.

    Groups stand in the order of their lowest ``place``. ``tell`` gives sentences that stand above the rows. ``bar``
    are sums that are told above them in words. ``behind`` is what the figures of a row are the sums of. ``leads`` is
    where another report goes on, ``foot`` what stands below the rows. ``{day}`` in ``empty`` is the day on which the
    report is asked.
    """

    slug: str
    title: str
    group: str
    place: int
    sentence: str
    permissions: tuple[str, ...]
    columns: tuple[Column, ...]
    read: Callable[[Asked], Rows]
    parameters: tuple[Parameter, ...] = ()
    empty: str = "Nothing matches."
    tell: Callable[[Asked], Sequence[str]] | None = None
    bar: tuple[Bar, ...] = ()
    behind: Behind | None = None
    leads: Callable[[Asked], Leads] | None = None
    foot: Callable[[Asked], Foot | None] | None = None


_reports: dict[str, Report] = {}


def register(report: Report) -> Report:
    """Have the report be listed.

    :raises ValueError: the slug is another report's, what finds a row in it is not said, or it opens no figure
        of its own
    """
    if _reports.setdefault(report.slug, report) is not report:
        raise ValueError(f"There is a report named {report.slug} already.")
    if WHO in report.parameters and not any(column.is_searched for column in report.columns):
        raise ValueError(f"{report.slug} has no column in which words are searched.")
    if report.behind and not {*report.behind.figures} <= {column.name for column in report.columns}:
        raise ValueError(f"{report.slug} opens a figure that it does not show.")
    return report


def list_reports() -> list[Report]:
    """Return the reports of every installed app, in their order."""
    load_modules("reports")
    return sorted(_reports.values(), key=lambda report: (report.place, report.slug))


def find_report(slug: str) -> Report | None:
    return next((report for report in list_reports() if report.slug == slug), None)


__all__ = [
    "AS_OF",
    "DAYS",
    "PAST_DAY",
    "QUARTER",
    "READ",
    "READ_CONTROLS",
    "WEEK",
    "WEEKS",
    "WHO",
    "YEAR",
    "Asked",
    "Bar",
    "Behind",
    "Column",
    "Foot",
    "Kind",
    "Leads",
    "ListedRows",
    "Parameter",
    "ParameterKind",
    "Report",
    "Row",
    "Rows",
    "RowsPage",
    "SqlRows",
    "choice",
    "count",
    "day",
    "find_report",
    "lines_of",
    "list_reports",
    "money",
    "number",
    "read_day",
    "read_number",
    "register",
    "say_figure",
    "sum_rows",
    "text",
    "time",
]
