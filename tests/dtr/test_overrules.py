"""What a supervisor overrules before a week closes, and the close that is tried again each hour."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from core.clock import at
from core.errors import ReasonRequired
from dtr import services as dtr
from dtr import tasks
from dtr.models import Check, Overrule, WeekClose
from ledger import selectors as ledger
from ledger import services as ledger_services
from tests.dtr.conftest import clock_at
from tests.dtr.fleet import (
    NEXT_SUNDAY,
    NEXT_WEEK,
    SATURDAY,
    SUNDAY,
    WEEK,
    close,
    days_but,
    drive_days,
    expect,
    leased_driver,
)
from tests.factories import UserFactory
from tests.guards import copy_of, refusal_of, refusals_of_changes
from tests.refusals import refused

pytestmark = pytest.mark.django_db

NAME = SATURDAY.isoformat()
WEDNESDAY = WEEK.days[3]
NO_WEDNESDAY = "No card trip on Wednesday, Mar 4."


def start() -> WeekClose:
    return dtr.start_week(week=WEEK, today=SUNDAY)


@pytest.fixture
def supervisor() -> Any:
    return UserFactory.create(groups=["Supervisor"])


@pytest.fixture
def lease() -> Any:
    return leased_driver()


class TestOverrule:
    @pytest.fixture(autouse=True)
    def snow(self, lease):
        expect()
        drive_days(*days_but(WEDNESDAY))

    def overrule(self, supervisor: Any, reason: str = "Snow", **given: Any) -> Any:
        named = {"week": WEEK, "check": Check.CARD_TRIPS, "today": SUNDAY, **given}
        return dtr.overrule_check(reason=reason, actor=supervisor, **named)

    def test_it_is_kept_with_its_reason_and_the_week_closes(self, supervisor):
        (row,) = self.overrule(supervisor, "  Snow:\nthe city was closed ")
        row.refresh_from_db()
        assert (row.week_end, row.check_name, row.finding) == (SATURDAY, "CARD_TRIPS", NO_WEDNESDAY)
        assert (row.reason, row.overruled_by) == ("Snow: the city was closed", supervisor)
        assert start()

    def test_twice_is_refused_by_name(self, supervisor):
        self.overrule(supervisor)
        with refused(dtr.NothingToOverrule, code="nothing_to_overrule"):
            self.overrule(supervisor)
        assert Overrule.objects.count() == 1

    def test_it_says_why(self, supervisor):
        with refused(ReasonRequired):
            self.overrule(supervisor, " ")
        assert Overrule.objects.count() == 0

    def test_it_is_said_before_the_close_begins(self, supervisor):
        self.overrule(supervisor)
        start()
        with refused(dtr.WeekAlreadyStarted, code="week_already_started"):
            self.overrule(supervisor)

    def test_another_weeks_says_nothing(self, supervisor):
        self.overrule(supervisor)
        start()
        dtr.close_week(week=WEEK, today=SUNDAY)
        with refused(dtr.WeekNotReady):
            dtr.start_week(week=NEXT_WEEK, today=NEXT_SUNDAY)

    def test_the_database_keeps_it(self, supervisor):
        self.overrule(supervisor)
        assert refusals_of_changes("dtr_overrules", "reason") == {"dtr_overrules_append_only"}

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"week_end": "week_end + 1"}, "dtr_overrules_ends_on_saturday"),
            ({}, "dtr_overrules_once"),
            ({"check_name": "'WEEK_BEFORE'"}, "dtr_overrules_may_be_overruled"),
            ({"finding": "'other'", "reason": "''"}, "dtr_overrules_says_why"),
            ({"finding": "''"}, "dtr_overrules_says_why"),
        ],
    )
    def test_the_database_takes_no_other(self, supervisor, changes, rule):
        self.overrule(supervisor)
        assert refusal_of(copy_of("dtr_overrules", **changes)) == rule

    def test_the_database_refuses_it_after_the_close_began(self, supervisor):
        self.overrule(supervisor)
        start()
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            Overrule.objects.create(
                week_end=SATURDAY, check_name="CARD_TRIPS", finding="x", reason="y", overruled_by=supervisor
            )
        assert "dtr_overrules_before_the_close" in str(refusal.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]

    def test_the_command_says_what_is_missing_and_takes_reasons(self, supervisor, capsys):
        with pytest.raises(CommandError, match=r"CARD_TRIPS: No card trip on Wednesday, Mar 4\."):
            call_command("close_week", "--week-ending", NAME)
        with pytest.raises(CommandError, match="--by USERNAME"):
            call_command("close_week", "--week-ending", NAME, "--overrule", "CARD_TRIPS=Snow")
        cashier = UserFactory.create(groups=["Cashier"])
        with pytest.raises(CommandError, match="may close a week and overrule"):
            call_command("close_week", "--week-ending", NAME, "--overrule", "CARD_TRIPS=Snow", "--by", cashier.username)
        with pytest.raises(CommandError, match="is no check"):
            call_command("close_week", "--week-ending", NAME, "--overrule", "WEATHER=Snow", "--by", "x")
        assert WeekClose.objects.count() == 0
        call_command("close_week", "--week-ending", NAME, "--overrule", "CARD_TRIPS=Snow", "--by", supervisor.username)
        week = WeekClose.objects.get()
        assert (week.is_closed, week.started_by, Overrule.objects.get().reason) == (True, supervisor, "Snow")


class TestHourly:
    """Beat sends the first task each hour; it knows when a week is to be begun."""

    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        weeks: list[str] = []
        monkeypatch.setattr(tasks.close_week_task, "delay", weeks.append)
        return weeks

    def tick(self, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
        monkeypatch.setattr(tasks, "timezone", clock_at(moment))
        tasks.import_curb_earnings_task(then_close=True)

    def test_a_week_is_begun_from_sunday_at_five_on(self, monkeypatch, sent):
        leased_driver(start_on=WEEK.start)
        self.tick(monkeypatch, at(SUNDAY, time(4, 59)))
        assert sent == []
        self.tick(monkeypatch, at(SUNDAY, time(5)))
        assert sent == [NAME]

    def test_a_stopped_close_is_tried_again_on_the_days_after(self, monkeypatch, sent):
        close(WEEK.previous)
        self.tick(monkeypatch, at(SUNDAY + timedelta(days=2), time(13)))
        assert sent == [NAME]

    def test_nothing_is_begun_before_the_first_lease(self, monkeypatch, sent):
        self.tick(monkeypatch, at(SUNDAY, time(5)))
        leased_driver(start_on=WEEK.next.start)
        self.tick(monkeypatch, at(SUNDAY, time(6)))
        assert sent == []

    def test_nor_before_the_cut_over_whatever_leases_say(self, monkeypatch, sent):
        leased_driver(start_on=date(2025, 6, 4))
        ledger_services.close_books_at_go_live(cut_on=WEEK.next.start, actor=None)
        self.tick(monkeypatch, at(SUNDAY, time(5)))
        assert sent == []

    def test_a_fleet_that_never_closed_a_week_begins_on_a_sunday(self, monkeypatch, sent):
        leased_driver(start_on=WEEK.start)
        self.tick(monkeypatch, at(SUNDAY + timedelta(days=2), time(13)))
        assert sent == []

    def test_nothing_is_sent_for_a_week_that_runs(self, monkeypatch, sent):
        close()
        self.tick(monkeypatch, at(SUNDAY + timedelta(days=2), time(13)))
        assert sent == []

    def test_a_stopped_close_runs_when_the_trips_have_come(self, monkeypatch, worker, lease):
        expect()
        drive_days(*days_but(WEDNESDAY))
        self.tick(monkeypatch, at(SUNDAY, time(5)))
        assert WeekClose.objects.count() == 0
        drive_days(WEDNESDAY)
        self.tick(monkeypatch, at(SUNDAY, time(6)))
        assert WeekClose.objects.get().is_closed
        assert ledger.list_postings(kind="EARNINGS").count() == 1
