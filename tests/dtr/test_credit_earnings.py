"""Card fares credited gross, trip taxes charged once, everything under one reference a week."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curb import services as curb
from curb.models import TripCount
from dtr import services as dtr
from dtr.models import Dtr, DtrLine
from dtr.services import EarningsSummary
from leases.services import add_driver
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.curb import trip
from tests.dtr.fleet import (
    NEXT_SATURDAY,
    NEXT_WEEK,
    SATURDAY,
    WEEK,
    card,
    cash,
    close,
    count_postings,
    drive,
    leased_driver,
    live_balances,
    start,
)
from tests.factories import DriverFactory

pytestmark = pytest.mark.django_db


def credit(*drivers, week=WEEK):
    return dtr.credit_earnings(week=week, driver_ids=[driver.pk for driver in drivers])


class TestEffect:
    def test_credits_card_trips_gross_and_charges_the_taxes_of_card_and_cash_trips(self):
        lease = leased_driver()
        by_card, another_by_card, by_cash = drive(card("17.30"), card("30.00"), cash("14.30"))
        start()

        assert credit(lease.primary_driver) == EarningsSummary(1, Decimal("47.30"), Decimal("9.90"))

        assert live_balances(lease.primary_driver) == {
            f"CURB-2026-03-07-L{lease.pk}": ("CREDIT", "EARNINGS", Decimal("47.30"), Decimal("47.30")),
            f"TAXES-2026-03-07-L{lease.pk}": ("DEBIT", "TAXES", Decimal("9.90"), Decimal("9.90")),
        }
        for posting in ledger_selectors.list_postings():
            assert (posting.lease, posting.vehicle, posting.effective_on) == (lease, lease.vehicle, SATURDAY)
        marks = {
            row.trip_id: (row.credited_reference[:5], row.taxes_reference[:5])
            for row in TripCount.objects.filter(trip__in=[by_card, another_by_card, by_cash])
        }
        assert marks == {
            by_card.pk: ("CURB-", "TAXES"),
            another_by_card.pk: ("CURB-", "TAXES"),
            by_cash.pk: ("", "TAXES"),
        }

    @pytest.mark.parametrize("letter", ["P", "N", "D"])
    def test_private_no_charge_and_dispute_trips_neither_credit_nor_charge(self, letter):
        lease = leased_driver()
        (trip_,) = drive(trip(T=letter))
        start()

        assert credit(lease.primary_driver) == EarningsSummary(0, Decimal("0.00"), Decimal("0.00"))

        trip_.refresh_from_db()
        (count,) = trip_.counts.all()
        assert (trip_.week_end, count.credited_reference, count.taxes_reference) == (SATURDAY, "", "")
        assert count_postings() == 0

    def test_every_kind_of_tax_is_charged_as_the_trip_states_it(self):
        lease = leased_driver()
        drive(cash("20.00", TAX="0.50", IMPTAX="1.00", CONGFEE="2.50", airportFee="1.75", cbdt="0.75", TOLLS="6.94"))
        start()
        assert credit(lease.primary_driver).taxes_total == Decimal("6.50")

    def test_each_lease_and_driver_has_references_of_its_own(self):
        own = leased_driver("5000001", "9Z90")
        second = leased_driver("5000002", "9Z91")
        DriverFactory.create(tlc_license="5000003")
        add_driver(lease_id=second.pk, driver_id=own.primary_driver_id, start_on=second.start_on, actor=None)
        drive(
            card("10.00", DRIVER="5000001", CABNUMBER="9Z90"),
            card("20.00", DRIVER="5000001", CABNUMBER="9Z91"),
            card("40.00", DRIVER="5000002", CABNUMBER="9Z91"),
        )
        first, other = own.primary_driver, second.primary_driver
        start()
        credit(first, other)

        assert {name: row[2] for name, row in live_balances(first).items() if name.startswith("CURB")} == {
            f"CURB-2026-03-07-L{own.pk}": Decimal("10.00"),
            f"CURB-2026-03-07-L{second.pk}-D{first.pk}": Decimal("20.00"),
        }
        assert {name: row[2] for name, row in live_balances(other).items() if name.startswith("CURB")} == {
            f"CURB-2026-03-07-L{second.pk}": Decimal("40.00"),
        }

    def test_trips_without_a_lease_are_credited_to_the_driver_alone(self):
        lease = leased_driver(start_on=SATURDAY)
        drive(card("10.00"))
        start()
        credit(lease.primary_driver)
        assert f"CURB-2026-03-07-D{lease.primary_driver_id}" in live_balances(lease.primary_driver)

    def test_two_cabs_of_a_driver_without_a_lease_name_no_cab(self):
        lease = leased_driver(start_on=SATURDAY)
        leased_driver("5000002", "9Z91", start_on=SATURDAY)
        drive(card(), card(CABNUMBER="9Z91"))
        start()
        credit(lease.primary_driver)
        assert {posting.vehicle_id for posting in ledger_selectors.list_postings()} == {None}

    def test_a_negative_week_is_won_back(self):
        lease = leased_driver()
        drive(card("10.00", TAX="0.50", IMPTAX="0", CONGFEE="0"), card("-25.00", TAX="-3.00", IMPTAX="0", CONGFEE="0"))
        start()

        credit(lease.primary_driver)

        assert live_balances(lease.primary_driver) == {
            f"CURB-2026-03-07-L{lease.pk}": ("DEBIT", "RECOVERY", Decimal("15.00"), Decimal("15.00")),
            f"TAXES-2026-03-07-L{lease.pk}": ("CREDIT", "TAXES", Decimal("2.50"), Decimal("2.50")),
        }
        memo = ledger_selectors.list_postings(kind="CREDIT_MEMO").get()
        assert "2026-03-07" in memo.reason
        close()
        assert_books_clean()

    def test_a_week_that_sums_to_nothing_posts_nothing_and_is_counted_all_the_same(self):
        lease = leased_driver()
        drive(card("10.00", TAX="3.00", IMPTAX="0", CONGFEE="0"), card("-10.00", TAX="0", IMPTAX="0", CONGFEE="0"))
        drive(cash("5.00", TAX="-3.00", IMPTAX="0", CONGFEE="0"))
        start()

        credit(lease.primary_driver)
        credit(lease.primary_driver)

        assert count_postings() == 0
        assert TripCount.objects.filter(share=f"2026-03-07-L{lease.pk}").count() == 3
        close()
        assert_books_clean()

    def test_credits_only_the_drivers_given(self):
        one, other = leased_driver("5000001", "9Z90"), leased_driver("5000002", "9Z91")
        drive(card(), card(DRIVER="5000002", CABNUMBER="9Z91"))
        start()
        credit(one.primary_driver)
        assert live_balances(other.primary_driver) == {}


class TestReplay:
    def test_crediting_a_second_time_changes_nothing(self):
        lease = leased_driver()
        drive(card(), cash())
        start()
        credit(lease.primary_driver)
        before = live_balances(lease.primary_driver)

        assert credit(lease.primary_driver) == EarningsSummary(0, Decimal("0.00"), Decimal("0.00"))

        assert live_balances(lease.primary_driver) == before
        assert count_postings() == 2

    def test_a_trip_that_is_matched_after_its_driver_was_credited_counts_next_week(self):
        lease = leased_driver()
        _, waiting = drive(card("10.00"), card("20.00", DRIVER="500001X"))
        start()
        credit(lease.primary_driver)
        curb.bind_trip(trip_id=waiting.pk, driver_id=lease.primary_driver_id, vehicle_id=lease.vehicle_id)

        credit(lease.primary_driver)

        waiting.refresh_from_db()
        assert waiting.week_end is None
        assert live_balances(lease.primary_driver)[f"CURB-2026-03-07-L{lease.pk}"][2] == Decimal("10.00")

    def test_a_trip_that_comes_after_the_start_counts_next_week(self):
        lease = leased_driver()
        drive(card("10.00"))
        start()
        (late,) = drive(card("20.00"))
        close()
        close(NEXT_WEEK)

        late.refresh_from_db()
        assert (late.week_end, late.is_late) == (NEXT_SATURDAY, True)
        amounts = {name: row[2] for name, row in live_balances(lease.primary_driver).items()}
        assert amounts == {
            f"CURB-2026-03-07-L{lease.pk}": Decimal("10.00"),
            f"TAXES-2026-03-07-L{lease.pk}": Decimal("3.30"),
            f"CURB-2026-03-14-L{lease.pk}": Decimal("20.00"),
            f"TAXES-2026-03-14-L{lease.pk}": Decimal("3.30"),
        }
        assert_books_clean()

    def test_a_trip_belongs_to_the_week_in_which_it_began(self):
        lease = leased_driver()
        before_midnight, after_midnight = drive(
            card(START_DATE="03/07/2026 23:59:59", END_DATE="03/08/2026 00:20:00"),
            card(START_DATE="03/08/2026 00:00:00", END_DATE="03/08/2026 00:20:00"),
        )
        start()
        credit(lease.primary_driver)
        before_midnight.refresh_from_db()
        after_midnight.refresh_from_db()
        assert (before_midnight.week_end, after_midnight.week_end) == (SATURDAY, None)
        assert not before_midnight.is_late

    def test_a_voided_week_is_not_credited_again_by_its_own_close(self):
        lease = leased_driver()
        drive(card())
        start()
        credit(lease.primary_driver)
        posting = ledger_selectors.list_postings(kind="EARNINGS").get()
        ledger.void_posting(posting_id=posting.pk, reason="Wrong driver", actor=None, effective_on=SATURDAY)

        credit(lease.primary_driver)

        assert live_balances(lease.primary_driver) == {}
        close()
        close(NEXT_WEEK)
        assert live_balances(lease.primary_driver).keys() == {
            f"CURB-2026-03-14-L{lease.pk}", f"TAXES-2026-03-14-L{lease.pk}",
        }  # fmt: skip
        assert_books_clean()


class TestRefusal:
    def test_a_week_that_was_not_begun_is_refused(self):
        lease = leased_driver()
        drive(card())
        with pytest.raises(dtr.WeekNotStarted):
            credit(lease.primary_driver)
        assert count_postings() == 0

    def test_a_closed_week_is_refused(self):
        lease = leased_driver()
        close()
        with pytest.raises(dtr.WeekAlreadyClosed):
            credit(lease.primary_driver)

    def test_a_reference_that_is_taken_is_refused(self):
        lease = leased_driver()
        drive(card())
        start()
        ledger.create_obligation(
            category="MISC",
            amount=Decimal("1.00"),
            reference_id=f"CURB-2026-03-07-L{lease.pk}",
            driver_id=lease.primary_driver_id,
            effective_on=SATURDAY,
        )
        with pytest.raises(ledger.ReferenceConflict):
            credit(lease.primary_driver)
        assert count_postings() == 1

    def test_an_unknown_driver_is_refused(self):
        start()
        with pytest.raises(ledger.DriverNotFound):
            dtr.credit_earnings(week=WEEK, driver_ids=[999_999])


class TestLock:
    def test_locks_the_accounts_before_it_reads_the_trips(self):
        lease = leased_driver()
        drive(card())
        start()
        with CaptureQueriesContext(connection) as statements:
            credit(lease.primary_driver)
        order = [query["sql"] for query in statements]
        locked = next(i for i, sql in enumerate(order) if "ledger_accounts" in sql and "FOR UPDATE" in sql)
        assert order[locked].endswith("ORDER BY 1 ASC FOR UPDATE")
        assert locked < next(i for i, sql in enumerate(order) if '"curb_trip_counts"' in sql)

    def test_takes_as_many_statements_for_thirty_drivers_as_for_one(self):
        def count_statements(drivers):
            with CaptureQueriesContext(connection) as statements:
                credit(*drivers)
            return len(statements)

        leases = [leased_driver(f"{5_000_000 + n}", f"9Z{n:02d}") for n in range(31)]
        drive(*(card(DRIVER=f"{5_000_000 + n}", CABNUMBER=f"9Z{n:02d}") for n in range(31)))
        start()
        drivers = [lease.primary_driver for lease in leases]
        assert count_statements(drivers[:1]) == count_statements(drivers[1:])


def test_an_open_week_is_no_finding():
    lease = leased_driver()
    drive(card())
    start()
    dtr.credit_earnings(week=WEEK, driver_ids=[lease.primary_driver_id])
    assert_books_clean()
    assert (Dtr.objects.count(), DtrLine.objects.count()) == (0, 0)
