"""A worker for the tasks of a close, and a CURB to import from."""

from collections.abc import Iterator
from datetime import datetime, time
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from config.celery import app
from core import audits
from core.clock import at
from dtr import tasks
from tests.books import reads_the_catalog
from tests.curb.conftest import connect, impatient, serve  # noqa: F401  (fixtures)
from tests.dtr.fleet import SUNDAY


def clock_at(moment: datetime) -> Any:
    """Stands in for ``django.utils.timezone`` where a task asks what time it is."""
    return SimpleNamespace(now=lambda: moment, localdate=lambda: timezone.localdate(moment))


@pytest.fixture(autouse=True)
def _tables_and_guards_as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """What begins a close may audit first; tables, guards and grants, half of what that costs, are as shipped.

    tests/core/test_shipped_guards.py and test_grants.py ask them of the same database. A module that changes them has
    a fixture of this name that leaves the audits alone.
    """
    kept = {found.name: found for found in audits.list_audits() if not reads_the_catalog(found)}
    monkeypatch.setattr(audits, "_audits", kept)


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker that does at once whatever is sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def sunday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is five in the morning of the Sunday after the week that ends on 2026-03-07."""
    monkeypatch.setattr(tasks, "timezone", clock_at(at(SUNDAY, time(5))))
