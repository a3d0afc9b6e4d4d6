"""Services of trips and receipts lock in one order, bound their waits, and do a thing once when two do it."""

import re

import pytest
from django.db import connection

from core.errors import Busy
from curb import services as curb
from curb.errors import CurbUnreachable, TripNotWaiting
from curb.models import Reconciliation, Trip
from curb.services import reconciliations
from dtr import services as dtr
from tests.curb import trip, trip_file
from tests.dtr.fleet import SUNDAY, WEEK, card, close, drive, ids, leased_driver
from tests.factories import DriverFactory, UserFactory
from tests.ledger.rawsql import ledger_state
from tests.locks import assert_waits_are_bounded, list_sql, somebody_at
from tests.threads import count_refusals, list_winners, run_together


def whose(lease, **options):
    return {"driver_id": lease.primary_driver_id, "vehicle_id": lease.vehicle_id, **options}


@pytest.mark.django_db
class TestBoundedWaits:
    @pytest.fixture
    def lease(self):
        return leased_driver()

    def test_bind_trip_bounds_its_waits(self, lease):
        (waiting,) = drive(card(DRIVER="500001X"))
        assert_waits_are_bounded(lambda: curb.bind_trip(trip_id=waiting.pk, **whose(lease)), "curb_trips")

    def test_match_waiting_trips_bounds_its_waits(self, lease):
        drive(card(DRIVER="500001X"))
        assert_waits_are_bounded(curb.match_waiting_trips, "curb_trips")

    def test_make_receipts_bounds_its_waits(self, lease):
        drive(card())
        close()
        assert_waits_are_bounded(lambda: reconciliations.make_receipts(closed_through=WEEK), "curb_trips")

    def test_note_answers_bounds_its_waits(self, lease):
        drive(card())
        close()
        reconciliations.make_receipts(closed_through=WEEK)
        number = Reconciliation.objects.get().pk
        statements = list_sql(lambda: reconciliations.note_answers(answers={number: None}))
        bound = next(n for n, sql in enumerate(statements) if "set_config('lock_timeout'" in sql)
        assert bound < next(n for n, sql in enumerate(statements) if sql.startswith('UPDATE "curb_reconciliations"'))

    def test_binding_locks_the_trip_and_those_alike_in_one_order(self, lease):
        first, second, third = drive(*(card(DRIVER="500001X") for _ in range(3)))
        statements = list_sql(lambda: curb.bind_trip(trip_id=third.pk, with_alike=True, **whose(lease)))
        locks = [sql for sql in statements if " FOR UPDATE" in sql]
        assert len(locks) == 1
        assert 'ORDER BY "curb_trips"."id" ASC FOR UPDATE' in locks[0]
        assert all(re.search(rf"\b{one.pk}\b", locks[0]) for one in (first, second, third))
        assert statements.index(locks[0]) < next(n for n, sql in enumerate(statements) if sql.startswith("UPDATE"))


@pytest.mark.django_db(transaction=True)
class TestBusy:
    def test_a_trip_that_somebody_holds_is_not_bound(self, impatient):
        lease = leased_driver()
        (waiting,) = drive(card(DRIVER="500001X"))
        with somebody_at("curb_trips", waiting.pk):
            (answer,) = run_together(lambda: curb.bind_trip(trip_id=waiting.pk, **whose(lease)))
        assert isinstance(answer, Busy)
        assert answer.retry_after == 1
        assert Trip.objects.waiting().count() == 1

    def test_a_trip_that_somebody_holds_hinders_a_rematch(self, impatient):
        leased_driver()
        (waiting,) = drive(card(DRIVER="9999999"))
        DriverFactory.create(tlc_license="9999999")
        with somebody_at("curb_trips", waiting.pk):
            (answer,) = run_together(curb.match_waiting_trips)
        assert isinstance(answer, Busy)
        assert curb.match_waiting_trips() == 1

    def test_receipts_are_not_made_while_somebody_is_at_the_trips(self, impatient):
        leased_driver()
        (counted,) = drive(card())
        close()
        with somebody_at("curb_trips", counted.pk):
            (answer,) = run_together(lambda: reconciliations.make_receipts(closed_through=WEEK))
        assert isinstance(answer, Busy)
        assert Reconciliation.objects.count() == 0

    def test_the_page_says_that_somebody_is_at_the_trip(self, impatient, client):
        lease = leased_driver()
        (waiting,) = drive(card(DRIVER="500001X"))
        client.force_login(UserFactory.create(groups=["Office"]))
        typed = {"_confirm": "1", "driver": lease.primary_driver_id, "vehicle": lease.vehicle_id}
        with somebody_at("curb_trips", waiting.pk):
            (page,) = run_together(lambda: client.post(f"/admin/curb/trip/{waiting.pk}/bind/", typed))
        assert page.status_code == 200
        assert "Somebody else is working on this just now." in page.content.decode()


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_two_bind_one_trip_to_one_of_their_drivers(self):
        lease, other = leased_driver(), leased_driver("5000002", "9Z91")
        (waiting,) = drive(card(DRIVER="500001X"))
        run_together(*(lambda one=one: curb.bind_trip(trip_id=waiting.pk, **whose(one)) for one in (lease, other)))
        waiting.refresh_from_db()
        # Until a close has counted it, the later of two may still correct the earlier.
        assert (waiting.driver_id, waiting.vehicle_id, waiting.lease_id) in [
            (one.primary_driver_id, one.vehicle_id, one.pk) for one in (lease, other)
        ]

    def test_binding_and_rematching_do_not_wait_for_each_other_in_a_circle(self):
        lease = leased_driver()
        trips = drive(*(card(DRIVER="500001X") for _ in range(20)))
        before = ledger_state()
        bound, matched, _ = run_together(
            lambda: curb.bind_trip(trip_id=trips[-1].pk, with_alike=True, **whose(lease)),
            curb.match_waiting_trips,
            curb.match_waiting_trips,
        )
        assert (bound, matched) == (20, 0)
        assert set(Trip.objects.values_list("lease", flat=True)) == {lease.pk}
        assert ledger_state() == before

    def test_of_a_binding_and_a_close_one_is_first(self):
        lease, other = leased_driver(), leased_driver("5000002", "9Z91")
        (waiting,) = drive(card(DRIVER="500001X"))
        curb.bind_trip(trip_id=waiting.pk, **whose(lease))
        dtr.start_week(week=WEEK, today=SUNDAY)
        both = [lease.primary_driver_id, other.primary_driver_id]
        answers = run_together(
            lambda: curb.bind_trip(trip_id=waiting.pk, **whose(other)),
            lambda: dtr.credit_earnings(week=WEEK, driver_ids=both),
        )
        waiting.refresh_from_db()
        if count_refusals(answers):
            assert count_refusals(answers) == {TripNotWaiting: 1}
            assert waiting.lease == lease
        else:
            assert waiting.lease == other
        assert waiting.week_end == WEEK.end

    def test_two_make_each_receipt_once(self):
        leased_driver()
        trips = drive(*(card() for _ in range(7)))
        close()
        made = run_together(*[lambda: reconciliations.make_receipts(closed_through=WEEK)] * 3)
        assert sorted(made) == [0, 0, 1]
        receipt = Reconciliation.objects.get()
        assert sorted(ids(receipt.trips.all())) == ids(trips)

    def test_two_note_one_answer_once(self):
        leased_driver()
        drive(card())
        close()
        reconciliations.make_receipts(closed_through=WEEK)
        number = Reconciliation.objects.get().pk
        failure = CurbUnreachable("CURB did not answer.")
        noted = run_together(
            lambda: reconciliations.note_answers(answers={number: None}),
            lambda: reconciliations.note_answers(answers={number: failure}),
        )
        assert len(list_winners(noted)) == 2
        receipt = Reconciliation.objects.get()
        assert (receipt.confirmed_at is None, receipt.last_error) == (False, "")
        assert receipt.attempts in (1, 2)

    def test_two_import_one_file_once(self):
        leased_driver()
        content = trip_file([trip(ID=str(number)) for number in range(50)])
        done = run_together(*[lambda: curb.import_trips(file_name="a.xml", content=content)] * 2)
        assert sorted(one.is_new for one in done) == [False, True]
        assert done[0].file == done[1].file
        assert Trip.objects.count() == 50
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM curb_trip_files")
            assert cursor.fetchone() == (1,)
