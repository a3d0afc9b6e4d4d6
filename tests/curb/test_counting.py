"""What a week's close says of trips: which it counts, by what references, and that the week was begun."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.weeks import week_of
from curb import services as curb
from curb.models import Reconciliation, Trip
from curb.selectors import list_uncredited_shares, sum_trips_by_share
from curb.services import CountedShare
from dtr.models import WeekClose
from tests.curb import trip
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, WEEK, card, cash, drive, leased_driver
from tests.factories import DriverFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun():
    """The week's close was begun, as the key of the trips asks."""
    return WeekClose.objects.create(week_end=SATURDAY)


@pytest.fixture
def lease():
    return leased_driver()


def counted_in(one):
    one.refresh_from_db()
    return one.week_end


def name_share(lease, suffix=""):
    return CountedShare(
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
        credited_reference=f"CURB-{SATURDAY}-L{lease.pk}{suffix}",
        taxes_reference=f"TAXES-{SATURDAY}-L{lease.pk}{suffix}",
    )


class TestFreezeTrips:
    def test_matched_trips_of_the_week_and_before_are_frozen(self, begun, lease):
        before, within = drive(card(START_DATE="02/10/2026 10:00:00"), card())
        assert curb.freeze_trips(week=WEEK) == 2
        assert (counted_in(before), counted_in(within)) == (SATURDAY, SATURDAY)
        assert (before.is_late, within.is_late) == (True, False)

    @pytest.mark.parametrize(
        ("start", "counts"),
        [("03/07/2026 23:59:59", True), ("03/08/2026 00:00:00", False), ("03/08/2026 03:30:00", False)],
    )
    def test_a_week_ends_at_midnight_in_new_york(self, begun, lease, start, counts):
        """Clocks are put forward in the night after this week."""
        drive(card(START_DATE=start, END_DATE=""))
        assert curb.freeze_trips(week=WEEK) == (1 if counts else 0)

    def test_in_autumn_a_week_begins_with_an_hour_that_comes_twice(self, lease):
        autumn = week_of(date(2026, 11, 7))
        WeekClose.objects.create(week_end=autumn.end)
        first, last = drive(
            card(PERIOD="202611", START_DATE="11/01/2026 00:00:00", END_DATE=""),
            card(PERIOD="202611", START_DATE="10/31/2026 23:59:59", END_DATE=""),
        )
        curb.freeze_trips(week=autumn)
        first.refresh_from_db()
        last.refresh_from_db()
        assert (first.is_late, last.is_late) == (False, True)

    def test_a_trip_that_waits_is_not_frozen(self, begun, lease):
        (waiting,) = drive(card(DRIVER="9999999"))
        assert curb.freeze_trips(week=WEEK) == 0
        assert counted_in(waiting) is None

    def test_a_trip_that_another_week_counts_is_not_frozen(self, begun, lease):
        (one,) = drive(card())
        curb.freeze_trips(week=WEEK)
        WeekClose.objects.filter(pk=SATURDAY).update(state="CLOSED", finished_at="2026-03-08T10:00Z")
        WeekClose.objects.create(week_end=NEXT_WEEK.end)
        assert curb.freeze_trips(week=NEXT_WEEK) == 0
        assert counted_in(one) == SATURDAY

    def test_trips_may_be_frozen_for_some_drivers(self, begun, lease):
        other = leased_driver("5000002", "9Z91")
        mine, theirs = drive(card(), card(DRIVER="5000002", CABNUMBER="9Z91"))
        assert curb.freeze_trips(week=WEEK, driver_ids=[other.primary_driver_id]) == 1
        assert (counted_in(mine), counted_in(theirs)) == (None, SATURDAY)

    def test_freezing_a_second_time_counts_nothing_more(self, begun, lease):
        drive(card(), cash())
        assert [curb.freeze_trips(week=WEEK) for _ in range(2)] == [2, 0]


class TestMarkTrips:
    def test_a_card_trip_is_credited_and_taxed_and_a_cash_trip_taxed(self, begun, lease):
        by_card, in_cash, disputed = drive(card(), cash(), trip(T="D"))
        curb.freeze_trips(week=WEEK)
        share = name_share(lease)
        curb.mark_trips(week=WEEK, shares=[share])
        for one in (by_card, in_cash, disputed):
            one.refresh_from_db()
        assert [(one.credited_reference, one.taxes_reference) for one in (by_card, in_cash, disputed)] == [
            (share.credited_reference, share.taxes_reference),
            ("", share.taxes_reference),
            ("", ""),
        ]

    def test_marking_leaves_the_trips_of_others(self, begun, lease):
        other = leased_driver("5000002", "9Z91")
        drive(card(), card(DRIVER="5000002", CABNUMBER="9Z91"))
        curb.freeze_trips(week=WEEK)
        curb.mark_trips(week=WEEK, shares=[name_share(lease)])
        assert Trip.objects.get(driver=other.primary_driver).taxes_reference == ""

    def test_of_a_driver_without_a_lease_marks_the_trips_without_one(self, begun, lease):
        stranger = DriverFactory.create(tlc_license="5000009")
        leased_driver("5000002", "9Z91", start_on=date(2026, 3, 6))
        on_lease, without = drive(card(), card(DRIVER="5000009", CABNUMBER="9Z91"))
        curb.freeze_trips(week=WEEK)
        assert (on_lease.lease, without.lease, without.driver) == (lease, None, stranger)
        share = CountedShare(driver_id=stranger.pk, lease_id=None, credited_reference="CURB-X", taxes_reference="T-X")
        curb.mark_trips(week=WEEK, shares=[share])
        assert list(Trip.objects.exclude(taxes_reference="")) == [without]

    def test_a_reference_that_stands_is_not_replaced(self, begun, lease):
        drive(card())
        curb.freeze_trips(week=WEEK)
        curb.mark_trips(week=WEEK, shares=[name_share(lease)])
        curb.mark_trips(week=WEEK, shares=[name_share(lease, "-AGAIN")])
        assert Trip.objects.get().credited_reference == name_share(lease).credited_reference

    def test_marking_takes_one_statement_for_many_shares(self, begun, lease, django_assert_num_queries):
        shares = [name_share(lease)]
        for number in range(2, 6):
            shares.append(name_share(leased_driver(f"500000{number}", f"9Z9{number}")))
        with django_assert_num_queries(1):
            curb.mark_trips(week=WEEK, shares=shares)


class TestShares:
    def test_shares_are_sums_by_driver_and_lease_until_they_are_marked(self, begun, lease):
        drive(card("17.30"), card("20.30"), cash("14.30"), trip(T="N", TOTAL_AMOUNT="9.00"))
        curb.freeze_trips(week=WEEK)
        (share,) = list_uncredited_shares(week=WEEK, driver_ids=[lease.primary_driver_id])
        assert (share.driver_id, share.lease_id, share.vehicle_id) == (
            lease.primary_driver_id, lease.pk, lease.vehicle_id,
        )  # fmt: skip
        assert (str(share.card_total), str(share.taxes_total), share.is_lease_holder) == ("37.60", "9.90", True)

        curb.mark_trips(week=WEEK, shares=[name_share(lease)])
        assert list_uncredited_shares(week=WEEK, driver_ids=[lease.primary_driver_id]) == []

    def test_the_share_of_a_further_driver_is_on_the_lease_of_another(self, begun, lease):
        further = DriverFactory.create(tlc_license="5000002")
        drive(card(DRIVER="5000002"))
        curb.freeze_trips(week=WEEK)
        (share,) = list_uncredited_shares(week=WEEK, driver_ids=[further.pk])
        assert (share.lease_id, share.is_lease_holder) == (lease.pk, False)

    def test_the_sums_of_a_week_have_every_kind_of_trip(self, begun, lease):
        drive(card("17.30"), cash("14.30"), trip(T="N", TOTAL_AMOUNT="9.00"), trip(T="D", TOTAL_AMOUNT="-8.30"))
        curb.freeze_trips(week=WEEK)
        totals = sum_trips_by_share(week=WEEK, driver_ids=[lease.primary_driver_id])
        (sums,) = totals.values()
        assert list(totals) == [(lease.primary_driver_id, lease.pk)]
        assert (sums.card_trips, str(sums.card_total), sums.cash_trips, str(sums.cash_total)) == (
            1, "17.30", 1, "14.30",
        )  # fmt: skip
        assert (sums.other_trips, str(sums.other_total), str(sums.taxes_total)) == (2, "0.70", "6.60")

    def test_nobody_has_no_shares(self, begun, lease):
        drive(card())
        curb.freeze_trips(week=WEEK)
        assert sum_trips_by_share(week=WEEK, driver_ids=[]) == {}
        assert list_uncredited_shares(week=NEXT_WEEK, driver_ids=[lease.primary_driver_id]) == []


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

    def test_freezing_trips_for_a_week_that_was_never_begun_is_refused(self, lease):
        drive(card())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="curb_trips_week_begun"), transaction.atomic():
            curb.freeze_trips(week=WEEK)

    def test_a_begun_week_is_no_hindrance(self, begun, lease):
        (one,) = drive(card())
        with connection.cursor() as cursor:
            cursor.execute("UPDATE curb_trips SET week_end = %s WHERE id = %s", [SATURDAY, one.pk])
        connection.check_constraints()
        assert counted_in(one) == SATURDAY
