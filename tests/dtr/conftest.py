"""A worker for the tasks of a close, and a CURB to import from."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from config.celery import app
from dtr import tasks
from tests.curb.conftest import connect, impatient, serve  # noqa: F401  (fixtures)
from tests.dtr.fleet import SUNDAY


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker that does at once whatever is sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def sunday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the Sunday after the week that ends on 2026-03-07."""
    monkeypatch.setattr(tasks, "timezone", SimpleNamespace(localdate=lambda: SUNDAY))
