"""A close that meets no database, or a full disk: no driver of the batch is at fault."""

from typing import Any

import pytest
from django.db import DatabaseError
from psycopg.errors import AdminShutdown, DiskFull

from dtr import services as dtr
from dtr import tasks
from dtr.models import CloseBatch
from dtr.services import batches
from tests.dtr.fleet import leased_driver, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(monkeypatch) -> CloseBatch:
    """The first batch of a close; nothing is sent to workers."""
    leased_driver()
    monkeypatch.setattr(tasks, "_send", lambda *_, **__: pytest.fail("sent at once, and not when it is silent"))
    start()
    first = CloseBatch.objects.order_by("pk").first()
    assert first is not None
    return first


def test_a_full_disk_uses_up_no_attempt(batch, monkeypatch):
    def no_room(*whatever: Any, **more: Any) -> None:
        raise DatabaseError("No space left on device") from DiskFull("No space left on device")

    monkeypatch.setattr(batches, "run_step_for", no_room)
    drivers = list(batch.driver_ids)

    for _ in range(batches.MAX_ATTEMPTS + 1):
        tasks.run_batch_task(batch.pk)

    batch.refresh_from_db()
    assert (batch.attempts, batch.done_at, batch.failed_at, batch.driver_ids) == (0, None, None, drivers)
    assert "No space left" in batch.failure
    assert batch.heartbeat_at is not None  # it is sent again when that is a minute old


def test_where_that_can_not_even_be_noted_it_is_left(batch, monkeypatch, caplog):
    def away(*whatever: Any, **more: Any) -> list[int]:
        raise DatabaseError("gone") from AdminShutdown("terminating connection")

    monkeypatch.setattr(batches, "run_step_for", away)
    monkeypatch.setattr(dtr, "note_failure", away)

    tasks.run_batch_task(batch.pk)

    assert "waits for the database: AdminShutdown: terminating connection" in caplog.text
