"""What a figure leads to: a record's page, a list with its rows, another report."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from core.reports.columns import Row

Link = Callable[[Row], str]


def to_page(name: str, key: str) -> Link:
    """Lead to the page of the record whose key stands in the row's ``key``; nowhere where there is none."""
    return lambda row: "" if row[key] is None else reverse(name, args=[row[key]])


def to_list(name: str, fixed: dict[str, Any] | None = None, **keys: str) -> Link:
    """Lead to a list, filtered by ``fixed`` and by the row's values: ``driver="driver_id"``."""
    return lambda row: _address(reverse(name), {**(fixed or {}), **{name: row[key] for name, key in keys.items()}})


def to_report(slug: str, fixed: dict[str, Any] | None = None, **keys: str) -> Link:
    """Lead to a report, asked by ``fixed`` and by the row's values."""
    return lambda row: report_url(slug, **(fixed or {}), **{name: row[key] for name, key in keys.items()})


def report_url(slug: str, **asked: Any) -> str:
    return _address(reverse("reports:report", args=[slug]), asked)


def _address(path: str, query: dict[str, Any]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path
