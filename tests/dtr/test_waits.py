"""A close's own services lock, bound their waits, and answer that somebody else is at it."""

from datetime import date

import pytest
from django.db import connection

from core.errors import Busy
from dtr import services as dtr
from dtr import tasks
from dtr.models import CloseBatch, Step, WeekClose
from dtr.services import batches, previews
from ledger.services import LedgerBusy
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, SUNDAY, WEEK, card, close, drive, leased_driver, start
from tests.factories import DriverFactory
from tests.locks import assert_waits_are_bounded, list_sql, run_elsewhere, somebody_at
from tests.threads import list_winners, run_together

ALL_DONE = "UPDATE dtr_close_batches SET done_at = now()"


@pytest.mark.django_db
class TestBoundedWaits:
    @pytest.fixture(autouse=True)
    def week(self):
        leased_driver()
        drive(card())
        start()

    def first_batch(self):
        return CloseBatch.objects.get(step=Step.CREDIT_EARNINGS)

    def test_finish_week_bounds_its_waits(self):
        with connection.cursor() as cursor:
            cursor.execute(ALL_DONE)
        assert_waits_are_bounded(lambda: dtr.finish_week(week=WEEK), "dtr_week_closes")

    def test_take_batches_bounds_its_waits(self):
        assert_waits_are_bounded(lambda: dtr.take_batches(week=WEEK), "dtr_close_batches")

    def test_claim_batch_bounds_its_waits(self):
        assert_waits_are_bounded(lambda: dtr.claim_batch(batch_id=self.first_batch().pk), "dtr_close_batches")

    def test_note_failure_bounds_its_waits(self):
        batch_id = self.first_batch().pk
        assert_waits_are_bounded(lambda: dtr.note_failure(batch_id=batch_id, reason="No"), "dtr_close_batches")

    def test_run_batch_bounds_its_waits(self):
        assert_waits_are_bounded(
            lambda: dtr.run_batch(batch_id=self.first_batch().pk, today=SUNDAY), "dtr_close_batches"
        )

    def test_retry_failed_batches_bounds_its_waits(self):
        statements = list_sql(lambda: dtr.retry_failed_batches(week=WEEK))
        bound = next(n for n, sql in enumerate(statements) if "set_config('lock_timeout'" in sql)
        assert bound < next(n for n, sql in enumerate(statements) if sql.startswith('UPDATE "dtr_close_batches"'))

    def test_start_week_bounds_its_waits(self):
        close()
        assert_waits_are_bounded(lambda: dtr.start_week(week=NEXT_WEEK, today=date(2027, 1, 1)), "curb_trips")

    def test_preview_week_bounds_its_waits(self):
        close()
        assert_waits_are_bounded(lambda: dtr.preview_week(week=NEXT_WEEK, today=date(2027, 1, 1)), "ledger_accounts")


@pytest.mark.django_db(transaction=True)
class TestBusy:
    def test_finish_week_gives_up_on_a_close_that_somebody_holds(self, impatient):
        start()
        with somebody_at("dtr_week_closes", SATURDAY, "week_end"):
            assert isinstance(run_elsewhere(dtr.finish_week, week=WEEK), LedgerBusy)
        assert not WeekClose.objects.get().is_closed
        assert dtr.finish_week(week=WEEK).is_closed

    def test_a_failure_is_not_noted_while_somebody_is_at_the_batch(self, impatient):
        DriverFactory.create()
        start()
        batch = CloseBatch.objects.get(step=1)
        with somebody_at("dtr_close_batches", batch.pk):
            assert isinstance(run_elsewhere(dtr.note_failure, batch_id=batch.pk, reason="No"), Busy)
        batch.refresh_from_db()
        assert batch.failure == ""

    def test_a_task_leaves_that_to_whoever_is_at_it(self, impatient, monkeypatch):
        DriverFactory.create()
        start()
        batch = CloseBatch.objects.get(step=1)
        assert dtr.claim_batch(batch_id=batch.pk) is not None
        monkeypatch.setattr(dtr, "claim_batch", lambda *, batch_id: CloseBatch.objects.get(pk=batch_id))
        with somebody_at("dtr_close_batches", batch.pk):
            assert run_elsewhere(tasks.run_batch_task, batch_id=batch.pk) is None
        batch.refresh_from_db()
        assert (batch.failure, batch.failed_at, batch.attempts) == ("", None, 1)

    def test_a_close_is_not_begun_while_somebody_is_at_a_trip_that_waits(self, impatient):
        leased_driver()
        (waiting,) = drive(card(DRIVER="9999999"))
        with somebody_at("curb_trips", waiting.pk):
            assert isinstance(run_elsewhere(dtr.start_week, week=WEEK, today=SUNDAY), Busy)
        assert (WeekClose.objects.count(), CloseBatch.objects.count()) == (0, 0)

    def test_what_was_given_up_is_not_tried_anew_while_somebody_is_at_it(self, impatient):
        DriverFactory.create()
        start()
        batch = CloseBatch.objects.get(step=1)
        for _ in range(batches.MAX_ATTEMPTS + 1):
            dtr.claim_batch(batch_id=batch.pk)
        with somebody_at("dtr_close_batches", batch.pk):
            assert isinstance(run_elsewhere(dtr.retry_failed_batches, week=WEEK), Busy)
        assert dtr.retry_failed_batches(week=WEEK) == 1


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_two_starts_make_one_close(self):
        for _ in range(3):
            DriverFactory.create()
        closes = run_together(*[lambda: dtr.start_week(week=WEEK, today=SUNDAY)] * 2)
        assert [one.week_end for one in closes] == [SATURDAY, SATURDAY]
        assert (WeekClose.objects.count(), CloseBatch.objects.count()) == (1, len(Step))

    def test_two_finish_one_week(self):
        start()
        finished = run_together(*[lambda: dtr.finish_week(week=WEEK)] * 2)
        assert len(list_winners(finished)) == 2
        assert len({one.finished_at for one in finished}) == 1

    def test_two_take_each_batch_once(self):
        DriverFactory.create()
        start()
        taken = run_together(*[lambda: dtr.take_batches(week=WEEK)] * 2)
        assert sorted(taken, key=len) == [[], [CloseBatch.objects.get(step=1).pk]]

    def test_two_previews_leave_nothing(self):
        leased_driver()
        drive(card())
        first, second = run_together(*[lambda: dtr.preview_week(week=WEEK, today=SUNDAY)] * 2)
        assert first == second
        assert WeekClose.objects.count() == 0

    def test_a_preview_that_meets_the_start_says_that_the_week_is_open(self, monkeypatch):
        leased_driver()
        real = previews.check_turn
        calls: list[int] = []

        def check_and_be_late(week, last):
            real(week, last)
            if not calls:
                calls.append(1)
                run_elsewhere(dtr.start_week, week=WEEK, today=SUNDAY)

        monkeypatch.setattr(previews, "check_turn", check_and_be_late)
        with pytest.raises(dtr.WeekStillOpen):
            dtr.preview_week(week=WEEK, today=SUNDAY)


@pytest.mark.django_db
def test_a_week_that_was_never_begun_is_not_finished():
    with pytest.raises(dtr.WeekNotStarted):
        dtr.finish_week(week=WEEK)
