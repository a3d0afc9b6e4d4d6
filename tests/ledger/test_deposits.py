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
    return ledger.release_deposit(posting_ids=[deposit.pk], amount=amount and Decimal(amount), **given)


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

    def test_pays_what_is_open_due_or_not(self, driver, deposit):
        charge(driver, "MISC-1", "100.00", due_on=SATURDAY)
        assert lines(settle(deposit, as_of=THURSDAY)) == [("APPLICATION", "MISC-1", "100.00")]

    def test_pays_only_on_its_lease_or_on_none(self, driver, lease, deposit):
        other_lease = LeaseFactory.create(primary_driver=driver)
        charge(driver, "LEASE-1", "100.00", lease_id=lease.pk)
        charge(driver, "LEASE-2", "100.00", lease_id=other_lease.pk)
        charge(driver, "MISC-1", "100.00")
        assert lines(settle(deposit)) == [("APPLICATION", "LEASE-1", "100.00"), ("APPLICATION", "MISC-1", "100.00")]
        assert_books_clean()

    def test_leaves_what_is_on_no_lease_where_told_so(self, driver, lease, deposit):
        charge(driver, "LEASE-1", "100.00", lease_id=lease.pk)
        charge(driver, "MISC-1", "100.00")
        assert lines(settle(deposit, without_lease=False)) == [("APPLICATION", "LEASE-1", "100.00")]

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


class TestApplyCreditsToLease:
    def use(self, driver, lease, **facts):
        given = {"as_of": THURSDAY, "reason": "Lease ended", **facts}
        return ledger.apply_credits_to_lease(driver_id=driver.pk, lease_id=lease.pk, **given)

    def test_own_credits_pay_what_is_open_on_the_lease_due_or_not(self, driver, lease, deposit):
        other_lease = LeaseFactory.create(primary_driver=driver)
        earn(driver, "CURB-1", "60.00", effective_on=WEDNESDAY)
        earn(driver, "CURB-2", "60.00", effective_on=WEDNESDAY)
        earn(driver, "CURB-3", "60.00", effective_on=SATURDAY)
        charge(driver, "LEASE-1", "100.00", lease_id=lease.pk, due_on=SATURDAY)
        charge(driver, "LEASE-2", "100.00", lease_id=other_lease.pk)
        assert lines(self.use(driver, lease)) == [
            ("APPLICATION", "LEASE-1", "60.00"),
            ("APPLICATION", "LEASE-1", "40.00"),
        ]
        assert balances_of(driver)["CURB-2"] == ("20.00", "OPEN")
        assert balances_of(driver)["DEPOSIT-000001"] == ("500.00", "OPEN")
        assert_books_clean()

    def test_a_replay_applies_nothing(self, driver, lease):
        earn(driver, "CURB-1", "60.00", effective_on=WEDNESDAY)
        charge(driver, "LEASE-1", "100.00", lease_id=lease.pk)
        self.use(driver, lease)
        with writes():
            assert self.use(driver, lease) == []

    def test_refuses_who_is_nobody_and_needs_a_reason(self, driver, lease):
        with refused(ledger.DriverNotFound):
            ledger.apply_credits_to_lease(driver_id=UNKNOWN, lease_id=lease.pk, as_of=THURSDAY, reason="Over")
        with refused(ledger.ReasonRequired, field="reason"):
            self.use(driver, lease, reason=" ")

    def test_locks_the_driver_first(self, driver, lease):
        earn(driver, "CURB-1", "60.00", effective_on=WEDNESDAY)
        charge(driver, "LEASE-1", "100.00", lease_id=lease.pk)
        assert_locks_first(lambda: self.use(driver, lease))


class TestReleaseDeposit:
    def test_two_installments_are_one_payout_the_oldest_first(self, driver, lease, deposit):
        second = hold_deposit(driver, lease.pk, "150.00")
        with writes(postings=2, payouts=1):
            payout = ledger.release_deposit(
                posting_ids=[second.pk, deposit.pk], amount=Decimal("576.80"), method="CASH", effective_on=THURSDAY
            )
        assert lines(payout.postings.all()) == [
            ("PAYOUT", "DEPOSIT-000001", "500.00"),
            ("PAYOUT", "DEPOSIT-000002", "76.80"),
        ]
        assert payout.lease == lease
        assert_books_clean()

    def test_refuses_deposits_of_two_leases_and_none_at_all(self, driver, deposit):
        other = hold_deposit(driver, LeaseFactory.create(primary_driver=driver).pk, "150.00")
        for posting_ids in ([deposit.pk, other.pk], []):
            with refused(ledger.ValueInvalid, field="posting_ids"):
                ledger.release_deposit(posting_ids=posting_ids, method="CASH", effective_on=THURSDAY)

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
            ledger.release_deposit(posting_ids=[UNKNOWN], method="CASH", effective_on=THURSDAY)

    def test_locks_the_driver_first(self, deposit):
        assert_locks_first(lambda: release(deposit))


class TestNothingElseTouchesADeposit:
    def test_neither_the_waterfall_nor_a_payout_uses_a_deposit(self, driver, deposit):
        charge(driver, "MISC-1", "100.00")
        with writes():
            assert apply().applications == 0
        with refused(ledger.ExceedsNetDue):
            pay_out(driver, "0.01")
