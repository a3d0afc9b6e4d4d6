"""What Find anything finds of the site itself: the pages that the sidebar leads to, and the reports."""

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from config.sidebar import NAVIGATION
from core.finders import Found, FoundGroup
from core.reports import list_reports
from core.reports.links import report_url


def find_pages(term: str, user: Any, at: datetime) -> Iterator[FoundGroup]:
    """Find the pages whose names have the words in them, of those that the user's sidebar shows."""
    request, words = SimpleNamespace(user=user), term.lower().split()
    rows = [
        Found(str(item["link"]), item["title"], detail=section.get("title", ""))
        for section in NAVIGATION
        for item in section["items"]
        if all(word in item["title"].lower() for word in words) and item["permission"](request)
    ]
    rows += [
        Found(report_url(report.slug), report.title, detail="Reports")
        for report in list_reports()
        if all(word in report.title.lower() for word in words) and user.has_perms(report.permissions)
    ]
    yield FoundGroup("Pages", "web_asset", rows)
