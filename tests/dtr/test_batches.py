"""The close by workers: its batches are rows, so what is lost is sent again, and who is at fault is found by name."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from dtr import selectors, tasks
from dtr import services as dtr
from dtr.models import CloseBatch, Dtr, Step, WeekClose
from dtr.services import batches, closes
from ledger.selectors import list_postings
from tests.books import assert_books_clean
from tests.dtr.fleet import (
    NEXT_WEEK,
    SATURDAY,
    SUNDAY,
    WEEK,
    card,
    count_postings,
    drive,
    get_dtr,
    leased_driver,
    start,
)
from tests.factories import DriverFactory, UserFactory
from tests.locks import run_elsewhere, somebody_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(closes, "DRIVERS_IN_A_BATCH", 2)


def make_fleet(size):
    leases = [leased_driver(f"500000{number}", f"9Z9{number}") for number in range(size)]
    drive(*(card("103.30", DRIVER=f"500000{number}", CABNUMBER=f"9Z9{number}") for number in range(size)))
    return leases


def fail_for(monkeypatch, driver_id):
    """Refuse to credit a driver, as a bug would; returns the way to mend it."""
    real = batches.credit_earnings

    def refuse(*, week, driver_ids, actor=None):
        if driver_id in driver_ids:
            raise ZeroDivisionError("the meter went backwards")
        return real(week=week, driver_ids=driver_ids, actor=actor)

    monkeypatch.setattr(batches, "credit_earnings", refuse)
    return lambda: monkeypatch.setattr(batches, "credit_earnings", real)


def _is_read_whole():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('enable_seqscan')")
        return cursor.fetchone()[0]


class TestCloseByWorkers:
    def test_sends_every_step_when_the_one_before_is_done(self, worker, small_batches):
        leases = make_fleet(5)

        tasks.close_week_task.delay(SATURDAY.isoformat())

        assert WeekClose.objects.get().is_closed
        assert [(row.done, row.total) for row in selectors.list_progress(WEEK)] == [(5, 5)] * 4
        assert [str(get_dtr(lease).net_due) for lease in leases] == ["100.00"] * 5
        assert_books_clean()

    def test_a_second_close_by_workers_changes_nothing(self, worker):
        make_fleet(2)
        tasks.close_week_task.delay(SATURDAY.isoformat())
        before = (count_postings(), Dtr.objects.count(), WeekClose.objects.get().finished_at)
        tasks.close_week_task.delay(SATURDAY.isoformat())
        tasks.resume_close_task.delay()
        for batch in CloseBatch.objects.all():
            tasks.run_batch_task.delay(batch.pk)
        assert (count_postings(), Dtr.objects.count(), WeekClose.objects.get().finished_at) == before

    def test_the_week_is_closed_in_the_name_of_whoever_started_it(self, worker):
        make_fleet(1)
        supervisor = UserFactory.create()
        dtr.start_week(week=WEEK, today=SATURDAY + timedelta(days=1), actor=supervisor)
        tasks.send_batches(WEEK)
        assert WeekClose.objects.get().is_closed
        assert set(list_postings().values_list("posted_by", flat=True)) == {supervisor.pk}

    def test_each_step_of_a_close_can_be_run_alone(self, worker):
        make_fleet(1)
        start()
        with pytest.raises(dtr.StepOutOfOrder):
            dtr.run_step(week=WEEK, step=Step.GENERATE_DTRS, today=SUNDAY)
        for step in (Step.CREDIT_EARNINGS, Step.POST_INSTALLMENTS, Step.APPLY_EARNINGS):
            assert dtr.run_step(week=WEEK, step=step, today=SUNDAY) == 1
        tasks.generate_dtrs_task.delay(SATURDAY.isoformat())
        assert Dtr.objects.count() == 1
        # The last step's last batch was done: nothing is left of the week.
        assert WeekClose.objects.get().is_closed


class TestResume:
    def test_what_was_sent_and_lost_is_sent_again_after_a_while(self, worker):
        make_fleet(1)
        start()
        (lost,) = dtr.take_batches(week=WEEK)
        tasks.resume_close_task.delay()
        assert CloseBatch.objects.get(pk=lost).done_at is None

        CloseBatch.objects.filter(pk=lost).update(heartbeat_at=Now() - batches.SILENT_AFTER * 2)
        tasks.resume_close_task.delay()

        assert WeekClose.objects.get().is_closed

    def test_only_batches_of_the_step_whose_turn_it_is_are_sent(self, small_batches):
        make_fleet(3)
        start()
        taken = dtr.take_batches(week=WEEK)
        assert set(CloseBatch.objects.filter(pk__in=taken).values_list("step", "number")) == {(1, 1), (1, 2)}
        assert dtr.take_batches(week=WEEK) == []

    def test_a_batch_that_ends_its_workers_is_given_up(self):
        make_fleet(1)
        start()
        (batch_id,) = dtr.take_batches(week=WEEK)
        for _ in range(batches.MAX_ATTEMPTS):
            assert dtr.claim_batch(batch_id=batch_id) is not None  # … and never heard of again
        assert dtr.claim_batch(batch_id=batch_id) is None
        batch = CloseBatch.objects.get(pk=batch_id)
        assert (batch.failed_at is None, batch.failure) == (False, batches.LOST_WORKER)

    def test_a_batch_looks_its_drivers_up_and_reads_no_table_whole(self, monkeypatch):
        make_fleet(1)
        start()
        (batch_id,) = dtr.take_batches(week=WEEK)
        said = []
        monkeypatch.setattr(batches, "run_step_for", lambda *args, **kwargs: said.append(_is_read_whole()))
        dtr.run_batch(batch_id=batch_id, today=SUNDAY)
        assert said == ["off"]

    def test_what_is_done_is_not_begun(self):
        make_fleet(1)
        start()
        (batch_id,) = dtr.take_batches(week=WEEK)
        dtr.run_batch(batch_id=batch_id, today=SUNDAY)
        assert dtr.claim_batch(batch_id=batch_id) is None


@pytest.mark.django_db(transaction=True)
class TestUnderWay:
    def test_what_somebody_is_at_is_neither_sent_nor_begun(self):
        make_fleet(1)
        start()
        batch = CloseBatch.objects.get(step=1)
        with somebody_at("dtr_close_batches", batch.pk):
            assert run_elsewhere(dtr.take_batches, week=WEEK) == []
            assert run_elsewhere(dtr.claim_batch, batch_id=batch.pk) is None


class TestFailure:
    def test_only_the_driver_at_fault_is_left_behind(self, worker, monkeypatch):
        leases = make_fleet(7)
        culprit = leases[4].primary_driver
        mend = fail_for(monkeypatch, culprit.pk)

        tasks.close_week_task.delay(SATURDAY.isoformat())

        week = WeekClose.objects.get()
        assert not week.is_closed
        status = selectors.get_close_status(week, week.started_at + timedelta(seconds=5))
        assert [(step.done, step.total) for step in status.steps] == [(6, 7), (0, 7), (0, 7), (0, 7)]
        assert status.is_stuck
        (failed,) = status.failed
        assert failed.drivers == [culprit]
        assert failed.batch.failure == "ZeroDivisionError: the meter went backwards"
        assert (status.done, status.total, status.percent) == (6, 28, 21)
        assert Dtr.objects.count() == 0

        mend()
        assert dtr.retry_failed_batches(week=WEEK) == 1
        tasks.resume_close_task.delay()

        assert WeekClose.objects.get().is_closed
        assert [str(get_dtr(lease).net_due) for lease in leases] == ["100.00"] * 7
        assert_books_clean()

    def test_a_batch_is_tried_several_times_before_it_is_given_up(self, worker, monkeypatch):
        lease = leased_driver()
        drive(card())
        fail_for(monkeypatch, lease.primary_driver_id)
        tasks.close_week_task.delay(SATURDAY.isoformat())
        batch = CloseBatch.objects.get(step=Step.CREDIT_EARNINGS)
        assert (batch.attempts, batch.done_at, batch.failed_at is None) == (batches.MAX_ATTEMPTS, None, False)
        assert count_postings() == 0

    def test_a_close_in_this_process_takes_up_what_was_given_up(self, worker, monkeypatch):
        lease = leased_driver()
        drive(card())
        mend = fail_for(monkeypatch, lease.primary_driver_id)
        tasks.close_week_task.delay(SATURDAY.isoformat())
        mend()
        assert dtr.close_week(week=WEEK, today=SATURDAY + timedelta(days=1)).is_closed
        batch = CloseBatch.objects.get(step=Step.CREDIT_EARNINGS)
        assert (batch.failed_at, batch.failure) == (None, "")

    def test_a_closed_week_has_nothing_to_retry(self):
        dtr.close_week(week=WEEK, today=SATURDAY + timedelta(days=1))
        with pytest.raises(dtr.WeekAlreadyClosed):
            dtr.retry_failed_batches(week=WEEK)


class TestTurn:
    def test_a_fleet_begins_with_its_last_full_week(self):
        assert selectors.get_week_to_close(SATURDAY) == WEEK.previous
        assert selectors.get_week_to_close(SATURDAY + timedelta(days=1)) == WEEK

    def test_an_open_week_comes_first_and_then_the_next(self):
        DriverFactory.create()
        start()
        assert selectors.get_week_to_close(SATURDAY + timedelta(days=30)) == WEEK
        dtr.close_week(week=WEEK, today=SATURDAY + timedelta(days=1))
        assert selectors.get_week_to_close(SATURDAY + timedelta(days=30)) == NEXT_WEEK
