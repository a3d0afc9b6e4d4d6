"""Whether a week's close is ready: each check by hand and alone, what a supervisor overrules, and what is only told."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.clock import NEW_YORK, at
from core.errors import ReasonRequired
from core.models import AuditResult, AuditRun
from curb import services as curb
from curb.models import CardTripsExpected, CurbAnswer
from dtr import services as dtr
from dtr import tasks
from dtr.models import Check, CloseBatch, WeekClose
from dtr.selectors import CheckState, State, read_readiness
from leases import services as leases
from ledger import services as ledger
from tests.curb import trip_file
from tests.curb.counting import receive_transaction
from tests.dtr.fleet import (
    NEXT_SUNDAY,
    NEXT_WEEK,
    SATURDAY,
    SUNDAY,
    WEEK,
    card,
    cash,
    close,
    days_but,
    drive,
    drive_days,
    expect,
    leased_driver,
)
from tests.factories import DriverFactory, UserFactory
from tests.ledger.hostile import tamper
from tests.refusals import refused

pytestmark = pytest.mark.django_db

NAME = SATURDAY.isoformat()
WEDNESDAY = date(2026, 3, 4)
NO_WEDNESDAY = "No card trip on Wednesday, Mar 4."


def look(check: Check, *, week: Any = WEEK, today: date = SUNDAY) -> CheckState:
    return next(state for state in read_readiness(week=week, today=today).checks if state.check == check)


def told(check: Check, **when: Any) -> list[str]:
    return [finding.sentence for finding in look(check, **when).findings]


def start() -> WeekClose:
    return dtr.start_week(week=WEEK, today=SUNDAY)


class TestFirstWeek:
    def test_an_empty_fleet_is_told_and_beat_waits(self) -> None:
        state = look(Check.WEEK_BEFORE)
        assert (state.state, told(Check.WEEK_BEFORE)) == (
            State.WARNS,
            ["No lease has begun and no balance was carried over: no week closes by itself before."],
        )

    def test_a_week_before_the_first_lease_is_told(self) -> None:
        leased_driver(start_on=NEXT_WEEK.start)
        assert told(Check.WEEK_BEFORE) == [
            "The fleet's first week ends on Mar 14, 2026: none before it closes by itself."
        ]
        assert told(Check.WEEK_BEFORE, week=NEXT_WEEK) == []

    def test_a_week_before_the_cut_over_is_closed_by_nobody(self) -> None:
        leased_driver(start_on=date(2025, 6, 4))
        ledger.close_books_at_go_live(cut_on=NEXT_WEEK.start, actor=None)
        assert look(Check.WEEK_BEFORE).state == State.BLOCKS
        with refused(dtr.WeekNotReady):
            start()
        # The database says so too, whoever asks.
        with pytest.raises(IntegrityError, match="lies before the cut-over"), transaction.atomic():
            WeekClose.objects.create(week_end=SATURDAY)
        WeekClose.objects.create(week_end=NEXT_WEEK.end)


def run_found(name: str, findings: int) -> AuditRun:
    """A run of the audits that ended at four on that Sunday."""
    run = AuditRun.objects.create(findings=findings, finished_at=at(SUNDAY, time(4)))
    AuditResult.objects.create(run=run, name=name, promise="It holds.", findings=findings, seconds=1)
    return run


@pytest.fixture
def supervisor() -> Any:
    return UserFactory.create(groups=["Supervisor"])


@pytest.fixture
def lease() -> Any:
    return leased_driver()


class TestCardTrips:
    def test_a_week_without_any_trip_does_not_close(self, lease):
        expect()
        with refused(dtr.WeekNotReady, code="week_not_ready") as refusal:
            start()
        assert [found["check"] for found in refusal.value.facts["findings"]] == ["CARD_TRIPS"] * 7
        assert WeekClose.objects.count() == 0

    def test_a_week_with_a_day_without_a_card_trip_does_not_close(self, lease):
        expect()
        drive_days(*days_but(WEDNESDAY))
        drive(cash(START_DATE="03/04/2026 10:00:00", END_DATE="03/04/2026 10:20:00"))
        assert told(Check.CARD_TRIPS) == [NO_WEDNESDAY]
        with refused(dtr.WeekNotReady):
            start()

    def test_a_week_with_a_card_trip_on_each_day_closes(self, lease):
        expect()
        drive_days(*WEEK.days)
        assert look(Check.CARD_TRIPS).state == State.READY
        assert start()

    def test_days_are_those_of_new_york(self, lease):
        expect()
        drive_days(*days_but(SATURDAY))
        drive(card(START_DATE="03/07/2026 23:59:59", END_DATE="03/08/2026 00:20:00"))
        assert told(Check.CARD_TRIPS) == []

    def test_days_before_card_trips_are_expected_need_none(self, lease):
        expect(since=date(2026, 3, 6))
        drive_days(date(2026, 3, 6), SATURDAY)
        assert look(Check.CARD_TRIPS).state == State.READY

    def test_a_fleet_without_card_trips_closes_when_that_was_said(self, lease):
        expect(since=None)
        assert look(Check.CARD_TRIPS).state == State.NOT_ASKED
        assert start()

    def test_a_fleet_of_which_nobody_has_said_anything_does_not_close_without_trips(self, lease):
        tamper("curb_card_trips_expected", "DELETE FROM curb_card_trips_expected")
        assert look(Check.CARD_TRIPS).state == State.BLOCKS
        with refused(dtr.WeekNotReady):
            start()

    def test_a_day_that_is_not_over_is_not_known_yet(self, lease):
        expect()
        drive_days(*WEEK.days[:5])
        friday = look(Check.CARD_TRIPS, today=date(2026, 3, 6))
        assert (friday.state, friday.findings) == (State.LATER, [])

    def test_fewer_than_half_of_the_usual_trips_of_a_weekday_are_told(self, lease):
        expect(since=WEEK.start - timedelta(weeks=4))
        wednesdays = [WEDNESDAY - timedelta(weeks=weeks) for weeks in (1, 2, 3, 4)]
        for day, trips in zip(wednesdays, (4, 6, 8, 2), strict=True):  # 5 on average
            drive_days(day, trips=trips)
        drive_days(*WEEK.days)
        drive_days(WEDNESDAY)  # 2 of 5
        assert told(Check.FEW_TRIPS) == ["Wednesday, Mar 4: 2 card trips, where 5 are usual."]
        assert look(Check.FEW_TRIPS).state == State.WARNS
        drive_days(WEDNESDAY)  # 3 of 5
        assert told(Check.FEW_TRIPS) == []
        assert start()

    def test_weeks_before_card_trips_were_expected_are_not_usual(self, lease):
        expect(since=WEEK.start - timedelta(weeks=1))
        drive_days(WEDNESDAY - timedelta(weeks=1), trips=4)  # the three weeks before count for nothing
        drive_days(*WEEK.days)
        assert told(Check.FEW_TRIPS) == ["Wednesday, Mar 4: 1 card trips, where 4 are usual."]


class TestExpectedSince:
    def test_the_first_import_says_it_once(self, lease):
        tamper("curb_card_trips_expected", "DELETE FROM curb_card_trips_expected")
        drive(cash())
        assert CardTripsExpected.objects.count() == 0
        drive_days(date(2026, 3, 3), date(2026, 3, 5))
        drive_days(date(2026, 3, 1))
        assert list(CardTripsExpected.objects.values_list("since", "by_import")) == [(date(2026, 3, 3), True)]

    def test_a_person_says_it_anew_and_the_old_stays(self, supervisor):
        expect(since=date(2026, 1, 4))
        said = curb.expect_card_trips(since=None, reason="The vendor pays the drivers.", actor=supervisor)
        assert (said.since, said.set_by, said.reason) == (None, supervisor, "The vendor pays the drivers.")
        assert CardTripsExpected.objects.count() == 3  # with the one of the tests

    def test_it_says_why(self):
        with refused(ReasonRequired):
            curb.expect_card_trips(since=SATURDAY, reason=" ", actor=None)

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE curb_card_trips_expected SET since = '2026-01-01'",
            "DELETE FROM curb_card_trips_expected",
            "TRUNCATE curb_card_trips_expected",
            "INSERT INTO curb_card_trips_expected (reason, by_import) VALUES ('', false)",
        ],
    )
    @pytest.mark.owner
    def test_the_database_keeps_what_was_said(self, sql):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


class TestAnswers:
    @pytest.fixture(autouse=True)
    def configured(self, connect):
        connect()

    def answer(self, *days: date, asked_at: datetime) -> None:
        CurbAnswer.objects.bulk_create(
            CurbAnswer(day=day, question=question, asked_at=asked_at)
            for day in days
            for question in ("TRIPS", "AP", "DC", "DUP")
        )

    def test_answers_that_do_not_reach_the_end_of_saturday_stop_the_close(self, lease):
        self.answer(*WEEK.days[:6], asked_at=at(SUNDAY, time(5)))
        self.answer(SATURDAY, asked_at=datetime(2026, 3, 7, 23, 59, 59, tzinfo=NEW_YORK))
        assert told(Check.CURB_ANSWERS) == ["CURB has not answered for Saturday, Mar 7 to its end."]
        with refused(dtr.WeekNotReady):
            start()

    def test_answers_asked_at_midnight_are_enough(self, lease):
        self.answer(*WEEK.days, asked_at=at(SUNDAY))
        assert look(Check.CURB_ANSWERS).state == State.READY
        assert start()

    def test_one_list_that_is_missing_is_named(self, lease):
        self.answer(*WEEK.days, asked_at=at(SUNDAY))
        CurbAnswer.objects.filter(day=WEDNESDAY, question="DC").delete()
        assert told(Check.CURB_ANSWERS) == [
            "CURB has not answered for Wednesday, Mar 4 to its end: declined card transactions."
        ]

    def test_an_import_notes_what_was_answered_empty_answers_too(self, lease):
        curb.import_curb_earnings(from_on=WEEK.start, to_on=WEEK.end)
        curb.import_curb_earnings(from_on=WEEK.start, to_on=WEEK.end)
        assert CurbAnswer.objects.count() == 28
        assert look(Check.CURB_ANSWERS).state == State.READY

    def test_a_week_that_is_not_over_waits_for_answers(self, lease):
        assert look(Check.CURB_ANSWERS, today=WEEK.start).state == State.LATER

    def test_a_supervisor_may_overrule_them(self, lease, supervisor):
        dtr.overrule_check(week=WEEK, check=Check.CURB_ANSWERS, reason="CURB is down.", today=SUNDAY, actor=supervisor)
        assert look(Check.CURB_ANSWERS).state == State.OVERRULED
        assert start()


class TestAudits:
    def test_a_finding_about_money_stops_the_close(self, lease):
        run_found("ledger.books", 2)
        assert told(Check.AUDITS) == ["ledger.books: 2 found. It holds."]
        with refused(dtr.WeekNotReady):
            start()

    def test_a_finding_about_something_else_does_not(self, lease):
        run_found("tickets.files", 2)
        assert look(Check.AUDITS).state == State.READY
        assert start()

    def test_only_the_last_run_counts(self, lease):
        run_found("ledger.books", 2)
        run_found("ledger.books", 0)
        AuditRun.objects.create()  # one that has not ended
        assert look(Check.AUDITS).state == State.READY

    def test_more_findings_than_were_overruled_stop_it_again(self, lease, supervisor):
        run_found("ledger.books", 2)
        dtr.overrule_check(week=WEEK, check=Check.AUDITS, reason="Known.", today=SUNDAY, actor=supervisor)
        assert look(Check.AUDITS).state == State.OVERRULED
        run_found("ledger.books", 3)
        assert look(Check.AUDITS).state == State.BLOCKS

    def test_audits_older_than_a_day_are_run_first(self):
        old = run_found("ledger.books", 2)
        ended = at(SUNDAY, time(4))
        assert dtr.refresh_audits(now=ended + timedelta(days=1)) == old
        fresh = dtr.refresh_audits(now=ended + timedelta(days=1, seconds=1))
        assert (fresh.findings, AuditRun.objects.count()) == (0, 2)
        assert fresh.results.count() > 40

    def test_a_close_by_the_task_runs_them(self, lease, sunday, worker):
        tasks.close_week_task(NAME)
        assert AuditRun.objects.count() == 1
        tasks.close_week_task(NAME)  # begun: nothing is audited for it
        assert AuditRun.objects.count() == 1


class TestUnreadRecords:
    def test_a_record_that_nobody_has_looked_at_stops_the_close_until_somebody_has(self, lease, supervisor):
        rows = [card(ID="A"), card("much", ID="B")]
        file = curb.import_trips(file_name="tuesday.xml", content=trip_file(rows)).file
        assert told(Check.UNREAD_RECORDS) == ["tuesday.xml: 1 not read."]
        with refused(dtr.WeekNotReady):
            start()
        with refused(dtr.CheckNotOverrulable):
            dtr.overrule_check(week=WEEK, check=Check.UNREAD_RECORDS, reason="Go on.", today=SUNDAY, actor=supervisor)
        curb.mark_seen(file_id=file.pk, reason="Entered by hand", actor=supervisor)
        assert look(Check.UNREAD_RECORDS).state == State.READY
        assert start()


class TestWeekBefore:
    def test_an_open_week_before_stops_the_next_and_is_never_overruled(self, lease, supervisor):
        start()
        CloseBatch.objects.filter(number=1, step=1).update(failed_at=at(SUNDAY), failure="no meter")
        assert told(Check.WEEK_BEFORE, week=NEXT_WEEK, today=NEXT_SUNDAY) == [
            "The week ending Mar 7, 2026 is still open: 1 of its batches failed."
        ]
        with refused(dtr.WeekStillOpen):
            dtr.start_week(week=NEXT_WEEK, today=NEXT_SUNDAY)
        with refused(dtr.CheckNotOverrulable, code="check_not_overrulable"):
            dtr.overrule_check(
                week=NEXT_WEEK, check=Check.WEEK_BEFORE, reason="Go on.", today=NEXT_SUNDAY, actor=supervisor
            )

    def test_a_week_out_of_turn_is_told(self, lease):
        close()
        later = NEXT_WEEK.next
        assert told(Check.WEEK_BEFORE, week=later, today=date(2026, 4, 1)) == [
            "It is the turn of the week ending Mar 14, 2026."
        ]


class TestWhatIsTold:
    """What waits is counted in words, and stops nothing."""

    def test_trips_that_wait_with_their_card_money(self, lease):
        drive(
            card("20.00", DRIVER="9"),
            cash("14.30", DRIVER="9"),
            card("30.00", DRIVER="9", START_DATE="03/08/2026 00:00:00", END_DATE="03/08/2026 00:10:00"),  # next week's
        )
        assert told(Check.WAITING_TRIPS) == ["2 trips wait, $20.00 of card money among them."]
        assert look(Check.WAITING_TRIPS).state == State.WARNS
        assert start()

    def test_trips_that_are_left_out(self, lease):
        (one,) = drive(card("17.30"))
        receive_transaction(one, "DC")
        assert told(Check.LEFT_OUT) == [f"Left out: {one} ($17.30)."]
        assert look(Check.LEFT_OUT).state == State.WARNS
        assert start()

    def test_leases_without_a_trip(self, lease):
        idle = leased_driver("5000009", "9Z99")
        held = leased_driver("5000008", "9Z98")
        leases.hold_lease(lease_id=held.pk, reason="Police hold", actor=None)
        expect()
        drive_days(*WEEK.days)
        assert told(Check.IDLE_LEASES) == [f"Without a trip: {idle}."]
        held.refresh_from_db()
        assert told(Check.HELD_LEASES) == [f"On hold: {held} (Police hold)."]
        assert start()

    def test_leases_are_named_up_to_twenty_and_then_counted(self):
        for number in range(22):
            leased_driver(f"50001{number:02d}", f"{number // 10}A{number:02d}")
        expect()
        (sentence,) = told(Check.IDLE_LEASES)
        assert sentence.count(",") == 19
        assert sentence.endswith(" and 2 more.")


def test_the_checks_take_as_many_statements_for_a_large_fleet():
    expect()
    counts = []
    for number in range(4):
        leased_driver(f"500100{number}", f"8Z8{number}")
        drive_days(*WEEK.days, DRIVER=f"500100{number}", CABNUMBER=f"8Z8{number}")
        drive(card(DRIVER=f"90{number}"))
        DriverFactory.create_batch(5)
        with CaptureQueriesContext(connection) as captured:
            read_readiness(week=WEEK, today=SUNDAY)
        counts.append(len(captured))
    assert len(set(counts)) == 1
    assert counts[0] <= 19
