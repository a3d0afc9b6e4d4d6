"""What trips sum to by the New York day, and the queue in groups."""

from datetime import date

import pytest

from core.weeks import week_of
from curb import services as curb
from curb.models import TripCount
from curb.selectors import (
    count_waiting_trips,
    list_alike_trips,
    list_trip_logs,
    list_unsettled_weeks,
    list_waiting_groups,
    sum_taxes_by_kind,
)
from curb.selectors.days import sum_days, sum_taxes_of
from curb.services import reconciliations
from tests.curb import trip
from tests.dtr.fleet import NEXT_SATURDAY, NEXT_WEEK, SATURDAY, WEEK, card, cash, close, drive, leased_driver

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return leased_driver()


def read_log(lease, week=WEEK):
    key = (week.end, lease.primary_driver_id, lease.pk)
    return list_trip_logs([key]).get(key, [])


class TestDays:
    def test_days_are_new_yorks_in_their_order(self, lease):
        drive(
            card("20.00", START_DATE="03/04/2026 00:00:00", END_DATE=""),
            card("17.30", START_DATE="03/03/2026 23:59:59", END_DATE=""),
            cash("14.30"),
            trip(T="N", TOTAL_AMOUNT="5.00"),
        )
        close()
        tuesday, wednesday = sum_days(read_log(lease))
        assert (tuesday.day, wednesday.day) == (date(2026, 3, 3), date(2026, 3, 4))
        assert (tuesday.card_trips, str(tuesday.card_total)) == (1, "17.30")
        assert (tuesday.cash_trips, str(tuesday.cash_total), tuesday.other_trips) == (1, "14.30", 1)
        assert (str(tuesday.taxes_total), str(wednesday.taxes_total)) == ("6.60", "3.30")

    def test_days_before_the_week_that_counts_them_are_late(self, lease):
        drive(card(START_DATE="02/27/2026 10:00:00", END_DATE=""), card())
        close()
        days = sum_days(read_log(lease))
        assert [(day.day.day, day.is_late) for day in days] == [(27, True), (3, False)]

    def test_no_trips_have_no_days(self):
        assert sum_days([]) == []


class TestTaxes:
    def test_taxes_are_what_card_and_cash_trips_state(self, lease):
        taxed = trip(TAX="0.50", IMPTAX="1.00", CONGFEE="2.50", airportFee="1.75", cbdt="0.75")
        by_card, disputed = drive(taxed, {**taxed, "T": "D"})
        close()
        assert [str(row.taxes_total) for row in (by_card.counts.get(), disputed.counts.get())] == ["6.50", "0.00"]
        assert {name: str(amount) for name, amount in sum_taxes_of(TripCount.objects.all()).items()} == {
            "MTA": "0.50", "improvement (TIF)": "1.00", "congestion": "2.50", "airport": "1.75", "CBD": "0.75",
        }  # fmt: skip

    def test_taxes_are_the_same_summed_by_the_database(self, lease):
        drive(trip(cbdt="0.75"), cash(), trip(T="N"), trip(TAX="-0.50", IMPTAX="-0.30", CONGFEE="-2.50"))
        close()
        in_python = list(sum_taxes_of(TripCount.objects.all()).values())
        assert list(sum_taxes_by_kind(TripCount.objects.all()).values()) == in_python


class TestTripsOfAWeek:
    def test_trips_of_a_week_are_those_that_its_close_counted_on_the_lease(self, lease):
        other = leased_driver("5000002", "9Z91")
        late, within, theirs, uncounted = drive(
            card(START_DATE="02/27/2026 10:00:00", END_DATE=""),
            card(),
            card(DRIVER="5000002", CABNUMBER="9Z91"),
            card(START_DATE="03/08/2026 10:00:00", END_DATE=""),
        )
        close()

        def log(week, lease_):
            return [(row.trip_id, row.sign, row.is_late) for row in read_log(lease_, week)]

        assert log(WEEK, lease) == [(late.pk, 1, True), (within.pk, 1, False)]
        assert log(WEEK, other) == [(theirs.pk, 1, False)]
        assert log(NEXT_WEEK, lease) == []
        uncounted.refresh_from_db()
        assert uncounted.week_end is None

    def test_logs_of_many_are_read_at_once_each_by_its_own_key(self, lease, django_assert_num_queries):
        other = leased_driver("5000002", "9Z91")
        drive(
            card("20.00", START_DATE="03/03/2026 23:59:59", END_DATE="", TOLLS="6.94", TIPS="2.00"),
            card(DRIVER="5000002", CABNUMBER="9Z91"),
        )
        close()
        keys = [(SATURDAY, one.primary_driver_id, one.pk) for one in (lease, other, other)]
        without_a_lease = (SATURDAY, lease.primary_driver_id, None)
        with django_assert_num_queries(1):
            logs = list_trip_logs([*keys, without_a_lease])
        assert {key: len(rows) for key, rows in logs.items()} == {keys[0]: 1, keys[1]: 1}
        (row,) = logs[keys[0]]
        assert (row.week_end, str(row.start), row.cab) == (SATURDAY, "2026-03-03 23:59:59", "9Z90")
        assert [str(amount) for amount in (row.tips, row.tolls, row.total)] == ["2.00", "6.94", "20.00"]


class TestQueue:
    def test_waiting_groups_are_the_most_numerous_first(self, lease):
        drive(card("10.00", DRIVER="8"), card("1.00", DRIVER="9"), card("2.00", DRIVER="9"), card(CABNUMBER="1A11"))
        groups = [
            (group["license"], group["cab"], group["waits_for"], group["trips"], str(group["total_together"]))
            for group in list_waiting_groups()
        ]
        assert groups == [
            ("9", "9Z90", "DRIVER", 2, "3.00"),
            ("5000001", "1A11", "VEHICLE", 1, "17.30"),
            ("8", "9Z90", "DRIVER", 1, "10.00"),
        ]
        assert count_waiting_trips() == 4

    def test_trips_alike_are_those_of_one_license_and_cab_that_wait_too(self, lease):
        one, alike, other_cab, bound = drive(
            card(DRIVER="9"), card(DRIVER="9"), card(DRIVER="9", CABNUMBER="1A11"), card(DRIVER="9")
        )
        curb.bind_trip(trip_id=bound.pk, driver_id=lease.primary_driver_id, vehicle_id=lease.vehicle_id)
        assert list(list_alike_trips(one)) == [alike]
        assert list(list_alike_trips(other_cab)) == []


class TestUnsettledWeeks:
    def test_unsettled_weeks_have_counted_trips_on_no_receipt(self, lease):
        drive(card(), card(START_DATE="03/10/2026 10:00:00", END_DATE=""))
        close()
        close(NEXT_WEEK)
        assert list_unsettled_weeks(through=WEEK) == [SATURDAY]
        assert list_unsettled_weeks(through=NEXT_WEEK) == [SATURDAY, NEXT_SATURDAY]

        reconciliations.make_receipts(closed_through=WEEK)
        assert list_unsettled_weeks(through=NEXT_WEEK) == [NEXT_SATURDAY]
        assert list_unsettled_weeks(through=week_of(date(2026, 2, 1))) == []
