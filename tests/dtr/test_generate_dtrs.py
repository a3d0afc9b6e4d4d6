"""The statement: what it began with, what moved, what it ended with, and every posting behind it."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dtr import selectors
from dtr import services as dtr
from dtr.models import Dtr
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.curb import trip
from tests.dtr.fleet import (
    NEXT_SATURDAY,
    NEXT_WEEK,
    SATURDAY,
    SUNDAY,
    WEEK,
    card,
    cash,
    close,
    count_postings,
    drive,
    get_dtr,
    leased_driver,
    lines_of,
    start,
)
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory
from tests.owner import as_owner

pytestmark = pytest.mark.django_db


def charge(driver, amount, reference_id, *, category="MISC", lease=None, due_on=SATURDAY, on=SATURDAY):
    return ledger.create_obligation(
        category=category,
        amount=Decimal(amount),
        reference_id=reference_id,
        driver_id=driver.pk,
        lease_id=lease.pk if lease else None,
        due_on=due_on,
        effective_on=on,
    )


def earn(driver, amount, reference_id, *, lease=None):
    return ledger.post_earnings(
        driver_id=driver.pk,
        lease_id=lease.pk if lease else None,
        amount=Decimal(amount),
        reference_id=reference_id,
        effective_on=SATURDAY,
    )


def pay(driver, amount, allocations=None, *, lease=None, deposit="0", on=SATURDAY):
    return ledger.apply_interim_payment(
        payment_amount=Decimal(amount),
        allocations={name: Decimal(part) for name, part in (allocations or {}).items()},
        driver_id=driver.pk,
        lease_id=lease.pk if lease else None,
        payment_method="CASH",
        deposit=Decimal(deposit),
        effective_on=on,
    )


def generate(*drivers, week=WEEK):
    return dtr.generate_dtrs(week=week, driver_ids=[driver.pk for driver in drivers], today=week.next.start)


class TestEffect:
    def test_a_drivers_week(self):
        """Rent 500, tolls 120, taxes 61.50, card fares 913.25, cash 100 on the tolls: 331.75 net due."""
        lease = leased_driver()
        driver = lease.primary_driver
        drive(card("913.25", TAX="60.00", IMPTAX="1.50", CONGFEE="0.00"))
        LeaseInstallmentFactory.create(lease=lease, number=9)  # due 2026-03-07
        charge(driver, "120.00", "EZPASS-1", category="EZPASS", lease=lease)
        pay(driver, "100.00", {"EZPASS-1": "100.00"}, lease=lease)
        close()

        statement = get_dtr(lease)
        assert lines_of(statement) == {
            "DEBIT TAXES": {"opened": "61.50", "applied": "61.50"},
            "DEBIT EZPASS": {"opened": "120.00", "paid": "100.00", "applied": "20.00"},
            "DEBIT LEASE": {"opened": "500.00", "applied": "500.00"},
            "CREDIT PAYMENT": {"opened": "100.00", "paid": "100.00"},
            "CREDIT EARNINGS": {"opened": "913.25", "applied": "581.50", "closing": "331.75"},
        }
        assert statement.net_due == Decimal("331.75")
        assert statement.reference_id == "DTR-000001"
        assert (statement.card_trips, statement.card_total) == (1, Decimal("913.25"))
        assert statement.taxes_total == Decimal("61.50")
        assert_books_clean()

    def test_opens_with_what_the_last_one_closed_with(self):
        driver = DriverFactory.create()
        charge(driver, "100.00", "MISC-1")
        close()
        pay(driver, "30.00", {"MISC-1": "30.00"}, on=SUNDAY)
        close(NEXT_WEEK)

        statement = get_dtr(None, driver, NEXT_WEEK)
        assert lines_of(statement) == {
            "DEBIT MISC": {"opening": "100.00", "paid": "30.00", "closing": "70.00"},
            "CREDIT PAYMENT": {"opened": "30.00", "paid": "30.00"},
        }
        assert statement.previous_cut == get_dtr(None, driver).sealed_through
        assert_books_clean()

    def test_a_balance_without_movement_is_carried_forward(self):
        driver = DriverFactory.create()
        charge(driver, "100.00", "MISC-1")
        close()
        close(NEXT_WEEK)

        statement = get_dtr(None, driver, NEXT_WEEK)
        assert lines_of(statement) == {"DEBIT MISC": {"opening": "100.00", "closing": "100.00"}}
        assert statement.previous_cut == statement.sealed_through == get_dtr(None, driver).sealed_through
        assert_books_clean()

    def test_nothing_open_and_nothing_moved_is_no_statement(self):
        driver = DriverFactory.create()
        charge(driver, "10.00", "MISC-1")
        pay(driver, "10.00", {"MISC-1": "10.00"})
        close()
        close(NEXT_WEEK)
        assert list(Dtr.objects.filter(driver=driver).values_list("week_id", flat=True)) == [SATURDAY]

    def test_what_is_undone_later_stands_in_the_week_it_was_undone_in(self):
        driver = DriverFactory.create()
        charge(driver, "100.00", "MISC-1")
        wrong = charge(driver, "40.00", "MISC-2")
        payment = pay(driver, "25.00", {"MISC-1": "25.00"})
        close()
        ledger.void_posting(posting_id=wrong.pk, reason="Another driver's", actor=None, effective_on=SUNDAY)
        ledger.void_payment(payment_id=payment.pk, reason="Counted wrong", actor=None, effective_on=SUNDAY)
        close(NEXT_WEEK)

        assert lines_of(get_dtr(None, driver)) == {
            "DEBIT MISC": {"opened": "140.00", "paid": "25.00", "closing": "115.00"},
            "CREDIT PAYMENT": {"opened": "25.00", "paid": "25.00"},
        }
        assert lines_of(get_dtr(None, driver, NEXT_WEEK)) == {
            # 25.00 owed again, 40.00 no longer.
            "DEBIT MISC": {"opening": "115.00", "corrected": "-40.00", "undone": "25.00", "closing": "100.00"},
            # The money came back to the payment's credit, which was then taken away.
            "CREDIT PAYMENT": {"receipts_voided": "25.00", "undone": "25.00"},
        }
        assert_books_clean()

    def test_write_offs_and_payouts_have_columns_of_their_own(self):
        driver = DriverFactory.create()
        repair = charge(driver, "250.00", "REPAIR-5-1", category="REPAIR")
        earn(driver, "400.00", "CURB-A")
        ledger.write_off_obligation(
            posting_id=repair.pk, amount=Decimal("100.00"), reason="Goodwill", actor=None, effective_on=SATURDAY
        )
        ledger.apply_weekly_earnings(driver_ids=[driver.pk], as_of=SATURDAY)
        ledger.pay_out(
            driver_id=driver.pk,
            amount=Decimal("200.00"),
            method="CHECK",
            instrument_number="77",
            actor=None,
            effective_on=SATURDAY,
        )
        close()

        statement = get_dtr(None, driver)
        assert lines_of(statement) == {
            "DEBIT REPAIR": {"opened": "250.00", "applied": "150.00", "written_off": "100.00"},
            "CREDIT EARNINGS": {"opened": "400.00", "applied": "150.00", "paid_out": "200.00", "closing": "50.00"},
        }
        assert statement.net_due == Decimal("50.00")
        assert_books_clean()

    def test_deposits_and_what_is_due_later_stand_apart(self):
        lease = leased_driver()
        driver = lease.primary_driver
        pay(driver, "600.00", lease=lease, deposit="500.00")
        charge(driver, "30.00", "MISC-1", lease=lease)
        charge(driver, "70.00", "MISC-2", lease=lease, due_on=NEXT_SATURDAY)
        start()
        generate(driver)

        statement = get_dtr(lease)
        assert (statement.held, statement.deposits) == (Decimal("100.00"), Decimal("500.00"))
        assert (statement.owed_due, statement.owed_later) == (Decimal("30.00"), Decimal("70.00"))
        assert statement.net_due == Decimal("70.00")
        assert_books_clean()

    def test_two_leases_tell_what_crossed_between_them(self):
        earning = leased_driver("5000001", "9Z90")
        driver = earning.primary_driver
        owing = LeaseFactory.create(primary_driver=driver, vehicle__medallion="9Z91")
        charge(driver, "500.00", "LEASE-B-1", category="LEASE", lease=owing)
        earn(driver, "800.00", "CURB-A", lease=earning)
        charge(driver, "60.00", "MISC-1")
        close()

        assert lines_of(get_dtr(earning)) == {
            "CREDIT EARNINGS": {"opened": "800.00", "applied": "560.00", "closing": "240.00"}
        }
        assert lines_of(get_dtr(owing)) == {"DEBIT LEASE": {"opened": "500.00", "applied": "500.00"}}
        assert lines_of(get_dtr(None, driver)) == {"DEBIT MISC": {"opened": "60.00", "applied": "60.00"}}
        assert {statement.sealed_through for statement in Dtr.objects.all()} == {get_dtr(earning).sealed_through}

        def words(lease):
            return [entry.words for entry in selectors.list_dtr_entries(get_dtr(lease, driver))]

        assert words(earning) == [
            "Card fares, gross",
            f"Used on lease {owing.pk}, by priority",
            "Used on no lease, by priority",
        ]
        assert words(owing) == ["Charged", f"Paid from lease {earning.pk}, by priority"]
        assert words(None) == ["Charged", f"Paid from lease {earning.pk}, by priority"]
        assert_books_clean()

    def test_a_void_across_leases_is_told_on_both(self):
        earning = leased_driver("5000001", "9Z90")
        driver = earning.primary_driver
        owing = LeaseFactory.create(primary_driver=driver, vehicle__medallion="9Z91")
        rent = charge(driver, "500.00", "LEASE-B-1", category="LEASE", lease=owing)
        earn(driver, "800.00", "CURB-A", lease=earning)
        close()
        ledger.void_posting(posting_id=rent.pk, reason="Cab in the shop", actor=None, effective_on=SUNDAY)
        start(NEXT_WEEK)
        generate(driver, week=NEXT_WEEK)

        assert lines_of(get_dtr(earning, None, NEXT_WEEK)) == {
            "CREDIT EARNINGS": {"opening": "300.00", "undone": "500.00", "closing": "800.00"}
        }
        # The payment undone (+500.00), then the charge itself (-500.00).
        assert lines_of(get_dtr(owing, None, NEXT_WEEK)) == {
            "DEBIT LEASE": {"corrected": "-500.00", "undone": "500.00"}
        }
        assert [entry.words for entry in selectors.list_dtr_entries(get_dtr(earning, None, NEXT_WEEK))] == [
            f"Voided: used on lease {owing.pk}, by priority"
        ]
        assert_books_clean()

    def test_the_postings_behind_it_add_up_to_its_lines(self):
        lease = leased_driver()
        driver = lease.primary_driver
        drive(card("913.25"), cash())
        charge(driver, "120.00", "EZPASS-1", category="EZPASS", lease=lease)
        pay(driver, "100.00", {"EZPASS-1": "60.00"}, lease=lease)
        close()
        charge(driver, "30.00", "MISC-9", lease=lease, on=SUNDAY)
        close(NEXT_WEEK)

        for statement in Dtr.objects.all():
            changes: dict[tuple[str, str], Decimal] = {}
            for entry in (row.entry for row in selectors.list_dtr_entries(statement)):
                key = (entry.entry_type, entry.category)
                changes[key] = changes.get(key, Decimal(0)) + entry.change
            for line in statement.lines.all():
                change = changes.get((line.entry_type, line.category), Decimal(0))
                assert line.opening + change == line.closing

    def test_tells_the_trips_of_its_driver_and_lease(self):
        lease = leased_driver()
        leased_driver("5000002", "9Z91")
        drive(
            card("20.00"),
            card("-5.00"),
            cash("14.30"),
            trip(T="D", TOTAL_AMOUNT="-8.30"),
            card("99.00", DRIVER="5000002", CABNUMBER="9Z91"),
        )
        close()
        statement = get_dtr(lease)
        assert (statement.card_trips, statement.card_total) == (2, Decimal("15.00"))
        assert (statement.cash_trips, statement.cash_total) == (1, Decimal("14.30"))
        assert (statement.other_trips, statement.other_total) == (1, Decimal("-8.30"))
        assert statement.taxes_total == Decimal("9.90")

    def test_generating_dtrs_posts_nothing(self):
        driver = DriverFactory.create()
        charge(driver, "10.00", "MISC-1")
        start()
        generate(driver)
        assert count_postings() == 1

    def test_numbers_have_no_gap_over_a_rollback(self):
        drivers = [DriverFactory.create() for _ in range(3)]
        for number, driver in enumerate(drivers):
            charge(driver, "10.00", f"MISC-{number}")
        start()
        generate(drivers[0])
        with transaction.atomic():
            generate(drivers[1])
            transaction.set_rollback(True)
        generate(drivers[2])
        generate(drivers[1])
        assert [get_dtr(None, driver).number for driver in drivers] == [1, 3, 2]


class TestReplay:
    def test_a_driver_who_has_his_is_left_as_he_is(self):
        driver = DriverFactory.create()
        charge(driver, "10.00", "MISC-1")
        start()
        assert generate(driver) == 1
        charge(driver, "20.00", "MISC-2")

        assert generate(driver) == 0

        assert lines_of(get_dtr(None, driver)) == {"DEBIT MISC": {"opened": "10.00", "closing": "10.00"}}
        close()
        close(NEXT_WEEK)
        assert lines_of(get_dtr(None, driver, NEXT_WEEK)) == {
            "DEBIT MISC": {"opening": "10.00", "opened": "20.00", "closing": "30.00"}
        }
        assert_books_clean()


class TestRefusal:
    def test_a_week_that_was_not_begun_or_is_closed(self):
        driver = DriverFactory.create()
        charge(driver, "10.00", "MISC-1")
        with pytest.raises(dtr.WeekNotStarted):
            generate(driver)
        close()
        with pytest.raises(dtr.WeekAlreadyClosed):
            generate(driver)

    def test_postings_and_balances_that_disagree(self):
        driver = DriverFactory.create()
        charge(driver, "10.00", "MISC-1")
        start()
        with as_owner(), connection.cursor() as cursor:
            # What only the owner of the tables can do, and only in the open.
            cursor.execute("ALTER TABLE ledger_balances DISABLE TRIGGER ledger_balances_kept_by_database")
            cursor.execute("UPDATE ledger_balances SET remaining = 9")
            cursor.execute("ALTER TABLE ledger_balances ENABLE ALWAYS TRIGGER ledger_balances_kept_by_database")
        with pytest.raises(dtr.DtrDoesNotBalance) as refusal:
            generate(driver)
        assert refusal.value.facts["closing"] == "10.00"
        assert refusal.value.facts["balance"] == "9.00"
        assert Dtr.objects.count() == 0
        assert ledger_selectors.list_account_cuts([driver.pk]) == {driver.pk: 0}


class TestLock:
    def test_locks_the_accounts_before_it_reads_anything(self):
        driver = DriverFactory.create()
        charge(driver, "10.00", "MISC-1")
        start()
        with CaptureQueriesContext(connection) as statements:
            generate(driver)
        order = [query["sql"] for query in statements]
        locked = next(i for i, sql in enumerate(order) if sql.endswith("ORDER BY 1 ASC FOR UPDATE"))
        for table in ("dtr_dtrs", "ledger_postings", "ledger_balances"):
            assert locked < next(i for i, sql in enumerate(order) if table in sql)

    def test_takes_as_many_statements_for_thirty_drivers_as_for_one(self):
        drivers = [DriverFactory.create() for _ in range(31)]
        for number, driver in enumerate(drivers):
            charge(driver, "10.00", f"MISC-{number}")
        start()

        def count_statements(some):
            with CaptureQueriesContext(connection) as statements:
                generate(*some)
            return len(statements)

        assert count_statements(drivers[:1]) == count_statements(drivers[1:])
