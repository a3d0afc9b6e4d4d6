"""A worker for the tasks of a close, and a CURB to import from."""

from collections.abc import Iterator

import pytest

from config.celery import app
from tests.curb.conftest import connect, impatient, serve  # noqa: F401  (fixtures)


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker that does at once whatever is sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False
