"""The tasks of a close: the chain that beat starts, each step alone for a week, out of order, and twice."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import OperationalError

from core.errors import Busy, NotASaturday
from curb.models import Trip
from dtr import selectors, tasks
from dtr import services as dtr
from dtr.models import CloseBatch, Dtr, Step, WeekClose
from dtr.services import batches, closes
from ledger import selectors as ledger
from tests.books import assert_books_clean
from tests.curb.conftest import PAIRS
from tests.dtr.fleet import (
    SATURDAY,
    SUNDAY,
    WEEK,
    card,
    close,
    count_postings,
    drive,
    get_dtr,
    ids,
    leased_driver,
    live_balances,
    start,
)
from tests.factories import LeaseInstallmentFactory

pytestmark = pytest.mark.django_db

NAME = SATURDAY.isoformat()
STEPS = [
    (Step.CREDIT_EARNINGS, tasks.credit_earnings_task),
    (Step.POST_INSTALLMENTS, tasks.post_scheduled_installments_task),
    (Step.APPLY_EARNINGS, tasks.apply_earnings_for_dtr_task),
    (Step.GENERATE_DTRS, tasks.generate_dtrs_task),
]


class Outbox:
    """What was sent to the workers and lies in the queue: a task's short name and its argument each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.messages: list[tuple[str, Any]] = []
        monkeypatch.setattr(tasks, "_send", self.put)

    def put(self, task: Any, argument: Any, countdown: int = 0) -> bool:
        self.messages.append((task.name.rpartition(".")[2], argument))
        return True


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """Nothing that is sent is done, so that a task does only what is its own."""
    return Outbox(monkeypatch)


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Three drivers, in batches of two, who earn 600.00, owe 3.30 of taxes and 500.00 of rent."""
    monkeypatch.setattr(closes, "DRIVERS_IN_A_BATCH", 2)
    leases = [leased_driver(f"500000{n}", f"9Z9{n}") for n in range(3)]
    for lease in leases:
        LeaseInstallmentFactory.create(lease=lease, number=9)  # due 2026-03-07
    drive(*(card("600.00", DRIVER=f"500000{n}", CABNUMBER=f"9Z9{n}") for n in range(3)))
    return leases


def do_until(step: Step) -> None:
    """Begin the week, and do the steps before this one."""
    start()
    for earlier in Step:
        if earlier < step:
            dtr.run_step(week=WEEK, step=earlier, today=SUNDAY)


def list_undone(step: Step) -> list[CloseBatch]:
    return list(CloseBatch.objects.filter(step=step, done_at=None))


def count_kinds() -> dict[str, int]:
    kinds = list(ledger.list_postings().values_list("kind", flat=True))
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


class TestEachStepAlone:
    def test_the_first_step_credits_the_earnings_of_a_week(self, fleet, outbox):
        do_until(Step.CREDIT_EARNINGS)
        tasks.credit_earnings_task(NAME)
        assert count_kinds() == {"EARNINGS": 3, "OBLIGATION": 3}
        assert list_undone(Step.CREDIT_EARNINGS) == []

    def test_the_second_step_posts_the_installments_of_a_week(self, fleet, outbox):
        do_until(Step.POST_INSTALLMENTS)
        tasks.post_scheduled_installments_task(NAME)
        assert count_kinds() == {"EARNINGS": 3, "OBLIGATION": 6}
        assert list_undone(Step.POST_INSTALLMENTS) == []
        assert list_undone(Step.APPLY_EARNINGS) != []

    def test_the_third_step_applies_the_earnings_of_a_week(self, fleet, outbox):
        do_until(Step.APPLY_EARNINGS)
        tasks.apply_earnings_for_dtr_task(NAME)
        assert count_kinds() == {"APPLICATION": 6, "EARNINGS": 3, "OBLIGATION": 6}
        assert [live_balances(lease.primary_driver)[f"CURB-{NAME}-L{lease.pk}"][3] for lease in fleet] == [
            Decimal("96.70")
        ] * 3
        assert Dtr.objects.count() == 0

    def test_the_last_step_generates_the_dtrs_of_a_week_and_closes_it(self, fleet, outbox):
        do_until(Step.GENERATE_DTRS)
        tasks.generate_dtrs_task(NAME)
        assert [str(get_dtr(lease).net_due) for lease in fleet] == ["96.70"] * 3
        assert WeekClose.objects.get().is_closed
        assert_books_clean()

    @pytest.mark.parametrize(("step", "task"), [row for row in STEPS if row[0] != Step.POST_INSTALLMENTS])
    def test_a_step_without_a_week_means_the_open_one(self, fleet, outbox, step, task):
        do_until(step)
        task()
        assert list_undone(step) == []

    @pytest.mark.parametrize(("step", "task"), STEPS)
    def test_a_step_that_is_run_twice_changes_nothing_more(self, fleet, outbox, step, task):
        do_until(step)
        # A driver is left, so that the last step does not close the week.
        spare = CloseBatch.objects.create(week_id=SATURDAY, step=Step.GENERATE_DTRS, number=9, driver_ids=[])
        CloseBatch.objects.filter(pk=spare.pk).update(heartbeat_at=Now())
        task(NAME)
        before = (count_kinds(), Dtr.objects.count(), list(CloseBatch.objects.order_by("pk").values()))
        outbox.messages.clear()

        task(NAME)

        assert (count_kinds(), Dtr.objects.count(), list(CloseBatch.objects.order_by("pk").values())) == before
        assert outbox.messages == []

    @pytest.mark.parametrize(("step", "task"), STEPS[1:])
    def test_a_step_is_refused_before_its_turn(self, fleet, outbox, step, task):
        start()
        with pytest.raises(dtr.StepOutOfOrder, match="comes after a step that is not done"):
            task(NAME)
        assert (count_postings(), outbox.messages) == (0, [])
        assert CloseBatch.objects.filter(heartbeat_at__isnull=False).count() == 0

    @pytest.mark.parametrize(("step", "task"), STEPS)
    def test_a_step_of_a_week_that_was_not_begun_is_refused(self, fleet, outbox, step, task):
        with pytest.raises(dtr.WeekNotStarted):
            task(NAME)
        assert (count_postings(), WeekClose.objects.count()) == (0, 0)

    @pytest.mark.parametrize(("step", "task"), STEPS)
    def test_a_step_of_a_closed_week_is_refused(self, fleet, outbox, step, task):
        close()
        before = count_postings()
        with pytest.raises(dtr.WeekAlreadyClosed):
            task(NAME)
        assert count_postings() == before

    @pytest.mark.parametrize(("step", "task"), STEPS)
    def test_a_week_is_named_by_its_saturday(self, outbox, step, task):
        with pytest.raises(NotASaturday):
            task("2026-03-06")


class TestPostScheduledInstallments:
    def test_installments_without_a_week_are_those_due_today(self, fleet, sunday):
        LeaseInstallmentFactory.create(lease=fleet[0], number=10)  # due 2026-03-14
        tasks.post_scheduled_installments_task()
        posted = ledger.list_postings(kind="OBLIGATION")
        assert set(posted.values_list("due_on", "effective_on")) == {(SATURDAY, SUNDAY)}
        assert posted.count() == 3
        tasks.post_scheduled_installments_task()
        assert (posted.count(), WeekClose.objects.count()) == (3, 0)

    def test_installments_without_a_week_leave_the_batches_of_an_open_close(self, fleet, sunday, outbox):
        start()
        tasks.post_scheduled_installments_task()
        assert len(list_undone(Step.POST_INSTALLMENTS)) == 2
        tasks.credit_earnings_task()
        tasks.post_scheduled_installments_task(NAME)  # finds them posted
        assert list_undone(Step.POST_INSTALLMENTS) == []
        assert count_kinds()["OBLIGATION"] == 6

    def test_installments_of_a_week_are_posted_as_of_its_saturday(self, fleet, outbox):
        LeaseInstallmentFactory.create(lease=fleet[0], number=10)
        do_until(Step.POST_INSTALLMENTS)
        tasks.post_scheduled_installments_task(NAME)
        rent = ledger.list_postings(kind="OBLIGATION").filter(category="LEASE")
        assert set(rent.values_list("due_on", "effective_on")) == {(SATURDAY, SATURDAY)}


class TestChain:
    def test_the_chain_ends_closed_with_clean_books(self, fleet, worker):
        tasks.close_week_task.delay(NAME)
        assert WeekClose.objects.get().is_closed
        assert [str(get_dtr(lease).net_due) for lease in fleet] == ["96.70"] * 3
        assert not CloseBatch.objects.filter(done_at=None).exists()
        assert_books_clean()

    def test_the_chain_begins_with_the_import(self, connect, sunday, worker):
        connect()
        leases = [leased_driver(*pair) for pair in PAIRS]
        tasks.import_curb_earnings_task.delay(then_close=True)
        assert WeekClose.objects.get().is_closed
        assert Trip.objects.filter(week_end=SATURDAY).count() == Trip.objects.count() > 0
        assert all(get_dtr(lease).card_total > 0 for lease in leases)
        assert_books_clean()

    def test_each_step_starts_the_next_one(self, fleet, outbox):
        tasks.close_week_task(NAME)
        started = []
        while not WeekClose.objects.get().is_closed:
            started.append(outbox.messages[-1])
            outbox.messages.clear()
            getattr(tasks, started[-1][0])(started[-1][1])
        assert started == [
            ("credit_earnings_task", NAME),
            ("post_scheduled_installments_task", NAME),
            ("apply_earnings_for_dtr_task", NAME),
            ("generate_dtrs_task", NAME),
        ]

    def test_a_step_sends_all_but_its_last_batch_and_works_from_the_other_end(self, fleet, outbox):
        start()
        first, second = list_undone(Step.CREDIT_EARNINGS)
        order: list[int] = []
        run = dtr.run_batch

        def note(*, batch_id: int, today: date, actor: Any) -> bool:
            order.append(batch_id)
            return run(batch_id=batch_id, today=today, actor=actor)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dtr, "run_batch", note)
            tasks.credit_earnings_task(NAME)
        assert outbox.messages[0] == ("run_batch_task", first.pk)
        assert order == [second.pk, first.pk]

    def test_a_message_for_a_batch_that_is_done_is_no_work(self, fleet, outbox):
        start()
        batch = list_undone(Step.CREDIT_EARNINGS)[0]
        tasks.credit_earnings_task(NAME)
        before = count_postings()
        tasks.run_batch_task(batch.pk)
        assert count_postings() == before
        assert CloseBatch.objects.get(pk=batch.pk).attempts == 1

    def test_a_task_that_comes_twice_does_a_step_once(self, fleet, outbox):
        start()
        for _ in range(2):
            tasks.credit_earnings_task(NAME)
        assert count_kinds() == {"EARNINGS": 3, "OBLIGATION": 3}
        assert set(CloseBatch.objects.filter(step=1).values_list("attempts", flat=True)) == {1}

    def test_a_week_that_is_not_over_is_not_begun(self, fleet, outbox, monkeypatch):
        monkeypatch.setattr(tasks, "timezone", SimpleNamespace(localdate=lambda: SATURDAY, now=timezone.now))
        with pytest.raises(dtr.WeekNotOver):
            tasks.close_week_task(NAME)
        assert WeekClose.objects.count() == 0


class TestWhatIsLost:
    def test_the_start_of_a_step_is_sent_again(self, fleet, outbox):
        tasks.close_week_task(NAME)
        outbox.messages.clear()  # lost
        tasks.resume_close_task()
        assert outbox.messages == [("credit_earnings_task", NAME)]

    def test_the_start_of_a_later_step_is_sent_again(self, fleet, outbox):
        start()
        tasks.credit_earnings_task(NAME)
        outbox.messages.clear()
        tasks.resume_close_task()
        assert outbox.messages == [("post_scheduled_installments_task", NAME)]

    def test_of_a_step_under_way_the_silent_batches_are_sent_again(self, fleet, outbox):
        start()
        silent, lively = dtr.take_batches(week=WEEK)
        CloseBatch.objects.filter(pk=silent).update(heartbeat_at=Now() - batches.SILENT_AFTER * 2)
        tasks.resume_close_task()
        assert outbox.messages == [("run_batch_task", silent)]
        assert lively not in [argument for _, argument in outbox.messages]

    def test_a_worker_that_died_after_the_last_batch_left_a_week_to_finish(self, fleet, outbox):
        do_until(Step.GENERATE_DTRS)
        dtr.run_step(week=WEEK, step=Step.GENERATE_DTRS, today=SUNDAY)
        assert not WeekClose.objects.get().is_closed
        tasks.resume_close_task()
        assert WeekClose.objects.get().is_closed

    def test_without_an_open_week_nothing_is_resumed(self, fleet, outbox):
        tasks.resume_close_task()
        close()
        tasks.resume_close_task()
        assert outbox.messages == []

    def test_without_a_broker_a_step_does_all_of_its_batches(self, fleet, monkeypatch):
        tries: list[int] = []

        def refuse(*args: Any, **kwargs: Any) -> None:
            tries.append(1)
            raise OperationalError("no broker")

        for task in (tasks.run_batch_task, *tasks.STEP_TASKS.values()):
            monkeypatch.setattr(task, "apply_async", refuse)
        start()
        tasks.credit_earnings_task(NAME)
        assert list_undone(Step.CREDIT_EARNINGS) == []
        # One batch that could not be sent, and the step after this one.
        assert len(tries) == 2


class TestWhatFails:
    @pytest.fixture
    def failing(self, monkeypatch: pytest.MonkeyPatch, fleet: list[Any]) -> int:
        """The second driver can't be credited."""
        culprit: int = fleet[1].primary_driver_id
        real = batches.credit_earnings

        def refuse(*, week: Any, driver_ids: list[int], actor: Any = None) -> Any:
            if culprit in driver_ids:
                raise ZeroDivisionError("the meter went backwards")
            return real(week=week, driver_ids=driver_ids, actor=actor)

        monkeypatch.setattr(batches, "credit_earnings", refuse)
        return culprit

    def test_a_batch_is_sent_again_and_does_not_hinder_the_others(self, failing, outbox):
        start()
        bad, good = list_undone(Step.CREDIT_EARNINGS)
        tasks.credit_earnings_task(NAME)
        bad.refresh_from_db()
        good.refresh_from_db()
        assert good.done_at is not None
        assert (bad.attempts, bad.failure, bad.failed_at) == (1, "ZeroDivisionError: the meter went backwards", None)
        assert outbox.messages.count(("run_batch_task", bad.pk)) == 2  # by the step, and after the failure

    def test_a_batch_is_halved_after_its_last_attempt(self, failing, outbox):
        start()
        bad = list_undone(Step.CREDIT_EARNINGS)[0]
        both = list(bad.driver_ids)
        for _ in range(batches.MAX_ATTEMPTS):
            tasks.run_batch_task(bad.pk)
        bad.refresh_from_db()
        half = CloseBatch.objects.get(step=1, number=3)
        assert (bad.driver_ids, half.driver_ids) == (both[:1], both[1:])
        assert outbox.messages[-2:] == [("run_batch_task", bad.pk), ("run_batch_task", half.pk)]

        tasks.run_batch_task(bad.pk)
        tasks.run_batch_task(half.pk)
        bad.refresh_from_db()
        half.refresh_from_db()
        assert (bad.done_at is None, half.failed_at is None) == (False, False)
        assert half.driver_ids == [failing]

    def test_the_next_step_waits_for_what_was_given_up(self, failing, worker):
        tasks.close_week_task.delay(NAME)
        with pytest.raises(dtr.StepOutOfOrder):
            tasks.post_scheduled_installments_task(NAME)
        assert Dtr.objects.count() == 0
        assert selectors.find_open_close() is not None

    def test_a_failure_that_can_not_be_noted_is_left_to_whoever_is_at_the_batch(self, failing, outbox, monkeypatch):
        def refuse(**whatever: Any) -> list[int]:
            raise Busy("Somebody else is at it.")

        monkeypatch.setattr(dtr, "note_failure", refuse)
        start()
        bad = list_undone(Step.CREDIT_EARNINGS)[0]
        tasks.run_batch_task(bad.pk)
        bad.refresh_from_db()
        assert (bad.done_at, bad.failed_at, outbox.messages) == (None, None, [])
        # Its last sign of life grows old: it is sent again.
        CloseBatch.objects.filter(pk=bad.pk).update(heartbeat_at=Now() - timedelta(minutes=5))
        assert dtr.take_batches(week=WEEK) == ids(list_undone(Step.CREDIT_EARNINGS))
