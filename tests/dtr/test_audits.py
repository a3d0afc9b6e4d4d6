"""The audits of the pay week: silent over what the services made, and they find what a hostile owner did to it."""

from copy import deepcopy
from decimal import Decimal

import pytest
from django.db import connection

from curb.models import TripCount
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
    cash,
    close,
    drive,
    get_dtr,
    leased_driver,
)
from tests.ledger.hostile import findings_of, guards_off, run_sql
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db


@pytest.fixture
def _tables_and_guards_as_shipped() -> None:
    """They are not: the audits that look at them are tested here."""


@pytest.fixture
def lease(made):
    return deepcopy(made)


@pytest.fixture(scope="module")
def made(made_once: MadeOnce):
    return made_once(close_two_weeks)


def close_two_weeks():
    """Two closed weeks: 913.25 of card fares against 60.00 owed, then 20.00 more to pay, which carried credit pays."""
    lease = leased_driver()
    drive(card("913.25"), cash())
    charge(lease, "60.00", "MISC-1")
    close()
    charge(lease, "20.00", "MISC-2", on=SUNDAY)
    close(NEXT_WEEK)
    connection.check_constraints()
    return lease


def charge(lease, amount, reference_id, on=SATURDAY):
    return ledger.create_obligation(
        category="MISC",
        amount=Decimal(amount),
        reference_id=reference_id,
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
        due_on=SATURDAY,
        effective_on=on,
    )


def tamper(table, sql, *parameters):
    """Change one row past the guards, as only the owner of the table can."""
    with guards_off(table), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        assert cursor.rowcount == 1
        connection.check_constraints()  # the keys here are deferred, and a waiting check hinders ALTER TABLE


def line_of(lease, category, week=WEEK):
    return get_dtr(lease, None, week).lines.get(category=category).pk


def test_nothing_is_found_where_nothing_is_wrong(lease):
    assert_books_clean()


class TestCuts:
    def test_finds_a_gap_between_two_cuts(self, lease):
        second = get_dtr(lease, None, NEXT_WEEK)
        tamper("dtr_dtrs", "UPDATE dtr_dtrs SET previous_cut = previous_cut - 1 WHERE id = %s", second.pk)
        assert findings_of("dtr.cuts") == [
            f"Driver {lease.primary_driver_id}, week ending Mar 14, 2026: begins after posting "
            f"{second.previous_cut - 1}, the DTR before ended at {second.previous_cut}."
        ]

    def test_finds_an_account_cut_without_a_dtr(self, lease):
        posting = charge(lease, "1.00", "MISC-3", on=NEXT_SUNDAY)
        ledger.cut_accounts(driver_ids=[lease.primary_driver_id])
        assert findings_of("dtr.cuts") == [
            f"Driver {lease.primary_driver_id}: the account is cut at {posting.pk}, "
            f"the last DTR at {get_dtr(lease, None, NEXT_WEEK).sealed_through}."
        ]


class TestOpenings:
    def test_finds_a_line_that_opens_with_something_else(self, lease):
        tamper(
            "dtr_lines",
            "UPDATE dtr_lines SET opening = opening - 1, closing = closing - 1, balance = balance - 1 WHERE id = %s",
            line_of(lease, "EARNINGS", NEXT_WEEK),
        )
        assert findings_of("dtr.openings") == [
            "DTR-000002: CREDIT EARNINGS opens with 845.65, the DTR before closed with 846.65."
        ]

    def test_finds_a_line_that_was_dropped(self, lease):
        tamper("dtr_lines", "DELETE FROM dtr_lines WHERE id = %s", line_of(lease, "EARNINGS", NEXT_WEEK))
        assert findings_of("dtr.openings") == [
            "DTR-000002: CREDIT EARNINGS opens with 0.00, the DTR before closed with 846.65."
        ]


class TestMovements:
    def test_finds_figures_that_the_postings_do_not_say(self, lease):
        tamper(
            "dtr_lines",
            "UPDATE dtr_lines SET opened = opened + 5, applied = applied + 5 WHERE id = %s",
            line_of(lease, "MISC"),
        )
        assert findings_of("dtr.movements") == [
            "DTR-000001: DEBIT MISC tells opened 65.00, applied 65.00, its postings say opened 60.00, applied 60.00."
        ]

    def test_finds_a_movement_that_no_dtr_tells(self, lease):
        tamper("dtr_lines", "DELETE FROM dtr_lines WHERE id = %s", line_of(lease, "MISC"))
        assert findings_of("dtr.movements") == [
            f"Driver {lease.primary_driver_id}, lease {lease.pk}: no DTR cut at {get_dtr(lease).sealed_through} tells "
            "what moved on DEBIT MISC."
        ]


class TestClosings:
    def test_finds_a_closing_that_the_postings_do_not_leave(self, lease):
        tamper(
            "dtr_lines",
            "UPDATE dtr_lines SET corrected = 3, closing = closing + 3, balance = balance + 3 WHERE id = %s",
            line_of(lease, "MISC"),
        )
        (finding,) = findings_of("dtr.closings")
        assert "DEBIT MISC closes with 3.00" in finding
        assert "leave 0.00" in finding


class TestSums:
    def test_finds_a_head_that_its_lines_do_not_say(self, lease):
        tamper("dtr_dtrs", "UPDATE dtr_dtrs SET held = held + 1 WHERE id = %s", get_dtr(lease).pk)
        assert findings_of("dtr.sums") == [
            "DTR-000001: its lines close with 846.65 held, 0.00 on deposit and 0.00 owed."
        ]

    def test_finds_a_net_that_fell_due_on_another_day(self, lease):
        tamper(
            "dtr_dtrs",
            "UPDATE dtr_dtrs SET owed_since = owed_since + 1, held = held + 1 WHERE id = %s",
            get_dtr(lease).pk,
        )
        assert findings_of("dtr.due") == [
            "DTR-000001: 0.00 due by its Saturday, 1.00 since and 0.00 later; the postings left 0.00, 0.00 and 0.00."
        ]


class TestTables:
    def test_finds_a_payment_that_only_one_table_tells(self, lease):
        tamper(
            "dtr_lines",
            "UPDATE dtr_lines SET opened = opened + 5, paid = paid + 5 WHERE id = %s",
            line_of(lease, "MISC"),
        )
        (finding,) = findings_of("dtr.tables")
        assert finding.startswith(f"Driver {lease.primary_driver_id}, week ending Mar 7, 2026: ")


class TestNumbers:
    def test_finds_a_gap_in_the_numbers_of_dtrs(self, lease):
        tamper("dtr_dtrs", "UPDATE dtr_dtrs SET number = 7 WHERE number = 2")
        assert findings_of("dtr.numbers") == ["2 DTRs are there, the last is number 7."]


class TestWeeks:
    def test_finds_a_skipped_week(self, lease):
        run_sql("ALTER TABLE dtr_week_closes DISABLE TRIGGER USER")
        run_sql("INSERT INTO dtr_week_closes (week_end, state, finished_at) VALUES ('2026-03-28', 'CLOSED', now())")
        assert findings_of("dtr.weeks") == ["Week ending Mar 28, 2026 follows Week ending Mar 14, 2026."]

    def test_finds_a_closed_week_with_work_left(self, lease):
        tamper(
            "dtr_close_batches",
            "UPDATE dtr_close_batches SET done_at = NULL WHERE step = 1 AND week_end = %s",
            SATURDAY,
        )
        assert findings_of("dtr.weeks") == ["Week ending Mar 7, 2026 is closed with work that is not done."]

    def test_finds_a_week_begun_before_the_last_was_closed(self, lease):
        tamper(
            "dtr_week_closes",
            "UPDATE dtr_week_closes SET state = 'OPEN', finished_at = NULL WHERE week_end = %s",
            SATURDAY,
        )
        assert findings_of("dtr.weeks") == ["Week ending Mar 7, 2026 is open, and Week ending Mar 14, 2026 was begun."]


class TestTrips:
    def test_finds_trips_of_two_drivers_under_one_share(self, lease):
        stranger = leased_driver("5000002", "9Z91").primary_driver
        count = TripCount.objects.get(payment_type="CASH")
        tamper("curb_trip_counts", "UPDATE curb_trip_counts SET driver_id = %s WHERE id = %s", stranger.pk, count.pk)
        assert findings_of("dtr.trips") == [
            f"2026-03-07-L{lease.pk} is of several weeks, or of several drivers or leases."
        ]


class TestEarnings:
    def test_finds_a_trip_whose_figures_were_changed(self, lease):
        tamper("curb_trip_counts", "UPDATE curb_trip_counts SET total = total + 1 WHERE payment_type = 'CARD'")
        assert findings_of("dtr.earnings") == [
            f"CURB-2026-03-07-L{lease.pk}: its trips sum to 914.25, posted was 913.25."
        ]

    def test_a_corrected_charge_is_no_finding(self, lease):
        taxes = ledger_selectors.list_postings().get(reference_id=f"TAXES-2026-03-07-L{lease.pk}", balance=None)
        ledger.replace_obligation(
            posting_id=taxes.pk,
            amount=Decimal("5.00"),
            reason="The meter was wrong",
            actor=None,
            effective_on=NEXT_SUNDAY,
        )
        assert_books_clean()


class TestToldTrips:
    """One card trip of 913.25 and one in cash of 14.30, each with 3.30 of taxes: 6.60."""

    COUNTED = "1 card trips of 913.25, 1 cash of 14.30, 0 other of 0.00, taxes 6.60"

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ("card_trips = 8", "8 card trips of 913.25, 1 cash of 14.30, 0 other of 0.00, taxes 6.60"),
            ("card_total = 1413.25", "1 card trips of 1413.25, 1 cash of 14.30, 0 other of 0.00, taxes 6.60"),
            ("cash_trips = 9", "1 card trips of 913.25, 9 cash of 14.30, 0 other of 0.00, taxes 6.60"),
            ("cash_total = 333", "1 card trips of 913.25, 1 cash of 333.00, 0 other of 0.00, taxes 6.60"),
            ("other_trips = 2", "1 card trips of 913.25, 1 cash of 14.30, 2 other of 0.00, taxes 6.60"),
            ("other_total = 5", "1 card trips of 913.25, 1 cash of 14.30, 0 other of 5.00, taxes 6.60"),
            ("taxes_total = 77", "1 card trips of 913.25, 1 cash of 14.30, 0 other of 0.00, taxes 77.00"),
        ],
    )
    def test_finds_a_figure_that_was_not_counted(self, lease, changes, told):
        tamper("dtr_dtrs", f"UPDATE dtr_dtrs SET {changes} WHERE id = %s", get_dtr(lease).pk)
        assert findings_of("dtr.told_trips") == [
            f"DTR-000001: it tells {told}; its week's close counted {self.COUNTED}."
        ]

    def test_finds_trips_where_none_were_counted(self, lease):
        tamper("dtr_dtrs", "UPDATE dtr_dtrs SET card_trips = 1 WHERE id = %s", get_dtr(lease, None, NEXT_WEEK).pk)
        assert findings_of("dtr.told_trips") == [
            "DTR-000002: it tells 1 card trips of 0.00, 0 cash of 0.00, 0 other of 0.00, taxes 0.00; its week's close "
            "counted 0 card trips of 0.00, 0 cash of 0.00, 0 other of 0.00, taxes 0.00."
        ]

    def test_finds_a_count_of_another_driver(self, lease):
        stranger = leased_driver("5000002", "9Z91").primary_driver
        count = TripCount.objects.get(payment_type="CASH")
        tamper("curb_trip_counts", "UPDATE curb_trip_counts SET driver_id = %s WHERE id = %s", stranger.pk, count.pk)
        (finding,) = findings_of("dtr.told_trips")
        assert finding.endswith("counted 1 card trips of 913.25, 0 cash of 0.00, 0 other of 0.00, taxes 3.30.")


class TestGuards:
    @pytest.mark.parametrize(
        ("sql", "finding"),
        [
            (
                "ALTER TABLE dtr_dtrs DISABLE TRIGGER dtr_dtrs_append_only",
                "The trigger dtr_dtrs_append_only on dtr_dtrs was changed: ",
            ),
            (
                "CREATE OR REPLACE FUNCTION dtr_seal() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "The function dtr_seal() was changed: ",
            ),
            (
                "ALTER TABLE dtr_lines DROP CONSTRAINT dtr_lines_adds_up",
                "The constraint dtr_lines_adds_up on dtr_lines is missing.",
            ),
        ],
    )
    def test_finds_a_guard_that_was_taken_away(self, sql, finding):
        run_sql(sql)
        (found,) = findings_of("dtr.guards")
        assert found.startswith(finding)


def test_many_weeks_take_no_more_statements_than_few(lease, django_assert_max_num_queries):
    """An audit reads drivers in lots; a DTR more is not a statement more."""
    with django_assert_max_num_queries(12):
        findings_of("dtr.closings")


def test_guards_are_back_after_tampering(lease):
    with guards_off("dtr_dtrs"):
        pass
    assert findings_of("dtr.guards") == []
