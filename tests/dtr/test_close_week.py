"""The close: in order, once, batch by batch, resumed where it stopped."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dtr import selectors
from dtr import services as dtr
from dtr.models import CloseBatch, Dtr, Step, WeekClose
from dtr.services import batches, closes
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.dtr.fleet import (
    NEXT_SUNDAY,
    NEXT_WEEK,
    SATURDAY,
    SUNDAY,
    WEEK,
    card,
    close,
    count_postings,
    drive,
    get_dtr,
    leased_driver,
    live_balances,
    start,
)
from tests.factories import DriverFactory, LeaseInstallmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(closes, "DRIVERS_IN_A_BATCH", 2)


class TestCloseWeek:
    def test_a_close_runs_the_four_steps_in_order(self):
        lease = leased_driver()
        LeaseInstallmentFactory.create(lease=lease, number=9)  # due 2026-03-07
        LeaseInstallmentFactory.create(lease=lease, number=10)
        drive(card("600.00"))
        supervisor = UserFactory.create()
        seen: list[selectors.CloseProgress] = []

        week = dtr.close_week(week=WEEK, today=SUNDAY, actor=supervisor, progress=seen.append)

        assert (week.state, week.started_by) == (WeekClose.State.CLOSED, supervisor)
        assert [(row.step, row.done, row.total) for row in seen] == [(step, 1, 1) for step in Step]
        assert {name: row[2:] for name, row in live_balances(lease.primary_driver).items()} == {
            f"CURB-2026-03-07-L{lease.pk}": (Decimal("600.00"), Decimal("96.70")),
            f"TAXES-2026-03-07-L{lease.pk}": (Decimal("3.30"), Decimal("0.00")),
            f"LEASE-{lease.pk}-2026W10": (Decimal("500.00"), Decimal("0.00")),
        }
        assert get_dtr(lease).net_due == Decimal("96.70")
        assert_books_clean()

    def test_a_second_close_changes_nothing(self):
        leased_driver()
        drive(card())
        close()
        before = (count_postings(), Dtr.objects.count(), WeekClose.objects.get().finished_at)
        drive(card("40.00"))

        dtr.close_week(week=WEEK, today=NEXT_SUNDAY)

        assert (count_postings(), Dtr.objects.count(), WeekClose.objects.get().finished_at) == before

    def test_two_missed_weeks_closed_on_one_day(self):
        lease = leased_driver()
        LeaseInstallmentFactory.create(lease=lease, number=9)
        LeaseInstallmentFactory.create(lease=lease, number=10)
        drive(card("503.30"), card("600.00", START_DATE="03/10/2026 10:00:00"))
        dtr.close_week(week=WEEK, today=NEXT_SUNDAY)
        dtr.close_week(week=NEXT_WEEK, today=NEXT_SUNDAY)

        assert get_dtr(lease).net_due == Decimal("0.00")
        assert get_dtr(lease, None, NEXT_WEEK).net_due == Decimal("96.70")
        assert_books_clean()

    def test_the_books_are_closed_through_its_saturday(self):
        """By whoever closed the week; each week moves the day on, and a late charge is dated after it."""
        lease = leased_driver()
        supervisor = UserFactory.create()
        dtr.close_week(week=WEEK, today=SUNDAY, actor=supervisor)
        entry = ledger_selectors.list_closings().get()
        assert (entry.kind, entry.day, entry.by) == ("WEEK", SATURDAY, supervisor)
        facts: dict[str, Any] = {
            "category": "MISC", "amount": Decimal("5.00"), "driver_id": lease.primary_driver_id,
        }  # fmt: skip
        with pytest.raises(ledger.BooksClosed):
            ledger.create_obligation(**facts, reference_id="MISC-1", effective_on=SATURDAY)
        ledger.create_obligation(**facts, reference_id="MISC-1", effective_on=SUNDAY)
        dtr.close_week(week=NEXT_WEEK, today=NEXT_SUNDAY)
        assert ledger_selectors.get_closed_through() == NEXT_WEEK.end
        assert_books_clean()

    def test_the_week_stays_open_while_the_books_can_not_be_closed(self, monkeypatch):
        """Somebody books for too long, thrice; the next who looks finishes it."""
        leased_driver()
        real, waited = ledger.close_books_with_week, []

        def wait(**facts):
            waited.append(facts["week"])
            if len(waited) <= closes.FINISH_ATTEMPTS:
                raise ledger.LedgerBusy("Somebody is booking.")
            return real(**facts)

        monkeypatch.setattr(ledger, "close_books_with_week", wait)
        with pytest.raises(ledger.LedgerBusy):
            close()
        assert (WeekClose.objects.get().state, ledger_selectors.list_closings().count()) == (WeekClose.State.OPEN, 0)
        close()
        assert WeekClose.objects.get().is_closed
        assert waited == [WEEK] * 4
        assert ledger_selectors.get_closed_through() == SATURDAY

    def test_an_empty_fleet_closes(self):
        assert dtr.close_week(week=WEEK, today=SUNDAY).is_closed

    def test_batches_are_small_and_remembered(self, small_batches):
        drivers = [DriverFactory.create() for _ in range(5)]
        start()
        assert [batch.driver_ids for batch in CloseBatch.objects.filter(step=Step.APPLY_EARNINGS)] == [
            [drivers[0].pk, drivers[1].pk],
            [drivers[2].pk, drivers[3].pk],
            [drivers[4].pk],
        ]
        assert CloseBatch.objects.count() == 12


class TestResume:
    def test_a_close_goes_on_where_it_stopped(self, small_batches, monkeypatch):
        leases = [leased_driver(f"500000{number}", f"9Z9{number}") for number in range(5)]
        drive(*(card(DRIVER=f"500000{number}", CABNUMBER=f"9Z9{number}") for number in range(5)))
        real = batches.credit_earnings

        def fail_at_the_second_batch(*, week, driver_ids, actor=None):
            if leases[2].primary_driver_id in driver_ids:
                raise ledger.LedgerBusy("Somebody else is at the till.")
            return real(week=week, driver_ids=driver_ids, actor=actor)

        monkeypatch.setattr(batches, "credit_earnings", fail_at_the_second_batch)
        with pytest.raises(ledger.LedgerBusy):
            close()
        assert WeekClose.objects.get().state == WeekClose.State.OPEN
        assert [(row.done, row.total) for row in selectors.list_progress(WEEK)] == [
            (2, 5),
            (0, 5),
            (0, 5),
            (0, 5),
        ]
        assert count_postings() == 4

        monkeypatch.setattr(batches, "credit_earnings", real)
        close()

        assert WeekClose.objects.get().is_closed
        assert all(row.is_done for row in selectors.list_progress(WEEK))
        # Two openings and one application each.
        assert count_postings() == 15
        assert Dtr.objects.count() == 5
        assert_books_clean()

    def test_an_open_week_blocks_the_next(self):
        start()
        with pytest.raises(dtr.WeekStillOpen) as refusal:
            dtr.close_week(week=NEXT_WEEK, today=NEXT_SUNDAY)
        assert refusal.value.facts["open_week"] == "2026-03-07"
        assert WeekClose.objects.count() == 1

    def test_the_first_start_of_a_close_freezes_drivers_and_trips(self):
        leased_driver()
        start()
        latecomer = DriverFactory.create(tlc_license="5000009")
        (late,) = drive(card(DRIVER="5000009"))
        close()
        late.refresh_from_db()
        assert late.week_end is None
        assert not CloseBatch.objects.filter(driver_ids__contains=[latecomer.pk]).exists()

    def test_a_driver_entered_before_the_start_frees_their_waiting_trips(self):
        leased_driver()
        (waiting,) = drive(card(DRIVER="5000009"))
        DriverFactory.create(tlc_license="5000009")
        close()
        waiting.refresh_from_db()
        assert (waiting.week_end, waiting.waits_for) == (SATURDAY, "")


class TestRunBatch:
    def test_a_batch_is_done_once(self):
        leased_driver()
        drive(card())
        start()
        batch = selectors.find_next_batch(WEEK)
        assert batch is not None
        assert dtr.run_batch(batch_id=batch.pk, today=SUNDAY) is True
        assert dtr.run_batch(batch_id=batch.pk, today=SUNDAY) is False
        assert count_postings() == 2

    def test_a_batch_of_a_later_step_is_refused(self):
        DriverFactory.create()
        start()
        seal = CloseBatch.objects.get(step=Step.GENERATE_DTRS)
        with pytest.raises(dtr.StepOutOfOrder):
            dtr.run_batch(batch_id=seal.pk, today=SUNDAY)
        seal.refresh_from_db()
        assert seal.done_at is None

    def test_a_week_is_not_finished_with_work_left(self):
        DriverFactory.create()
        start()
        with pytest.raises(dtr.StepOutOfOrder):
            dtr.finish_week(week=WEEK)
        assert not WeekClose.objects.get().is_closed


class TestRefusal:
    @pytest.mark.parametrize(
        "today",
        [SATURDAY, date(2026, 3, 2)],
    )
    def test_a_week_that_is_not_over_is_refused(self, today):
        with pytest.raises(dtr.WeekNotOver) as refusal:
            dtr.close_week(week=WEEK, today=today)
        assert refusal.value.code == "week_not_over"
        assert WeekClose.objects.count() == 0

    @pytest.mark.parametrize("week", [WEEK.previous, NEXT_WEEK.next])
    def test_a_week_out_of_order_is_refused(self, week):
        close()
        with pytest.raises(dtr.WeekOutOfOrder) as refusal:
            close(week)
        assert refusal.value.facts["next_week"] == "2026-03-14"
        assert WeekClose.objects.count() == 1


class TestCommands:
    def test_close_week_says_what_it_does(self):
        leased_driver()
        drive(card())
        out = io.StringIO()
        call_command("close_week", "--week-ending", "2026-03-07", stdout=out)
        assert out.getvalue().splitlines() == [
            "Credit earnings and charge trip taxes         1 of 1 drivers",
            "Post installments that are due                1 of 1 drivers",
            "Apply credits to what is owed                 1 of 1 drivers",
            "Seal the DTRs                                 1 of 1 drivers",
            "Week ending Mar 7, 2026: closed, 1 DTRs.",
        ]

    def test_close_week_shows_a_bar_on_a_terminal(self, small_batches):
        class Terminal(io.StringIO):
            def isatty(self):
                return True

        for _ in range(3):
            DriverFactory.create()
        out = Terminal()
        call_command("close_week", "--week-ending", "2026-03-07", stdout=out)
        first, second = out.getvalue().split("\n")[0].split("\r")
        assert first.endswith(" [████████████████········]      2 of 3 drivers")
        assert second.endswith(" [████████████████████████]      3 of 3 drivers")

    def test_close_week_refuses_in_one_sentence(self):
        with pytest.raises(CommandError, match=r"^A week ends on a Saturday; Mar 6, 2026 is a Friday\.$") as refusal:
            call_command("close_week", "--week-ending", "2026-03-06")
        assert refusal.value.returncode == 1
