"""No service posts on a lease that is not the driver's."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ledger import services as ledger
from ledger.models import InterimPayment, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory
from tests.ledger.api.client import EVERYTHING, client_with, count_written, pay, problem_of
from tests.ledger.hostile import findings_of, tamper
from tests.refusals import refused

pytestmark = pytest.mark.django_db

SATURDAY = date(2026, 11, 21)
REFUSED: dict[str, Any] = {"code": "lease_not_the_drivers", "field": "lease"}


@pytest.fixture
def driver():
    return DriverFactory.create()


@pytest.fixture
def lease():
    return LeaseFactory.create()


def opening(driver, lease, category: str = "MISC", reference_id: str = "MISC-1") -> dict[str, Any]:
    return {
        "category": category,
        "amount": Decimal("50.00"),
        "reference_id": reference_id,
        "driver_id": driver.pk,
        "lease_id": lease.pk,
        "effective_on": SATURDAY,
    }


def receive(driver, lease, **facts: Any) -> InterimPayment:
    return ledger.apply_interim_payment(
        payment_amount=Decimal("400.00"), allocations={}, driver_id=driver.pk, lease_id=lease.pk,
        payment_method="CASH", effective_on=SATURDAY, **facts,
    )  # fmt: skip


class TestEveryService:
    def test_a_charge(self, driver, lease):
        with refused(ledger.LeaseNotTheDrivers, **REFUSED):
            ledger.create_obligation(**opening(driver, lease))

    def test_many_charges_for_one_of_them(self, driver, lease):
        own = opening(lease.primary_driver, lease, reference_id="MISC-2")
        with refused(ledger.LeaseNotTheDrivers, **REFUSED):
            ledger.create_obligations([ledger.Opening(**own), ledger.Opening(**opening(driver, lease))])

    def test_a_credit_memo(self, driver, lease):
        with refused(ledger.LeaseNotTheDrivers, **REFUSED):
            ledger.credit_driver(**opening(driver, lease), reason="Goodwill")

    def test_many_credit_memos(self, driver, lease):
        with refused(ledger.LeaseNotTheDrivers, **REFUSED):
            ledger.credit_drivers([ledger.Opening(**opening(driver, lease), reason="Goodwill")])

    def test_card_earnings(self, driver, lease):
        facts = opening(driver, lease, reference_id="CURB-1")
        del facts["category"]
        with refused(ledger.LeaseNotTheDrivers, **REFUSED):
            ledger.post_earnings(**facts)
        with refused(ledger.LeaseNotTheDrivers, **REFUSED):
            ledger.post_earnings_batch([ledger.Opening(**facts, category="EARNINGS")])

    @pytest.mark.parametrize("deposit", ["0.00", "400.00", "100.00"])
    def test_a_payment_and_its_deposit(self, driver, lease, deposit):
        """Driver 1 with the lease of driver 2: it was received, and settling it paid driver 1."""
        with refused(ledger.LeaseNotTheDrivers, **REFUSED):
            receive(driver, lease, deposit=Decimal(deposit))
        assert not InterimPayment.objects.exists()


def test_a_further_driver_is_on_the_lease_whatever_the_day(driver, lease):
    LeaseDriverFactory.create(lease=lease, driver=driver, start_on=date(2026, 3, 1), end_on=date(2026, 3, 1))
    ledger.create_obligation(**opening(driver, lease))
    receive(driver, lease, deposit=Decimal("100.00"))
    assert LedgerPosting.objects.filter(driver=driver, lease=lease).count() == 3
    assert_books_clean()


def test_a_program_is_answered_by_code_and_nothing_is_kept(driver, lease):
    client = client_with(*EVERYTHING)
    before = count_written()
    body = {"driver_id": driver.pk, "lease_id": lease.pk, "payment_amount": "400.00", "payment_method": "CASH"}
    answer = pay(client, {**body, "deposit": "400.00"})
    assert problem_of(answer) == (409, "lease_not_the_drivers")
    assert count_written() == before
    assert pay(client, {**body, "driver_id": lease.primary_driver_id}, key="key-2").status_code == 201


class TestAudit:
    def test_names_a_posting_and_a_payment_on_anothers_lease(self, driver, lease):
        other = LeaseFactory.create()
        payment = receive(lease.primary_driver, lease)
        posting = payment.postings.get()
        tamper("ledger_postings", "UPDATE ledger_postings SET lease_id = %s WHERE id = %s", other.pk, posting.pk)
        tamper("ledger_payments", "UPDATE ledger_payments SET lease_id = %s WHERE id = %s", other.pk, payment.pk)
        of_driver = f"of driver {lease.primary_driver_id} names lease {other.pk}, on which the driver never was."
        assert findings_of("ledger.leases") == [
            f"Posting {posting.pk} {of_driver}",
            f"Payment {payment.pk} {of_driver}",
        ]

    def test_lets_be_who_was_taken_off_a_lease_that_ended_early(self, driver, lease):
        further = LeaseDriverFactory.create(lease=lease, driver=driver)
        ledger.create_obligation(**opening(driver, lease))
        further.delete()
        assert_books_clean()
