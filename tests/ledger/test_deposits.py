"""The only two ways out of a deposit: it pays what its driver owes, or it is given back."""

from decimal import Decimal

import pytest

from ledger import services as ledger
from tests.books import assert_books_clean
from tests.factories import LeaseFactory, UserFactory
from tests.ledger.proofs import (
    SATURDAY,
    THURSDAY,
    UNKNOWN,
    WEDNESDAY,
    apply,
    assert_locks_first,
    balances_of,
    charge,
    earn,
    hold_deposit,
    lines,
    pay_out,
    writes,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return LeaseFactory.create()


@pytest.fixture
def driver(lease):
    return lease.primary_driver


@pytest.fixture
def deposit(driver, lease):
    """The posting that holds a deposit of 500.00."""
    return hold_deposit(driver, lease.pk, "500.00")


def settle(deposit, **facts):
    given = {"as_of": SATURDAY, "reason": "Lease ended", "actor": None, **facts}
    return ledger.apply_deposit(posting_id=deposit.pk, **given)


def release(deposit, amount=None, **facts):
    given = {"method": "CASH", "effective_on": THURSDAY, "actor": None, **facts}
    return ledger.release_deposit(posting_id=deposit.pk, amount=amount and Decimal(amount), **given)


class TestApplyDeposit:
    def test_pays_by_the_waterfall(self, driver, deposit):
        charge(driver, "PVB-1", "115.00")
        charge(driver, "LEASE-1", "450.00")
        charge(driver, "EZPASS-1", "20.00")
        clerk = UserFactory.create()
        with writes(postings=3):
            applications = settle(deposit, actor=clerk)
        assert lines(applications) == [
            ("APPLICATION", "EZPASS-1", "20.00"),
            ("APPLICATION", "LEASE-1", "450.00"),
            ("APPLICATION", "PVB-1", "30.00"),
        ]
        assert {(line.funding_id, line.effective_on, line.reason, line.posted_by) for line in applications} == {
            (deposit.pk, SATURDAY, "Lease ended", clerk)
        }
        assert balances_of(driver) == {
            "DEPOSIT-000001": ("0.00", "SETTLED"),
            "PVB-1": ("85.00", "OPEN"),
            "LEASE-1": ("0.00", "SETTLED"),
            "EZPASS-1": ("0.00", "SETTLED"),
        }
        assert_books_clean()

    def test_pays_only_what_is_due(self, driver, deposit):
        charge(driver, "MISC-1", "100.00", due_on=SATURDAY)
        with writes():
            assert settle(deposit, as_of=THURSDAY) == []
        assert balances_of(driver)["DEPOSIT-000001"] == ("500.00", "OPEN")

    def test_leaves_other_credits_alone(self, driver, deposit):
        earn(driver, "CURB-1", "100.00", effective_on=WEDNESDAY)
        charge(driver, "MISC-1", "100.00")
        settle(deposit)
        assert balances_of(driver) == {
            "DEPOSIT-000001": ("400.00", "OPEN"),
            "CURB-1": ("100.00", "OPEN"),
            "MISC-1": ("0.00", "SETTLED"),
        }
        assert_books_clean()

    def test_a_replay_applies_nothing(self, driver, deposit):
        charge(driver, "MISC-1", "100.00")
        settle(deposit)
        with writes():
            assert settle(deposit) == []

    def test_refuses_what_is_no_deposit(self, driver, deposit):
        earnings, fine = earn(driver), charge(driver, "PVB-1")
        for other in (earnings, fine):
            with refused(ledger.NotADeposit, code="not_a_deposit"):
                settle(other)
        with refused(ledger.PostingNotFound, code="posting_not_found"):
            ledger.apply_deposit(posting_id=UNKNOWN, as_of=SATURDAY, reason="Lease ended")

    def test_a_voided_deposit_pays_nothing(self, driver, deposit):
        charge(driver, "MISC-1", "100.00")
        ledger.void_posting(posting_id=deposit.pk, reason="Counterfeit", actor=None, effective_on=THURSDAY)
        with writes():
            assert settle(deposit) == []

    def test_needs_a_reason(self, deposit):
        with refused(ledger.ReasonRequired, field="reason"):
            settle(deposit, reason=" ")

    def test_locks_the_driver_first(self, driver, deposit):
        charge(driver, "MISC-1", "100.00")
        assert_locks_first(lambda: settle(deposit))


class TestReleaseDeposit:
    def test_gives_back_what_remains(self, driver, deposit):
        charge(driver, "MISC-1", "120.00")
        settle(deposit)
        cashier = UserFactory.create()
        with writes(postings=1, payouts=1):
            payout = release(deposit, method="CHECK", instrument_number="1001", actor=cashier)
        assert (payout.reference_id, str(payout.amount), payout.method) == ("OUT-000001", "380.00", "CHECK")
        assert (payout.driver, payout.paid_on, payout.paid_by) == (driver, THURSDAY, cashier)
        assert lines(payout.postings.all()) == [("PAYOUT", "DEPOSIT-000001", "380.00")]
        assert balances_of(driver)["DEPOSIT-000001"] == ("0.00", "SETTLED")
        assert_books_clean()

    def test_gives_back_a_part(self, driver, deposit):
        release(deposit, "200.00")
        assert balances_of(driver)["DEPOSIT-000001"] == ("300.00", "OPEN")

    def test_can_be_voided(self, driver, deposit):
        payout = release(deposit, "200.00")
        ledger.void_payout(payout_id=payout.pk, reason="Never fetched", actor=None, effective_on=THURSDAY)
        assert balances_of(driver)["DEPOSIT-000001"] == ("500.00", "OPEN")
        assert_books_clean()

    def test_a_released_deposit_can_not_be_voided(self, deposit):
        release(deposit, "200.00")
        with refused(ledger.CreditPaidOut):
            ledger.void_posting(
                posting_id=deposit.pk, reason="Counterfeit", actor=None, cascade=True, effective_on=THURSDAY
            )

    def test_refuses_more_than_what_remains(self, deposit):
        with refused(ledger.OverAllocation, field="amount") as refusal:
            release(deposit, "500.01")
        assert refusal.value.facts == {"remaining": "500.00"}

    def test_a_replay_of_the_whole_is_refused(self, deposit):
        release(deposit)
        for amount in (None, "1.00"):
            with refused(ledger.OverAllocation, field="amount"):
                release(deposit, amount)

    def test_refuses_what_is_no_deposit(self, driver, deposit):
        earnings = earn(driver)
        with refused(ledger.NotADeposit):
            release(earnings)
        with refused(ledger.PostingNotFound):
            ledger.release_deposit(posting_id=UNKNOWN, method="CASH", effective_on=THURSDAY)

    def test_locks_the_driver_first(self, deposit):
        assert_locks_first(lambda: release(deposit))


class TestNothingElseTouchesADeposit:
    def test_neither_the_waterfall_nor_a_payout_uses_a_deposit(self, driver, deposit):
        charge(driver, "MISC-1", "100.00")
        with writes():
            assert apply().applications == 0
        with refused(ledger.ExceedsNetDue):
            pay_out(driver, "0.01")
