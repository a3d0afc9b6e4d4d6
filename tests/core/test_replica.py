"""From where reports are read. One that streams is in `python -m bench.scaling.replica`; what it is asked is here."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.utils import InternalError
from django.http import HttpResponse

from config.replica import read_replica
from core import replica
from tests.ledger.admin_pages import browse

#: What a copy answers, in place of asking a server that is none: is it ours, has it all, its time, its last commit.
ALL = "true, true, now(), now() - interval '1 day'"
BEHIND = "true, false, now(), now() - interval '{} seconds'"
PROMOTED = "false, true, now(), now()"
EMPTY = "true, false, now(), NULL::timestamptz"


@pytest.fixture(autouse=True)
def standing(settings, monkeypatch):
    settings.REPLICA_LAG_SECONDS = 10
    found = replica._Standing()
    monkeypatch.setattr(replica, "standing", found)
    return found


@pytest.fixture
def copy(settings, monkeypatch, db):
    """Our own database by another connection stands for the copy; return what sets its answer."""
    own = {**connection.settings_dict, "OPTIONS": {**connection.settings_dict["OPTIONS"], "application_name": "copy"}}
    own["OPTIONS"].pop("pool", None)
    settings.REPLICA_DATABASE = own

    def answer(row: str) -> None:
        # The parameters are the primary's system and position.
        monkeypatch.setattr(
            replica, "_REPLICA", f"SELECT {row} WHERE %s::bigint IS NOT NULL AND %s::pg_lsn IS NOT NULL"
        )

    return answer


def who() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('application_name')")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_it_is_read_from_where_it_keeps_up_and_from_nowhere_else(copy, caplog):
    caplog.set_level("INFO", "core.replica")
    copy(ALL)
    fresh = replica.read_where_fresh(who)
    assert (fresh.answer, fresh.as_of is not None) == ("copy", True)
    assert who() == "", "what comes after it is the primary's"

    copy(BEHIND.format(9))
    late = replica.read_where_fresh(who)
    assert late.answer == "copy"

    for row, reason in ((BEHIND.format(11), "more than 10 seconds behind"), (EMPTY, "behind"), (PROMOTED, "names no")):
        copy(row)
        assert replica.read_where_fresh(who) == replica.Reading(""), row
        assert replica.read_where_fresh(who) == replica.Reading(""), row
        assert reason in caplog.text
    # Each change of its standing is told, and told once.
    assert len(caplog.records) == 2, caplog.messages


@pytest.mark.django_db(transaction=True)
def test_one_that_went_is_left_alone_and_the_reading_is_done_by_the_primary(copy, settings, standing, caplog):
    copy(ALL)
    asked = []

    def read() -> str:
        asked.append(who())
        if asked[-1] == "copy":
            connection.connection.close()
            who()
        return asked[-1]

    assert replica.read_where_fresh(read) == replica.Reading("")
    assert asked == ["copy", ""]
    assert replica.read_where_fresh(who) == replica.Reading(""), "it is left alone"
    standing.left_alone_until = 0.0
    assert replica.read_where_fresh(who).answer == "copy"

    settings.REPLICA_DATABASE = read_replica("postgresql://fleet_app@/fleet?host=/nowhere")
    assert replica.read_where_fresh(who) == replica.Reading("")
    assert "/nowhere" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_server_that_is_asked_is_no_replica(copy):
    """The statement itself, at a server that takes writes."""
    assert replica.read_where_fresh(who) == replica.Reading("")
    assert "names no streaming replica" in replica.standing.told


@pytest.mark.django_db(transaction=True)
def test_a_report_that_writes_is_not_helped_to(copy):
    copy(ALL)

    def write() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")  # as a standby is
        return User.objects.create_user("written")

    with pytest.raises(InternalError):
        replica.read_where_fresh(write)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_transaction_reads_its_own_rows(copy):
    copy(ALL)

    assert replica.read_where_fresh(who) == replica.Reading("")


def test_without_one_nothing_is_asked(settings):
    settings.REPLICA_DATABASE = read_replica("")

    assert replica.read_where_fresh(lambda: 1) == replica.Reading(1)


def test_the_pages_say_of_which_moment_they_are(copy, monkeypatch):
    """The lists of a test are read in its transaction, so the copy is said to be asked."""
    moment = "2026-11-23 15:14:05+00"
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [moment])
        (as_of,) = cursor.fetchone()
    reading: Any = lambda read: replica.Reading(read(), as_of)  # noqa: E731
    for module in ("core.admin.pages.report_pages", "core.admin.files", "core.api.reports"):
        monkeypatch.setattr(f"{module}.read_where_fresh", reading)
    browser = browse("Auditor")

    page = browser.get("/admin/reports/position/").content.decode()
    file = browser.get("/admin/reports/position/file/csv/")
    listed = browser.get("/api/reports/position")
    export = browser.get("/admin/ledger/ledgerposting/file/csv/")

    assert "Read from a copy of the database, as of Nov 23, 10:14:05 AM." in page
    told = "2026-11-23T10:14:05-05:00"
    assert [answer[replica.AS_OF_HEADER] for answer in (file, listed, export)] == [told] * 3


def test_what_the_database_itself_answers_has_no_such_mark():
    assert replica.AS_OF_HEADER not in replica.mark_as_of(HttpResponse(), None)
