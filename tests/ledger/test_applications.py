"""The waterfall over all drivers. (That its SQL equals its Python is shown in test_waterfall.py's generated cases.)"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import LedgerAccount, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.proofs import (
    NEXT_SATURDAY,
    SATURDAY,
    THURSDAY,
    WEDNESDAY,
    apply,
    assert_locks_first,
    balances_of,
    charge,
    count_statements,
    earn,
    hold_deposit,
    lines,
    pay,
    writes,
)

pytestmark = pytest.mark.django_db


def list_applications():
    return LedgerPosting.objects.filter(kind="APPLICATION").order_by("pk")


class TestApplyWeeklyEarnings:
    def test_pays_category_by_category(self):
        driver = DriverFactory.create()
        for category in reversed(OBLIGATION_CATEGORIES):
            charge(driver, f"{category}-1", "10.00", actor=UserFactory.create())
        earn(driver, "CURB-1", "85.00")
        with writes(postings=9):
            summary = apply()
        assert (summary.drivers, summary.applications, summary.amount) == (1, 9, Decimal("85.00"))
        paid = ["TAXES", "EZPASS", "LEASE", "RECOVERY", "PVB", "TLC", "REPAIR", "LOAN"]
        assert lines(list_applications()) == [
            *(("APPLICATION", f"{category}-1", "10.00") for category in paid),
            ("APPLICATION", "MISC-1", "5.00"),
        ]
        assert balances_of(driver)["MISC-1"] == ("5.00", "OPEN")
        assert_books_clean()

    def test_within_a_category_the_oldest_due_date_first_then_the_lowest_id(self):
        driver = DriverFactory.create()
        charge(driver, "PVB-1", "10.00", due_on=THURSDAY)
        charge(driver, "PVB-2", "10.00", due_on=WEDNESDAY)
        charge(driver, "PVB-3", "10.00", due_on=WEDNESDAY)
        earn(driver, "CURB-1", "25.00")
        apply()
        assert lines(list_applications()) == [
            ("APPLICATION", "PVB-2", "10.00"),
            ("APPLICATION", "PVB-3", "10.00"),
            ("APPLICATION", "PVB-1", "5.00"),
        ]

    def test_the_oldest_credit_first_then_the_lowest_id(self):
        driver = DriverFactory.create()
        charge(driver, "PVB-1", "40.00")
        charge(driver, "PVB-2", "15.00")
        earn(driver, "CURB-2", "30.00", effective_on=THURSDAY)
        earn(driver, "CURB-3", "30.00", effective_on=THURSDAY)
        earn(driver, "CURB-1", "20.00", effective_on=WEDNESDAY)
        apply()
        assert [
            (line.reference_id, line.funding.reference_id, str(line.amount))
            for line in list_applications().select_related("funding")
        ] == [
            ("PVB-1", "CURB-1", "20.00"),
            ("PVB-1", "CURB-2", "20.00"),
            ("PVB-2", "CURB-2", "10.00"),
            ("PVB-2", "CURB-3", "5.00"),
        ]
        assert balances_of(driver)["CURB-3"] == ("25.00", "OPEN")
        assert_books_clean()

    def test_an_application_says_what_it_is(self):
        lease, clerk = LeaseFactory.create(), UserFactory.create()
        driver = lease.primary_driver
        rent = charge(driver, "LEASE-1", "10.00", lease_id=lease.pk, vehicle_id=lease.vehicle_id)
        earnings = earn(driver)
        apply(actor=clerk)
        [application] = list_applications()
        assert (application.entry_type, application.category, application.reference_id) == (
            "CREDIT",
            "LEASE",
            "LEASE-1",
        )
        assert (application.balance_id, application.funding_id) == (rent.pk, earnings.pk)
        assert (application.lease_id, application.vehicle_id) == (lease.pk, lease.vehicle_id)
        assert (application.effective_on, application.due_on, application.reason) == (SATURDAY, None, "")
        assert application.posted_by == clerk

    def test_payments_and_refunds_pay_too_but_never_deposits(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        hold_deposit(driver, lease.pk, "500.00")
        pay(driver, "10.00")
        ledger.credit_driver(
            driver_id=driver.pk, category="EZPASS", amount=Decimal(5), reference_id="REFUND-1", reason="Refund",
            effective_on=WEDNESDAY, actor=UserFactory.create(),
        )  # fmt: skip
        charge(driver, "PVB-1", "100.00")
        assert apply().amount == Decimal("15.00")
        assert balances_of(driver) == {
            "DEPOSIT-000001": ("500.00", "OPEN"),
            "PAY-000002": ("0.00", "SETTLED"),
            "REFUND-1": ("0.00", "SETTLED"),
            "PVB-1": ("85.00", "OPEN"),
        }
        assert_books_clean()

    def test_leaves_what_is_not_due_and_what_is_not_yet_held(self):
        driver = DriverFactory.create()
        charge(driver, "TAXES-1", "10.00", due_on=NEXT_SATURDAY)
        charge(driver, "MISC-1", "10.00", due_on=SATURDAY)
        earn(driver, "CURB-1", "4.00", effective_on=SATURDAY)
        earn(driver, "CURB-2", "50.00", effective_on=SATURDAY + timedelta(days=1))
        apply(SATURDAY)
        assert balances_of(driver) == {
            "TAXES-1": ("10.00", "OPEN"),
            "MISC-1": ("6.00", "OPEN"),
            "CURB-1": ("0.00", "SETTLED"),
            "CURB-2": ("50.00", "OPEN"),
        }
        apply(NEXT_SATURDAY)
        assert balances_of(driver)["CURB-2"] == ("34.00", "OPEN")
        assert_books_clean()

    def test_leaves_what_is_settled_or_voided(self):
        driver = DriverFactory.create()
        voided = charge(driver, "PVB-1", "100.00")
        ledger.void_posting(posting_id=voided.pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        ledger.void_posting(posting_id=earn(driver, "CURB-1").pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        charge(driver, "PVB-2", "100.00")
        pay(driver, "100.00", {"PVB-2": "100.00"})
        charge(driver, "PVB-3", "100.00")
        earn(driver, "CURB-2", "30.00")
        assert apply().amount == Decimal("30.00")
        assert balances_of(driver)["PVB-3"] == ("70.00", "OPEN")

    def test_no_driver_pays_for_another(self):
        rich, poor = DriverFactory.create_batch(2)
        earn(rich)
        charge(poor)
        with writes():
            assert apply() == ledger.ApplicationSummary(0, 0, Decimal("0.00"))

    def test_a_second_run_applies_nothing(self):
        drivers = DriverFactory.create_batch(3)
        for number, driver in enumerate(drivers):
            charge(driver, f"MISC-{number}")
            earn(driver, f"CURB-{number}", "60.00")
        assert apply() == ledger.ApplicationSummary(3, 3, Decimal("180.00"))
        with writes():
            assert apply() == ledger.ApplicationSummary(0, 0, Decimal("0.00"))

    def test_only_the_drivers_asked_for(self):
        asked, other = DriverFactory.create_batch(2)
        for number, driver in enumerate((asked, other)):
            charge(driver, f"MISC-{number}")
            earn(driver, f"CURB-{number}")
        assert apply(driver_ids=[asked.pk]).drivers == 1
        assert balances_of(other)["MISC-1"] == ("100.00", "OPEN")
        with writes():
            assert apply(driver_ids=[]).drivers == 0

    def test_follows_the_order_in_force(self):
        driver = DriverFactory.create()
        reversed_order = list(reversed(OBLIGATION_CATEGORIES))
        today = date.today()  # noqa: DTZ011
        ledger.set_waterfall_order(effective_on=today + timedelta(days=10), categories=reversed_order, today=today)
        charge(driver, "TAXES-1", "10.00")
        charge(driver, "MISC-1", "10.00")
        earn(driver, "CURB-1", "15.00", effective_on=WEDNESDAY)
        apply(today + timedelta(days=10))
        assert lines(list_applications()) == [
            ("APPLICATION", "MISC-1", "10.00"),
            ("APPLICATION", "TAXES-1", "5.00"),
        ]
        assert_books_clean()

    def test_takes_as_many_statements_for_500_rows_as_for_5(self):
        few_driver, many_driver = DriverFactory.create_batch(2)
        for driver, count in ((few_driver, 5), (many_driver, 500)):
            ledger.create_obligations(
                ledger.Opening(
                    category="MISC", amount=Decimal(1), reference_id=f"MISC-{count}-{number}", driver_id=driver.pk,
                    due_on=WEDNESDAY, effective_on=WEDNESDAY,
                )
                for number in range(count)
            )  # fmt: skip
            earn(driver, f"CURB-{count}", "1000.00")
        few = count_statements(lambda: apply(driver_ids=[few_driver.pk]))
        many = count_statements(lambda: apply(driver_ids=[many_driver.pk]))
        assert (few, many) == (7, 7)
        assert list_applications().count() == 505

    def test_locks_the_drivers_of_a_batch_first(self):
        drivers = DriverFactory.create_batch(3)
        for number, driver in enumerate(drivers):
            charge(driver, f"MISC-{number}")
            earn(driver, f"CURB-{number}")
        assert_locks_first(apply, in_batches=True)
        assert LedgerAccount.objects.count() == 3
