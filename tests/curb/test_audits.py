"""The audits of what came from CURB: silent over what the services made, and they find what was done to it."""

from copy import deepcopy

import pytest
from django.db import connection

from curb import services as curb
from curb.models import Trip
from curb.services import reconciliations
from tests.books import assert_books_clean
from tests.dtr.fleet import NEXT_WEEK, WEEK, card, cash, close, drive, leased_driver
from tests.ledger.hostile import findings_of, guards_off, run_sql
from tests.made_once import MadeOnce
from tests.owner import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(made):
    return deepcopy(made)


@pytest.fixture(scope="module")
def made(made_once: MadeOnce):
    return made_once(count_two)


def count_two():
    """A card and a cash trip of a closed week, on a receipt."""
    leased_driver()
    trips = drive(card(), cash())
    close()
    reconciliations.make_receipts(closed_through=WEEK)
    return trips


def tamper(sql, *parameters, table="curb_trips"):
    """Change one row past the guards, as only the owner of the table can."""
    with guards_off(table), as_owner(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        assert cursor.rowcount == 1
        connection.check_constraints()


def test_nothing_is_found_where_nothing_is_wrong(counted):
    assert_books_clean()


class TestGuards:
    def test_a_guard_that_was_taken_away_is_found(self):
        run_sql("ALTER TABLE curb_trips DISABLE TRIGGER curb_trips_never_deleted")
        (finding,) = findings_of("curb.guards")
        assert finding.startswith("The trigger curb_trips_never_deleted on curb_trips was changed: ")

    def test_the_keys_of_the_closes_are_among_the_guards(self):
        run_sql("DROP TRIGGER curb_trips_week_begun ON curb_trips")
        assert findings_of("curb.guards") == ["The trigger curb_trips_week_begun on curb_trips is missing."]


class TestCounts:
    """What was counted, and what the trips are: each changed once."""

    def test_a_count_that_was_deleted_is_found(self, counted):
        by_card, _ = counted
        tamper("DELETE FROM curb_trip_counts WHERE trip_id = %s", by_card.pk, table="curb_trip_counts")
        assert findings_of("curb.counts") == [f"Trip {by_card} is not counted, and no close is to look at it."]
        assert findings_of("curb.first_counts") == [
            f"Trip {by_card} names another week than the one that counted it first."
        ]
        assert findings_of("dtr.earnings") == [
            f"TAXES-2026-03-07-L{by_card.lease_id}: its trips sum to 3.30, posted was 6.60."
        ]

    @pytest.mark.parametrize(("column", "reference"), [("total", "CURB"), ("cbd", "TAXES")])
    def test_a_count_whose_figures_were_changed_is_found(self, counted, column, reference):
        by_card, _ = counted
        sql = f"UPDATE curb_trip_counts SET {column} = {column} + 1 WHERE trip_id = %s"
        tamper(sql, by_card.pk, table="curb_trip_counts")
        (finding,) = findings_of("dtr.earnings")
        assert finding.startswith(f"{reference}-2026-03-07-L{by_card.lease_id}: its trips sum to ")
        assert findings_of("curb.counts") == [f"Trip {by_card} is counted otherwise than it is."]

    def test_a_void_that_only_the_counts_know_is_found(self, counted):
        by_card, _ = counted
        tamper("UPDATE curb_trip_counts SET is_void = true WHERE trip_id = %s", by_card.pk, table="curb_trip_counts")
        reference = f"CURB-2026-03-07-L{by_card.lease_id}"
        assert f"{reference}: its trips sum to 0.00, posted was 17.30." in findings_of("dtr.earnings")

    def test_a_share_of_two_weeks_is_found(self, counted):
        close(NEXT_WEEK)
        connection.check_constraints()
        by_card, _ = counted
        sql = "UPDATE curb_trip_counts SET week_end = %s WHERE trip_id = %s"
        tamper(sql, NEXT_WEEK.end, by_card.pk, table="curb_trip_counts")
        assert findings_of("dtr.trips") == [
            f"2026-03-07-L{by_card.lease_id} is of several weeks, or of several drivers or leases."
        ]

    def test_a_trip_that_another_week_claims_is_found(self, counted):
        close(NEXT_WEEK)
        connection.check_constraints()
        by_card, _ = counted
        tamper("UPDATE curb_trips SET week_end = %s WHERE id = %s", NEXT_WEEK.end, by_card.pk)
        assert findings_of("curb.first_counts") == [
            f"Trip {by_card} names another week than the one that counted it first."
        ]
        assert findings_of("dtr.receipts") == [
            f"Trip {by_card}: it is on receipt {by_card_receipt(by_card)}, which is not of its closed week and period."
        ]

    @pytest.mark.parametrize("change", ["lease_id = NULL", "total = total + 1", "payment_type = 'CASH'"])
    def test_a_trip_that_is_another_than_was_counted_is_found(self, counted, change):
        by_card, _ = counted
        tamper(f"UPDATE curb_trips SET {change} WHERE id = %s", by_card.pk)
        assert findings_of("curb.counts") == [f"Trip {by_card} is counted otherwise than it is."]

    def test_a_nobodys_trip_that_is_counted_is_found(self, counted):
        by_card, _ = counted
        tamper("UPDATE curb_trips SET counts_as = 'NOTHING' WHERE id = %s", by_card.pk)
        assert findings_of("curb.counts") == [f"Trip {by_card} is counted, and counts for nobody."]

    def test_a_record_that_nothing_superseded_is_found(self, counted):
        by_card, _ = counted
        tamper("UPDATE curb_trips SET is_current = false, awaits_count = true WHERE id = %s", by_card.pk)
        assert findings_of("curb.amended") == [f"Trip {by_card} is not current, and nothing superseded it."]

    def test_a_trip_that_waits_or_is_not_counted_yet_is_no_finding(self, counted):
        drive(card(DRIVER="9999999"), card())
        curb.match_waiting_trips()
        assert_books_clean()
        assert Trip.objects.filter(week_end=None).count() == 2


def by_card_receipt(trip):
    trip.refresh_from_db()
    return trip.reconciliation_id
