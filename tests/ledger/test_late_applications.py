"""A run of the waterfall after its day: which debts it takes, what it uses, and how it is dated."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import LedgerPosting
from tests.books import assert_books_clean, assert_never_below_zero
from tests.factories import DriverFactory
from tests.ledger.hostile import findings_of, tamper
from tests.ledger.proofs import NEXT_SATURDAY, SATURDAY, THURSDAY, apply, balances_of, charge, earn

pytestmark = pytest.mark.django_db

MONDAY_AFTER = SATURDAY + timedelta(days=2)
WEDNESDAY_AFTER = SATURDAY + timedelta(days=4)
REPAIRS_FIRST = ["REPAIR", *(category for category in OBLIGATION_CATEGORIES if category != "REPAIR")]


def list_applications():
    applied = LedgerPosting.objects.filter(kind="APPLICATION").order_by("pk")
    return [(row.reference_id, str(row.amount), row.effective_on) for row in applied]


class TestEffect:
    def test_a_debt_raised_after_the_saturday_is_left_to_the_next_close(self):
        """A summons raised on Wednesday, due the Thursday before, is not paid by the close of the Saturday between."""
        driver = DriverFactory.create()
        charge(driver, "TLC-1", "115.00", due_on=THURSDAY, effective_on=WEDNESDAY_AFTER)
        earn(driver, "CURB-1", "200.00")
        assert apply().applications == 0
        assert apply(as_of=NEXT_SATURDAY).amount == Decimal("115.00")
        assert_books_clean()

    def test_uses_what_a_credit_holds_now_and_dates_it_by_the_newest_day(self):
        """Earnings of 300.00, of which 120.00 were paid out on the Monday after: 180.00 are used, as of that Monday."""
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "300.00")
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("120.00"), method="CASH", effective_on=MONDAY_AFTER)
        charge(driver, "PVB-1", "500.00")
        apply()
        assert list_applications() == [("PVB-1", "180.00", MONDAY_AFTER)]
        assert_never_below_zero()
        assert_books_clean()

    def test_money_given_back_after_the_saturday_is_not_used_before_it_was_there(self):
        """200.00 of earnings had paid a toll and are free since Monday: on the Saturday there was nothing to use."""
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "200.00", effective_on=THURSDAY)
        toll = charge(driver, "EZPASS-1", "200.00", due_on=THURSDAY, effective_on=THURSDAY)
        apply(as_of=THURSDAY)
        ledger.void_posting(posting_id=toll.pk, reason="Another cab's", actor=None, effective_on=MONDAY_AFTER)
        charge(driver, "PVB-1", "150.00")
        apply()
        assert list_applications()[-1] == ("PVB-1", "150.00", MONDAY_AFTER)
        assert_never_below_zero()
        assert_books_clean()

    def test_a_debt_that_was_owed_again_after_the_saturday(self):
        """A fine paid by a check on Thursday, which came back on Wednesday: it is owed since, and paid as of then."""
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00", due_on=THURSDAY, effective_on=THURSDAY)
        check = ledger.apply_interim_payment(
            payment_amount=Decimal("100.00"),
            allocations={fine.reference_id: Decimal("100.00")},
            driver_id=driver.pk,
            payment_method="CHECK",
            instrument_number="555",
            effective_on=THURSDAY,
        )
        ledger.void_payment(payment_id=check.pk, reason="Came back", actor=None, effective_on=WEDNESDAY_AFTER)
        earn(driver, "CURB-1", "100.00")
        apply()
        assert list_applications() == [("PVB-1", "100.00", WEDNESDAY_AFTER)]
        assert_never_below_zero()
        assert_books_clean()

    def test_what_did_not_move_since_is_dated_on_the_saturday(self):
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "50.00")
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("10.00"), method="CASH", effective_on=MONDAY_AFTER)
        earn(driver, "CURB-2", "60.00")
        charge(driver, "EZPASS-1", "40.00")
        charge(driver, "PVB-1", "60.00")
        apply()
        assert list_applications() == [("EZPASS-1", "40.00", MONDAY_AFTER), ("PVB-1", "60.00", SATURDAY)]
        assert_never_below_zero()

    def test_a_late_run_is_judged_by_what_it_could_see(self):
        """A tax due on the Sunday after had no part in the run of the Saturday, though that is dated on the Monday."""
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "50.00")
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("10.00"), method="CASH", effective_on=MONDAY_AFTER)
        charge(driver, "TAXES-1", "30.00", due_on=SATURDAY + timedelta(days=1))
        charge(driver, "PVB-1", "60.00")
        apply()
        assert list_applications() == [("PVB-1", "40.00", MONDAY_AFTER)]
        assert balances_of(driver)["TAXES-1"] == ("30.00", "OPEN")
        assert_books_clean()


class TestReplay:
    def test_a_second_late_run_applies_nothing(self):
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "300.00")
        charge(driver, "PVB-1", "500.00")
        apply()
        assert apply().applications == 0


class TestAudit:
    audit_name = "ledger.late_days"

    def test_names_an_application_dated_before_its_money_was_there(self):
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "300.00")
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("120.00"), method="CASH", effective_on=MONDAY_AFTER)
        charge(driver, "PVB-1", "500.00")
        apply()
        application = LedgerPosting.objects.get(kind="APPLICATION")
        tamper(
            "ledger_postings", "UPDATE ledger_postings SET effective_on = %s WHERE id = %s", SATURDAY, application.pk
        )
        assert findings_of(self.audit_name) == [
            f"Application {application.pk} of 180.00 on PVB-1 is effective Nov 21, 2026, and one of its balances had "
            "moved on Nov 23, 2026."
        ]


def test_an_order_that_came_into_force_before_the_day_a_late_run_dates_by():
    """The close of Saturday follows that Saturday's order, though a new one holds on the Monday it is dated on."""
    driver = DriverFactory.create()
    earn(driver, "CURB-1", "300.00")
    ledger.pay_out(driver_id=driver.pk, amount=Decimal("200.00"), method="CASH", effective_on=MONDAY_AFTER)
    charge(driver, "TAXES-1", "100.00")
    charge(driver, "REPAIR-1", "100.00")
    ledger.set_waterfall_order(
        effective_on=SATURDAY + timedelta(days=1), categories=REPAIRS_FIRST, today=SATURDAY + timedelta(days=1)
    )
    apply()
    assert list_applications() == [("TAXES-1", "100.00", MONDAY_AFTER)]
    assert_books_clean()
