"""A counted trip is counted back, never freed: moves, trips that are nobody's, and what the database refuses."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import ReasonRequired
from curb import selectors
from curb import services as curb
from curb.models import CountsAs, Trip, TripCorrection, TripCount
from dtr import services as dtr
from leases import services as leases
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.curb import amended, trip_file
from tests.curb.counting import back, counts_of, move, nothing_corrected
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, card, cash, close, drive, leased_driver, live_balances
from tests.factories import UserFactory
from tests.locks import list_sql
from tests.refusals import refused

pytestmark = pytest.mark.django_db

THIRD_WEEK = NEXT_WEEK.next


@pytest.fixture
def adams():
    return leased_driver("5000001", "9Z90")


@pytest.fixture
def baker():
    return leased_driver("5000002", "9Z91")


class TestMoveTrip:
    def test_a_counted_trip_is_counted_back_and_anew_by_the_next_close(self, adams, baker):
        (one,) = drive(card())
        clerk = UserFactory.create()
        close()
        move(one, baker, actor=clerk)
        assert counts_of(one) == [(1, SATURDAY, adams.primary_driver_id, "17.30", "3.30")]

        close(NEXT_WEEK)

        assert counts_of(one) == [
            (1, SATURDAY, adams.primary_driver_id, "17.30", "3.30"),
            (-1, NEXT_WEEK.end, adams.primary_driver_id, "-17.30", "-3.30"),
            (1, NEXT_WEEK.end, baker.primary_driver_id, "17.30", "3.30"),
        ]
        note = TripCorrection.objects.get()
        assert (note.act, note.from_driver, note.to_driver, note.reason, note.made_by) == (
            "MOVED", adams.primary_driver, baker.primary_driver, "Theirs", clerk,
        )  # fmt: skip
        one.refresh_from_db()
        assert (one.awaits_count, one.week_end, one.bound_by) == (False, SATURDAY, clerk)
        assert_books_clean()

    def test_a_trip_that_was_not_counted_counts_once_for_its_new_driver(self, adams, baker):
        (one,) = drive(card())
        move(one, baker)
        curb.match_waiting_trips()
        close()
        assert counts_of(one) == [(1, SATURDAY, baker.primary_driver_id, "17.30", "3.30")]
        assert_books_clean()

    def test_moved_there_and_back_before_the_next_close_changes_nothing(self, adams, baker):
        (one,) = drive(card())
        close()
        move(one, baker)
        move(one, adams)
        one.refresh_from_db()
        assert selectors.list_pending(one) == []
        close(NEXT_WEEK)
        assert len(counts_of(one)) == 1
        assert TripCorrection.objects.count() == 2
        assert_books_clean()

    def test_moved_back_after_it_was_counted_is_counted_there_again(self, adams, baker):
        (one,) = drive(card())
        close()
        move(one, baker)
        close(NEXT_WEEK)
        move(one, adams)
        close(THIRD_WEEK)
        assert [(sign, driver) for sign, _, driver, _, _ in counts_of(one)] == [
            (1, adams.primary_driver_id),
            (-1, adams.primary_driver_id),
            (1, baker.primary_driver_id),
            (-1, baker.primary_driver_id),
            (1, adams.primary_driver_id),
        ]
        assert_books_clean()

    def test_a_trip_moved_to_another_lease_of_its_driver_is_counted_there(self, adams):
        (one,) = drive(card())
        close()
        other = leased_driver("5000003", "9Z93")
        leases.add_driver(lease_id=other.pk, driver_id=adams.primary_driver_id, start_on=other.start_on, actor=None)
        curb.move_trip(
            trip_id=one.pk,
            driver_id=adams.primary_driver_id,
            vehicle_id=other.vehicle_id,
            reason="The other cab",
            actor=None,
        )
        close(NEXT_WEEK)
        assert [(row.sign, row.lease_id) for row in one.counts.order_by("id")] == [
            (1, adams.pk), (-1, adams.pk), (1, other.pk),
        ]  # fmt: skip
        assert_books_clean()

    def test_a_cash_trip_moves_its_taxes_alone(self, adams, baker):
        (one,) = drive(cash())
        close()
        move(one, baker)
        close(NEXT_WEEK)
        assert live_balances(adams.primary_driver)[f"TAXES-2026-03-14-L{adams.pk}"][:2] == ("CREDIT", "TAXES")
        assert live_balances(baker.primary_driver).keys() == {f"TAXES-2026-03-14-L{baker.pk}"}
        assert_books_clean()

    def test_the_preview_of_some_drivers_sees_both_sides(self, adams, baker):
        (one,) = drive(card())
        close()
        move(one, baker)
        before = TripCount.objects.count()
        shown = {
            row.driver_id: str(row.card_total)
            for row in dtr.preview_week(week=NEXT_WEEK, today=date(2026, 3, 15)).drivers
        }
        assert shown == {adams.primary_driver_id: "-17.30", baker.primary_driver_id: "17.30"}
        assert TripCount.objects.count() == before

    def test_where_both_stand_is_told_before_the_close(self, adams, baker):
        (one,) = drive(card())
        close()
        move(one, baker)
        assert selectors.sum_uncounted_by_driver(NEXT_WEEK) == {
            adams.primary_driver_id: (Decimal("-17.30"), Decimal("-3.30")),
            baker.primary_driver_id: (Decimal("17.30"), Decimal("3.30")),
        }
        move(one, adams)
        assert selectors.sum_uncounted_by_driver(NEXT_WEEK) == {adams.primary_driver_id: (Decimal(0), Decimal(0))}
        close(NEXT_WEEK)
        assert selectors.sum_uncounted_by_driver(THIRD_WEEK) == {}

    def test_replayed_it_is_theirs_already(self, adams, baker):
        (one,) = drive(card())
        move(one, baker)
        with refused(curb.AlreadyTheirs, code="already_theirs", field="driver_id"):
            move(one, baker)
        assert TripCorrection.objects.count() == 1

    def test_refusals_write_nothing(self, adams, baker):
        (one,) = drive(card())
        close()
        whose = {"driver_id": baker.primary_driver_id, "vehicle_id": baker.vehicle_id, "actor": None}
        with nothing_corrected(ReasonRequired, field="reason"):
            curb.move_trip(trip_id=one.pk, **whose, reason=" ")
        with nothing_corrected(curb.TripNotFound, code="trip_not_found", field="trip_id"):
            curb.move_trip(trip_id=10**9, **whose, reason="Theirs")
        with nothing_corrected(ledger.DriverNotFound):
            curb.move_trip(trip_id=one.pk, **{**whose, "driver_id": 10**9}, reason="Theirs")
        with nothing_corrected(ledger.VehicleNotFound):
            curb.move_trip(trip_id=one.pk, **{**whose, "vehicle_id": 10**9}, reason="Theirs")
        with nothing_corrected(curb.LeaseDoesNotFit, code="lease_does_not_fit", field="lease_id"):
            curb.move_trip(trip_id=one.pk, **whose, lease_id=adams.pk, reason="Theirs")

    def test_a_trip_that_waits_is_assigned_instead(self, adams, baker):
        (one,) = drive(card(DRIVER="9999999"))
        with nothing_corrected(curb.TripWaits, code="trip_waits"):
            move(one, baker)

    def test_a_superseded_record_names_the_one_that_stands(self, adams, baker):
        (one,) = drive(card(ID="7"))
        drive(card("20.00", ID="7"))
        with nothing_corrected(curb.TripSuperseded, code="trip_superseded") as refusal:
            move(one, baker)
        assert refusal.value.facts == {"trip_id": Trip.objects.current().get().pk}

    def test_the_trip_is_locked_before_it_is_written(self, adams, baker):
        (one,) = drive(card())
        statements = list_sql(lambda: move(one, baker))
        locked = next(n for n, sql in enumerate(statements) if '"curb_trips"' in sql and "FOR UPDATE" in sql)
        assert locked < next(n for n, sql in enumerate(statements) if sql.startswith(("UPDATE", "INSERT")))


class TestCountBack:
    def test_a_nobodys_trip_is_counted_back_and_never_again(self, adams):
        one, other = drive(card(), card())
        close()
        back(one)
        close(NEXT_WEEK)
        close(THIRD_WEEK)
        assert [sign for sign, *_ in counts_of(one)] == [1, -1]
        assert [sign for sign, *_ in counts_of(other)] == [1]
        assert_books_clean()

    def test_a_trip_that_was_not_counted_never_counts(self, adams):
        (one,) = drive(card())
        back(one)
        close()
        assert counts_of(one) == []
        assert_books_clean()

    def test_a_nobodys_trip_that_waits_leaves_the_queue_until_it_is_assigned(self, adams):
        (one,) = drive(card(DRIVER="9999999"))
        back(one)
        assert selectors.count_waiting_trips() == 0
        curb.bind_trip(trip_id=one.pk, driver_id=adams.primary_driver_id, vehicle_id=adams.vehicle_id)
        close()
        assert [sign for sign, *_ in counts_of(one)] == [1]
        assert_books_clean()

    def test_moved_to_somebody_it_counts_for_them(self, adams, baker):
        (one,) = drive(card())
        close()
        back(one)
        close(NEXT_WEEK)
        move(one, baker)
        close(THIRD_WEEK)
        assert [(sign, driver) for sign, _, driver, _, _ in counts_of(one)][2:] == [(1, baker.primary_driver_id)]
        assert_books_clean()

    def test_twice_is_refused_by_name(self, adams):
        (one,) = drive(card())
        back(one)
        with refused(curb.AlreadyNobodys, code="already_nobodys"):
            back(one)
        with refused(curb.AlreadyNobodys):
            curb.count_file_back(file_id=one.file_id, reason="Twice", actor=None)
        assert TripCorrection.objects.count() == 1

    def test_a_file_is_counted_back_in_as_many_statements_for_many_as_for_few(self, adams):
        few, many = drive(*(card() for _ in range(2))), drive(*(card() for _ in range(40)))

        def count(trips):
            return len(
                list_sql(lambda: curb.count_file_back(file_id=trips[0].file_id, reason="Came twice", actor=None))
            )

        assert count(few) == count(many)
        assert Trip.objects.exclude(counts_as=CountsAs.NOTHING).count() == 0

    def test_an_unknown_file_is_refused(self):
        with nothing_corrected(curb.TripFileNotFound, code="trip_file_not_found", field="file_id"):
            curb.count_file_back(file_id=10**9, reason="Twice", actor=None)


class TestAmended:
    def amend(self, one, **attributes):
        curb.import_trips(file_name="amended.xml", content=trip_file([amended(one.received, **attributes)]))
        return Trip.objects.current().get(record_id=one.record_id)

    def test_a_record_amended_to_another_license_is_counted_for_its_driver(self, adams, baker):
        (one,) = drive(card())
        close()
        new = self.amend(one, DRIVER="5000002", CABNUMBER="9Z91")
        close(NEXT_WEEK)
        assert [(sign, driver) for sign, _, driver, _, _ in counts_of(one)] == [
            (1, adams.primary_driver_id), (-1, adams.primary_driver_id),
        ]  # fmt: skip
        assert [(sign, driver) for sign, _, driver, _, _ in counts_of(new)] == [(1, baker.primary_driver_id)]
        assert_books_clean()

    def test_a_record_amended_from_card_to_cash_keeps_its_taxes_alone(self, adams):
        (one,) = drive(card())
        close()
        self.amend(one, T="$")
        close(NEXT_WEEK)
        assert live_balances(adams.primary_driver).keys() == {
            f"CURB-2026-03-07-L{adams.pk}", f"TAXES-2026-03-07-L{adams.pk}", f"CURB-2026-03-14-L{adams.pk}",
        }  # fmt: skip
        assert_books_clean()

    def test_what_a_person_said_of_whose_it_is_goes_on_standing(self, adams, baker):
        (one,) = drive(card())
        move(one, baker)
        assert self.amend(one, TOTAL_AMOUNT="20.00").driver == baker.primary_driver
        (other,) = drive(card())
        back(other)
        assert self.amend(other, TOTAL_AMOUNT="20.00").counts_as == CountsAs.NOTHING

    def test_another_ride_under_the_same_number_is_matched_anew(self, adams, baker):
        (one,) = drive(card())
        move(one, baker)
        assert self.amend(one, START_DATE="03/03/2026 11:00:00").driver == adams.primary_driver

    def test_amended_twice_before_the_next_close_counts_the_last(self, adams):
        (one,) = drive(card())
        close()
        second = self.amend(one, TOTAL_AMOUNT="20.00")
        third = self.amend(second, TOTAL_AMOUNT="21.00")
        close(NEXT_WEEK)
        assert (counts_of(second), [total for *_, total, _ in counts_of(third)]) == ([], ["21.00"])
        assert_books_clean()

    def test_the_same_figures_again_are_known(self, adams):
        (one,) = drive(card())
        file = curb.import_trips(file_name="again.xml", content=trip_file([one.received]) + b"\n").file
        assert (file.imported_count, file.known_count, file.amended_count) == (0, 1, 0)
