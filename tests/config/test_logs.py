"""The log: one line a record or JSON, with whom and what it is about; and no traceback for a refusal."""

import io
import json
import logging
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from config.celery import app
from config.logs import JsonLines, LineFormatter, logging_settings, told_once, with_context, without_traceback
from core.errors import Busy, DomainError
from core.log_context import begin_request, begin_task, note_driver
from core.telling import telling_refusals
from core.weeks import week_of
from curb.services import import_trips
from dtr.services import close_week
from tests.factories import DriverFactory, UserFactory
from tests.ledger.proofs import charge
from tests.tickets.files import EZPASS_HEAD, TODAY, text, toll
from tickets.services import confirm_import, preview_file, stage_file

logger = logging.getLogger("tests.logs")


@pytest.fixture(autouse=True)
def _nothing_before():
    begin_task()
    yield
    begin_task()


def record_of(words: str, *facts: Any, level: int = logging.INFO, error: BaseException | None = None, **more: Any):
    told = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("tests.logs", level, __file__, 1, words, facts, told)
    vars(record).update(more)
    return record


def lines_of(caplog, *, form: type[logging.Formatter] = LineFormatter) -> list[str]:
    """What the handler would write of all that was logged."""
    filters = (told_once, without_traceback, with_context)
    return [form().format(record) for record in caplog.records if all(keep(record) for keep in filters)]


class TestLine:
    def test_it_tells_when_by_new_york_with_its_distance(self):
        line = LineFormatter().format(record_of("Well."))

        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}-0[45]:00 INFO tests\.logs: Well\.", line)

    @pytest.mark.parametrize("sign", ["\n", "\r", "\x1b", "\x85", "\u2028", "\0"])
    def test_no_word_of_a_stranger_makes_a_line_of_its_own(self, sign):
        line = LineFormatter().format(record_of("Sign-in failed: %s", f"a{sign}2026 ERROR core: all is lost"))

        assert sign not in line
        assert len(line.splitlines()) == 1

    def test_a_failure_shows_where_it_was(self):
        line = LineFormatter().format(record_of("Lost", error=KeyError("plate")))

        assert line.endswith("KeyError: 'plate'")


def test_json_is_an_object_a_line_with_fields_of_ours_alone(rf):
    request = rf.get("/")
    begin_request(request, "r-1")
    note_driver(14)
    record = record_of("Paid %s\n", "12.50", request=object(), status_code=200)
    with_context(record)

    told = json.loads(JsonLines().format(record))

    assert told.pop("time")
    told_of = {"request": "r-1", "driver": 14}
    assert told == {"level": "INFO", "logger": "tests.logs", "message": "Paid 12.50\n", **told_of}


def test_json_tells_where_a_failure_was():
    told = json.loads(JsonLines().format(record_of("Lost", level=logging.ERROR, error=KeyError("plate"))))

    assert "KeyError: 'plate'" in told["exc_info"]


@pytest.mark.parametrize(("level", "form"), [("LOUD", "line"), ("INFO", "xml"), ("", "line"), ("INFO", "")])
def test_what_there_is_not_is_refused_by_name(level, form):
    with pytest.raises(SystemExit, match="LOG_LEVEL is one of" if level != "INFO" else "LOG_FORMAT is line or json"):
        logging_settings(level=level, form=form)


@pytest.mark.django_db
class TestContext:
    def test_a_refused_request_tells_its_user_and_the_driver_of_its_address(self, client, caplog):
        user = UserFactory.create(username="rosa", is_staff=True)
        client.force_login(user)

        answer = client.get(f"/admin/drivers/{DriverFactory.create().pk + 5}/")

        assert answer.status_code == 403
        (line,) = lines_of(caplog)
        assert re.search(
            r" WARNING django\.request \[request=\w{32} user=rosa driver=\d+\]: Forbidden \(.+\): /admin/d", line
        )

    def test_a_stranger_is_asked_for_by_nobody(self, caplog, django_assert_num_queries):
        with django_assert_num_queries(0):
            Client().get("/nowhere", headers={"x-request-id": "r-1"})

        assert [line.split(" ", 2)[2] for line in lines_of(caplog)] == [
            "django.request [request=r-1]: Not Found: /nowhere"
        ]

    def test_the_driver_is_whose_money_was_locked(self, caplog, rf):
        driver, request = DriverFactory.create(), rf.get("/")
        begin_request(request, "r-1")
        charge(driver, "MISC-1")
        logger.warning("Now.")

        assert f"[request=r-1 driver={driver.pk}]: Now." in lines_of(caplog)[-1]

    def test_a_task_is_named_and_knows_nothing_of_before(self, rf):
        @app.task(name="tests.tell")
        def tell() -> str:
            record = record_of("At work.")
            assert with_context(record)
            return LineFormatter().format(record)

        request = rf.get("/")
        begin_request(request, "r-1")
        note_driver(7)
        line = tell.apply(task_id="t-1").get()
        del app.tasks["tests.tell"]

        assert line.endswith("tests.logs [task=tests.tell task_id=t-1]: At work.")


class TestRefusals:
    def test_a_service_tells_it_once_however_often_it_is_handed_on(self, caplog):
        inner = telling_refusals(logger, "%s was refused", "It")
        with pytest.raises(Busy) as raised, telling_refusals(logger, "All of it was refused"), inner:
            raise Busy("Somebody is at it.")
        logger.error("Task raised", exc_info=raised.value)

        assert [line.split(": ", 1)[1] for line in lines_of(caplog)] == ["It was refused: Somebody is at it."]

    def test_one_that_a_task_was_refused_is_a_warning_in_one_line(self):
        record = record_of("Task failed", level=logging.ERROR, error=Busy("Somebody is at it."))

        assert without_traceback(record)
        assert (record.levelname, record.exc_info) == ("WARNING", None)

    def test_a_host_that_is_none_of_ours_is_one_warning(self, caplog, client):
        answer = client.get("/admin/", headers={"host": "elsewhere.example"})

        assert answer.status_code == 400
        (line,) = lines_of(caplog)
        assert " WARNING django.security.DisallowedHost " in line
        assert "elsewhere.example" in line


@pytest.mark.django_db
class TestWork:
    """What takes a while says what it did once it stands, and what it was refused; a preview says nothing."""

    def test_a_refused_close_is_one_warning(self, caplog):
        today = timezone.localdate()
        with pytest.raises(DomainError):
            close_week(week=week_of(today), today=today)

        (line,) = lines_of(caplog)
        assert re.search(
            r"WARNING dtr\.services\.closes: The close of the week ending [\d-]+ was refused: .+ not over", line
        )

    def test_a_file_tells_its_rows_and_its_preview_nothing(self, caplog, django_capture_on_commit_callbacks):
        content = text(EZPASS_HEAD, [toll(1), toll(2)])
        with caplog.at_level(logging.INFO), django_capture_on_commit_callbacks(execute=True):
            preview_file(file_name="a.csv", file=io.BytesIO(content), today=TODAY, look=lambda file: None)
        assert lines_of(caplog) == []

        with caplog.at_level(logging.INFO), django_capture_on_commit_callbacks(execute=True):
            staged = stage_file(file_name="a.csv", file=io.BytesIO(content), today=TODAY)
            confirm_import(import_id=staged.file.pk, today=TODAY)
        assert [line.split(": ", 1)[1] for line in lines_of(caplog)] == [
            "Ticket file a.csv was read: 2 rows, 2 new, 0 known before, 0 with errors.",
            "Ticket file a.csv, confirmed by a command: 2 new rows go in.",
            "Ticket file a.csv is imported: 2 rows, 0 charged, 2 sent to review, 0 known before, 0 with errors.",
        ]

    def test_a_file_that_can_not_be_read_is_one_warning(self, caplog):
        for bring_in in (
            lambda: stage_file(file_name="a.csv", file=io.BytesIO(b"nothing"), today=TODAY),
            lambda: import_trips(file_name="a.xml", content=b"nothing"),
        ):
            with pytest.raises(DomainError):
                bring_in()

        told = [line.split(" ", 2)[1:] for line in lines_of(caplog)]
        assert [words.split(": ")[:2] for _, words in told] == [
            ["tickets.services.receiving", "Ticket file a.csv was refused"],
            ["curb.services.trips", "Trip file a.xml was refused"],
        ]
        assert {level for level, _ in told} == {"WARNING"}
