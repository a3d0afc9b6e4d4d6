"""What a task does that finds the database away."""

from typing import Any

import pytest
from celery.exceptions import Retry
from django.db import OperationalError
from psycopg import OperationalError as Refused

from config.celery import DAILY, PatientTask, app
from config.schedules import SCHEDULES


def away() -> None:
    raise OperationalError("refused") from Refused("refused")


@pytest.fixture
def sent(monkeypatch) -> list[Any]:
    """What is asked to be tried again, and when."""
    asked: list[Any] = []

    def note(self: Any, *, exc: Exception, **how: Any) -> Retry:
        asked.append(how)
        return Retry(exc=exc, when=how["countdown"])

    monkeypatch.setattr(PatientTask, "retry", note)
    return asked


def test_the_tasks_of_the_house_are_of_this_kind():
    app.loader.import_default_modules()
    assert all(isinstance(app.tasks[entry["task"]], PatientTask) for entry in SCHEDULES.values())
    assert "ledger.tasks.seal_rows_task" not in DAILY
    assert "core.tasks.run_audits_task" in DAILY


@pytest.mark.parametrize(
    ("name", "work", "tries_again"),
    [
        ("core.tasks.run_audits_task", away, True),
        ("ledger.tasks.seal_rows_task", away, False),
        ("core.tasks.run_audits_task", lambda: [][0], False),
    ],
)
def test_only_what_comes_once_a_day_is_tried_again(name, work, tries_again, sent):
    task: Any = PatientTask()
    task.name, task.run = name, work
    task.bind(app)
    task.push_request(called_directly=False)
    with pytest.raises(Retry if tries_again else (OperationalError, IndexError)):
        task()
    assert len(sent) == tries_again
