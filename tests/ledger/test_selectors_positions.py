"""Where a driver stands, now and in the past."""

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ledger import selectors
from ledger import services as ledger
from ledger.locks import lock_accounts
from ledger.models import LedgerPosting
from ledger.selectors import Position
from tests.factories import DriverFactory
from tests.ledger.hostile import SATURDAY, Week
from tests.ledger.proofs import THURSDAY, writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def week() -> Week:
    return Week()


def charge(driver_id: int, amount: str, reference_id: str, due_on: date = SATURDAY) -> LedgerPosting:
    return ledger.create_obligation(
        category="LEASE",
        amount=Decimal(amount),
        reference_id=reference_id,
        driver_id=driver_id,
        due_on=due_on,
        effective_on=THURSDAY,
    )


def moment_of(posting: LedgerPosting) -> datetime:
    return LedgerPosting.objects.values_list("posted_at", flat=True).get(pk=posting.pk)


class TestGetPosition:
    def test_parts_due_from_not_due_and_keeps_deposits_apart(self, week):
        # Applied: 61.50 taxes, 20.00 tolls, 500.00 rent, 40.00 repair; then 100.00 tolls are owed again.
        week.charge("LEASE", "500.00", "LEASE-NEXT", due_on=SATURDAY + timedelta(days=7))

        position = selectors.get_position(week.driver_id, as_of=SATURDAY)

        assert position == Position(
            driver_id=week.driver_id,
            as_of=SATURDAY,
            obligations_due=Decimal("100.00"),
            obligations_not_due=Decimal("500.00"),
            # 913.25 + 125.00 + 9.11 - 621.50 applied - 100.00 paid out + 100.00 back from the tolls - 100.00
            # that the void returned to the payment is counted once: 913.25 + 25.00 + 9.11 - 621.50 - 100.00 + 100.00.
            held_credits=Decimal("325.86"),
            # 275.00 - 15.00 applied - 25.00 released
            deposits=Decimal("235.00"),
        )
        assert position.obligations == Decimal("600.00")
        assert position.net_position == Decimal("274.14")
        assert position.net_due_to_driver == Decimal("225.86")

    def test_counts_what_falls_due_on_the_day(self):
        driver_id = DriverFactory.create().pk
        charge(driver_id, "10.00", "LEASE-1")
        assert selectors.get_position(driver_id, as_of=SATURDAY).obligations_due == Decimal("10.00")
        friday = selectors.get_position(driver_id, as_of=SATURDAY - timedelta(days=1))
        assert (friday.obligations_due, friday.obligations_not_due) == (Decimal("0.00"), Decimal("10.00"))

    def test_is_zero_without_postings(self):
        driver_id = DriverFactory.create().pk
        assert selectors.get_position(driver_id, as_of=SATURDAY) == Position(driver_id, SATURDAY)


class TestListPositions:
    def test_answers_for_many_as_for_each_in_one_query(self, week, django_assert_num_queries):
        other, without_postings = DriverFactory.create().pk, DriverFactory.create().pk
        charge(other, "10.00", "LEASE-1")
        wanted = [without_postings, other, week.driver_id]
        with django_assert_num_queries(1):
            positions = selectors.list_positions(wanted, as_of=SATURDAY)
        assert positions == [selectors.get_position(driver_id, as_of=SATURDAY) for driver_id in wanted]

    def test_lists_all_who_have_something_open(self, week):
        other = DriverFactory.create().pk
        posting = charge(other, "10.00", "LEASE-1")
        assert [p.driver_id for p in selectors.list_positions(as_of=SATURDAY)] == [week.driver_id, other]
        ledger.void_posting(posting_id=posting.pk, reason="Wrong driver", actor=None, effective_on=THURSDAY)
        assert [p.driver_id for p in selectors.list_positions(as_of=SATURDAY)] == [week.driver_id]


class TestGetPositionAt:
    def test_tells_every_moment_from_postings_alone(self):
        driver_id = DriverFactory.create().pk
        rent = charge(driver_id, "100.00", "LEASE-1")
        earned = ledger.post_earnings(
            driver_id=driver_id, amount=Decimal("70.00"), reference_id="CURB-1", effective_on=SATURDAY
        )
        ledger.apply_weekly_earnings(as_of=THURSDAY)
        applied = LedgerPosting.objects.get(kind="APPLICATION")
        void = ledger.void_posting(posting_id=rent.pk, reason="Wrong lease", actor=None, effective_on=THURSDAY)[-1]

        def net_at(moment: datetime) -> Decimal:
            return selectors.get_position_at(driver_id, moment).net_position

        before = timedelta(microseconds=1)
        assert net_at(moment_of(rent) - before) == Decimal("0.00")
        assert net_at(moment_of(rent)) == Decimal("100.00")
        assert net_at(moment_of(earned)) == Decimal("30.00")
        at_application = selectors.get_position_at(driver_id, moment_of(applied))
        assert (at_application.obligations, at_application.held_credits) == (Decimal("30.00"), Decimal("0.00"))
        at_void = selectors.get_position_at(driver_id, moment_of(void))
        assert (at_void.obligations, at_void.held_credits) == (Decimal("0.00"), Decimal("70.00"))

    def test_equals_the_balances_after_a_week_with_every_kind(self, week):
        last = LedgerPosting.objects.latest("posted_at").posted_at
        at_last = selectors.get_position_at(week.driver_id, last)
        assert at_last == selectors.get_position(week.driver_id, as_of=at_last.as_of)

    def test_takes_the_date_of_new_york(self):
        late_in_new_york = datetime.fromisoformat("2026-03-08T04:30:00+00:00")
        position = selectors.get_position_at(DriverFactory.create().pk, late_in_new_york)
        assert position.as_of == SATURDAY

    def test_of_a_driver_without_postings_opens_no_account(self):
        driver_id = DriverFactory.create().pk
        with writes():
            position = selectors.get_position_at(driver_id, timezone.now() - timedelta(days=1))
        assert position.net_position == 0

    def test_refuses_a_moment_that_is_not_past_or_has_no_zone(self):
        driver_id = DriverFactory.create().pk
        with pytest.raises(ledger.ValueInvalid, match="not past"):
            selectors.get_position_at(driver_id, timezone.now() + timedelta(seconds=5))
        with pytest.raises(ledger.ValueInvalid, match="time zone"):
            selectors.get_position_at(driver_id, datetime(2026, 3, 7, 12))  # noqa: DTZ001
        with pytest.raises(ledger.DriverNotFound):
            selectors.get_position_at(999_999, timezone.now() - timedelta(days=1))

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("has_account", [True, False])
    def test_waits_for_a_posting_that_is_stamped_and_not_committed(self, has_account):
        """Without the lock it would say 0.00 now, and 100.00 of the same moment a little later."""
        driver_id = DriverFactory.create().pk
        if has_account:
            with transaction.atomic():
                lock_accounts([driver_id])
        posted, commit = threading.Event(), threading.Event()

        def post_slowly() -> None:
            try:
                with transaction.atomic():
                    charge(driver_id, "100.00", "LEASE-1")
                    posted.set()
                    commit.wait(timeout=10)
            finally:
                connection.close()

        answers: list[Position] = []

        def ask(moment: datetime) -> None:
            try:
                answers.append(selectors.get_position_at(driver_id, moment))
            finally:
                connection.close()

        writer = threading.Thread(target=post_slowly)
        writer.start()
        assert posted.wait(timeout=10)
        moment = timezone.now()
        reader = threading.Thread(target=ask, args=[moment])
        reader.start()
        reader.join(timeout=0.5)
        assert answers == []
        commit.set()
        writer.join(timeout=10)
        reader.join(timeout=10)

        assert [answer.net_position for answer in answers] == [Decimal("100.00")]
        assert selectors.get_position_at(driver_id, moment) == answers[0]

    @pytest.mark.django_db(transaction=True)
    def test_never_changes_while_others_post(self):
        driver_id = DriverFactory.create().pk
        charge(driver_id, "1.00", "LEASE-0")
        stop = threading.Event()

        def keep_posting() -> None:
            try:
                number = 0
                while not stop.is_set():
                    number += 1
                    charge(driver_id, "1.00", f"LEASE-{number}")
            finally:
                connection.close()

        writer = threading.Thread(target=keep_posting)
        writer.start()
        try:
            asked = []
            for _ in range(20):
                moment = timezone.now() - timedelta(microseconds=500)
                asked.append((moment, selectors.get_position_at(driver_id, moment)))
        finally:
            stop.set()
            writer.join(timeout=30)
        assert LedgerPosting.objects.count() > 10
        assert [selectors.get_position_at(driver_id, moment) for moment, _ in asked] == [answer for _, answer in asked]

    @pytest.mark.django_db(transaction=True)
    def test_says_that_the_account_is_busy(self, monkeypatch):
        monkeypatch.setattr("core.transactions.LOCK_TIMEOUT", "50ms")
        driver_id = DriverFactory.create().pk
        locked, done = threading.Event(), threading.Event()

        def hold() -> None:
            try:
                with transaction.atomic():
                    lock_accounts([driver_id])
                    locked.set()
                    done.wait(timeout=30)
            finally:
                connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        try:
            assert locked.wait(timeout=10)
            with pytest.raises(ledger.LedgerBusy):
                selectors.get_position_at(driver_id, timezone.now() - timedelta(days=1))
        finally:
            done.set()
            holder.join(timeout=10)
