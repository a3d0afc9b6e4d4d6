"""What a week's close counts of trips, for whom and under which references, and that the week was begun."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.weeks import week_of
from curb import services as curb
from curb.models import Reconciliation, TripCount
from curb.rules import TripCounts
from curb.selectors import get_last_trip_id, list_shares, sum_trips_by_share
from dtr.models import WeekClose
from leases.models import Driver
from leases.services import add_driver
from tests.curb import trip
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, WEEK, card, cash, drive, leased_driver
from tests.factories import DriverFactory, VehicleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun():
    """The week's close was begun, as the key of the trips asks."""
    return WeekClose.objects.create(week_end=SATURDAY)


@pytest.fixture
def lease():
    return leased_driver()


def freeze_trips(*, week, driver_ids=None):
    """Count as a close does, and return how many rows that wrote: what has changed, and then what is new."""
    everybody = list(Driver.objects.values_list("pk", flat=True))
    return curb.freeze_changed_trips(week=week, driver_ids=driver_ids) + curb.freeze_new_trips(
        week=week, driver_ids=everybody if driver_ids is None else driver_ids, through_id=get_last_trip_id()
    )


def counted_in(one):
    one.refresh_from_db()
    return one.week_end


def rows_of(*trips):
    """What was counted of these: sign, references, and money, in the order of writing."""
    return [
        (row.sign, row.credited_reference, row.taxes_reference, str(row.total), str(row.taxes_total))
        for row in TripCount.objects.filter(trip__in=trips).order_by("id")
    ]


class TestFreezeTrips:
    def test_matched_trips_of_the_week_and_before_are_frozen(self, begun, lease):
        before, within = drive(card(START_DATE="02/10/2026 10:00:00"), card())
        assert freeze_trips(week=WEEK) == 2
        assert (counted_in(before), counted_in(within)) == (SATURDAY, SATURDAY)
        assert (before.is_late, within.is_late) == (True, False)

    @pytest.mark.parametrize(
        ("start", "counts"),
        [("03/07/2026 23:59:59", True), ("03/08/2026 00:00:00", False), ("03/08/2026 03:30:00", False)],
    )
    def test_a_week_ends_at_midnight_in_new_york(self, begun, lease, start, counts):
        """Clocks are put forward in the night after this week."""
        drive(card(START_DATE=start, END_DATE=""))
        assert freeze_trips(week=WEEK) == (1 if counts else 0)

    def test_in_autumn_a_week_begins_with_an_hour_that_comes_twice(self, lease):
        autumn = week_of(date(2026, 11, 7))
        WeekClose.objects.create(week_end=autumn.end)
        first, last = drive(
            card(PERIOD="202611", START_DATE="11/01/2026 00:00:00", END_DATE=""),
            card(PERIOD="202611", START_DATE="10/31/2026 23:59:59", END_DATE=""),
        )
        freeze_trips(week=autumn)
        first.refresh_from_db()
        last.refresh_from_db()
        assert (first.is_late, last.is_late) == (False, True)

    def test_a_trip_that_waits_is_not_frozen(self, begun, lease):
        (waiting,) = drive(card(DRIVER="9999999"))
        assert freeze_trips(week=WEEK) == 0
        assert counted_in(waiting) is None

    def test_a_trip_that_another_week_counts_is_not_frozen(self, begun, lease):
        (one,) = drive(card())
        freeze_trips(week=WEEK)
        WeekClose.objects.filter(pk=SATURDAY).update(state="CLOSED", finished_at="2026-03-08T10:00Z")
        WeekClose.objects.create(week_end=NEXT_WEEK.end)
        assert freeze_trips(week=NEXT_WEEK) == 0
        assert counted_in(one) == SATURDAY

    def test_trips_may_be_frozen_for_some_drivers(self, begun, lease):
        other = leased_driver("5000002", "9Z91")
        mine, theirs = drive(card(), card(DRIVER="5000002", CABNUMBER="9Z91"))
        assert freeze_trips(week=WEEK, driver_ids=[other.primary_driver_id]) == 1
        assert (counted_in(mine), counted_in(theirs)) == (None, SATURDAY)

    def test_freezing_a_second_time_counts_nothing_more(self, begun, lease):
        drive(card(), cash())
        assert [freeze_trips(week=WEEK) for _ in range(2)] == [2, 0]


class TestWhatIsCounted:
    def test_a_card_trip_is_credited_and_taxed_and_a_cash_trip_taxed(self, begun, lease):
        by_card, in_cash, disputed = drive(card(), cash(), trip(T="D"))
        freeze_trips(week=WEEK)
        share = f"2026-03-07-L{lease.pk}"
        assert [rows_of(one) for one in (by_card, in_cash, disputed)] == [
            [(1, f"CURB-{share}", f"TAXES-{share}", "17.30", "3.30")],
            [(1, "", f"TAXES-{share}", "14.30", "3.30")],
            [(1, "", "", "17.30", "0.00")],
        ]

    def test_a_driver_without_a_lease_is_named_alone(self, begun, lease):
        stranger = DriverFactory.create(tlc_license="5000009")
        leased_driver("5000002", "9Z91", start_on=date(2026, 3, 6))
        _, without = drive(card(), card(DRIVER="5000009", CABNUMBER="9Z91"))
        freeze_trips(week=WEEK)
        share = f"2026-03-07-D{stranger.pk}"
        assert rows_of(without) == [(1, f"CURB-{share}", f"TAXES-{share}", "17.30", "3.30")]

    def test_a_further_driver_is_named_besides_the_lease(self, begun, lease):
        further = DriverFactory.create(tlc_license="5000002")
        add_driver(lease_id=lease.pk, driver_id=further.pk, start_on=lease.start_on, actor=None)
        (one,) = drive(card(DRIVER="5000002"))
        freeze_trips(week=WEEK)
        assert [row.share for row in one.counts.all()] == [f"2026-03-07-L{lease.pk}-D{further.pk}"]

    def test_counting_takes_one_statement_for_many_trips(self, begun, lease, django_assert_num_queries):
        leased_driver("5000002", "9Z92")
        drive(*(card() for _ in range(20)), *(card(DRIVER="5000002", CABNUMBER="9Z92") for _ in range(20)))
        drivers, last = list(Driver.objects.values_list("pk", flat=True)), get_last_trip_id()
        with django_assert_num_queries(1):
            assert curb.freeze_new_trips(week=WEEK, driver_ids=drivers, through_id=last) == 40

    def test_a_trip_that_came_after_the_close_began_is_the_next_ones(self, begun, lease):
        (first,) = drive(card())
        last = get_last_trip_id()
        (late,) = drive(card())
        assert curb.freeze_new_trips(week=WEEK, driver_ids=[lease.primary_driver_id], through_id=last) == 1
        assert (counted_in(first), counted_in(late)) == (SATURDAY, None)


class TestShares:
    def test_shares_are_sums_by_driver_and_lease(self, begun, lease):
        drive(card("17.30"), card("20.30"), cash("14.30"), trip(T="N", TOTAL_AMOUNT="9.00"))
        drive(card("5.00", START_DATE="02/20/2026 10:00:00", PERIOD="202602"))
        freeze_trips(week=WEEK)
        (share,) = list_shares(week=WEEK, driver_ids=[lease.primary_driver_id])
        assert (share.driver_id, share.lease_id, share.vehicle_id, share.name) == (
            lease.primary_driver_id, lease.pk, lease.vehicle_id, f"2026-03-07-L{lease.pk}",
        )  # fmt: skip
        assert (str(share.card_total), str(share.taxes_total)) == ("42.60", "13.20")
        assert (share.card_trips, share.taxed_trips) == (TripCounts(3, 1, 0), TripCounts(4, 1, 0))

    def test_shares_come_by_lease_number_and_without_a_lease_last(self, begun):
        other = leased_driver("5000002", "9Z91")
        own = leased_driver("5000001", "9Z90")
        driver = own.primary_driver
        add_driver(lease_id=other.pk, driver_id=driver.pk, start_on=other.start_on, actor=None)
        VehicleFactory.create(medallion="9Z99")
        drive(card(CABNUMBER="9Z99"), card(CABNUMBER="9Z90"), card(CABNUMBER="9Z91"))
        freeze_trips(week=WEEK)
        shares = list_shares(week=WEEK, driver_ids=[driver.pk])
        assert [share.lease_id for share in shares] == [other.pk, own.pk, None]

    def test_the_sums_of_a_week_have_every_kind_of_trip(self, begun, lease):
        drive(card("17.30"), cash("14.30"), trip(T="N", TOTAL_AMOUNT="9.00"), trip(T="D", TOTAL_AMOUNT="-8.30"))
        freeze_trips(week=WEEK)
        totals = sum_trips_by_share(week=WEEK, driver_ids=[lease.primary_driver_id])
        (sums,) = totals.values()
        assert list(totals) == [(lease.primary_driver_id, lease.pk)]
        assert (sums.card_trips, str(sums.card_total), sums.cash_trips, str(sums.cash_total)) == (
            1, "17.30", 1, "14.30",
        )  # fmt: skip
        assert (sums.other_trips, str(sums.other_total), str(sums.taxes_total)) == (2, "0.70", "6.60")

    def test_nobody_has_no_shares(self, begun, lease):
        drive(card())
        freeze_trips(week=WEEK)
        assert sum_trips_by_share(week=WEEK, driver_ids=[]) == {}
        assert list_shares(week=NEXT_WEEK, driver_ids=[lease.primary_driver_id]) == []


class TestTheWeekWasBegun:
    """Keys that the closes put on the tables of curb: PostgreSQL knows which weeks were begun."""

    def refuse(self, sql, *parameters):
        """The name of the key that refuses a statement."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(IntegrityError) as refusal, transaction.atomic():
                cursor.execute(sql, parameters)
        cause: Any = refusal.value.__cause__
        return cause.diag.constraint_name

    def test_a_trip_of_a_week_that_was_never_begun_is_refused(self, lease):
        (one,) = drive(card())
        sql = "UPDATE curb_trips SET week_end = %s WHERE id = %s"
        assert self.refuse(sql, SATURDAY, one.pk) == "curb_trips_week_begun"
        assert counted_in(one) is None

    def test_a_receipt_of_a_week_that_was_never_begun_is_refused(self):
        sql = "INSERT INTO curb_reconciliations (week_end, period, attempts, last_error) VALUES (%s, '202603', 0, '')"
        assert self.refuse(sql, SATURDAY) == "curb_reconciliations_week_begun"
        assert Reconciliation.objects.count() == 0

    def test_a_count_of_a_week_that_was_never_begun_is_refused(self, begun, lease):
        (one,) = drive(card())
        freeze_trips(week=WEEK)
        sql = """
            INSERT INTO curb_trip_counts (trip_id, week_end, sign, driver_id, vehicle_id, lease_id, share, payment_type,
                is_late, total, mta_tax, improvement, congestion, airport, cbd)
            SELECT trip_id, %s, -1, driver_id, vehicle_id, lease_id, '2026-03-14-L1', payment_type, true, -total,
                -mta_tax, -improvement, -congestion, -airport, -cbd FROM curb_trip_counts WHERE trip_id = %s
        """
        assert self.refuse(sql, NEXT_WEEK.end, one.pk) == "curb_trip_counts_week_begun"

    def test_freezing_trips_for_a_week_that_was_never_begun_is_refused(self, lease):
        drive(card())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="week_begun"), transaction.atomic():
            freeze_trips(week=WEEK)

    def test_a_begun_week_is_no_hindrance(self, begun, lease):
        (one,) = drive(card())
        with connection.cursor() as cursor:
            cursor.execute("UPDATE curb_trips SET week_end = %s WHERE id = %s", [SATURDAY, one.pk])
        connection.check_constraints()
        assert counted_in(one) == SATURDAY
