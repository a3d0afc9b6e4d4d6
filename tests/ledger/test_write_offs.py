"""Forgiving what a driver owes."""

from decimal import Decimal

import pytest

from ledger import services as ledger
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.proofs import THURSDAY, UNKNOWN, assert_locks_first, balances_of, charge, earn, pay, writes
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def write_off(posting, amount=None, **facts):
    given = {"reason": "Hardship", "actor": None, "effective_on": THURSDAY, **facts}
    return ledger.write_off_obligation(posting_id=posting.pk, amount=amount and Decimal(amount), **given)


class TestWriteOffObligation:
    def test_forgives_all_that_remains(self):
        lease, supervisor = LeaseFactory.create(), UserFactory.create()
        driver = lease.primary_driver
        fine = charge(driver, "PVB-1", "100.00", lease_id=lease.pk, vehicle_id=lease.vehicle_id)
        pay(driver, "30.00", {"PVB-1": "30.00"})
        with writes(postings=1):
            posting = write_off(fine, actor=supervisor, reason=" Hardship ")
        posting.refresh_from_db()
        assert (posting.kind, posting.entry_type, str(posting.amount)) == ("WRITE_OFF", "CREDIT", "70.00")
        assert (posting.balance_id, posting.funding_id, posting.category) == (fine.pk, None, "PVB")
        assert (posting.lease_id, posting.vehicle_id) == (lease.pk, lease.vehicle_id)
        assert (posting.reason, posting.effective_on, posting.posted_by) == ("Hardship", THURSDAY, supervisor)
        assert balances_of(driver) == {"PVB-1": ("0.00", "SETTLED"), "PAY-000001": ("0.00", "SETTLED")}
        assert_books_clean()

    def test_forgives_a_part(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        write_off(fine, "40.00")
        assert balances_of(driver) == {"PVB-1": ("60.00", "OPEN")}
        write_off(fine, "60.00")
        assert balances_of(driver) == {"PVB-1": ("0.00", "SETTLED")}
        assert_books_clean()

    def test_a_replay_of_the_whole_is_refused(self):
        fine = charge(DriverFactory.create())
        write_off(fine)
        with refused(ledger.ObligationClosed, code="obligation_closed"):
            write_off(fine)

    def test_refuses_more_than_what_remains(self):
        fine = charge(DriverFactory.create(), amount="100.00")
        with refused(ledger.OverAllocation, code="over_allocation", field="amount") as refusal:
            write_off(fine, "100.01")
        assert refusal.value.facts == {"remaining": "100.00"}

    def test_refuses_a_voided_charge(self):
        fine = charge(DriverFactory.create())
        ledger.void_posting(posting_id=fine.pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        with refused(ledger.ObligationClosed):
            write_off(fine)

    def test_refuses_what_is_no_charge(self):
        driver = DriverFactory.create()
        charge(driver, "PVB-1", "100.00")
        payment = pay(driver, "100.00", {"PVB-1": "30.00"})
        allocation = payment.postings.get(kind="ALLOCATION")
        for other in (earn(driver), allocation):
            with refused(ledger.NotAnObligation, code="not_an_obligation"):
                write_off(other)

    def test_refuses_an_unknown_posting_and_no_reason(self):
        fine = charge(DriverFactory.create())
        with refused(ledger.PostingNotFound):
            ledger.write_off_obligation(posting_id=UNKNOWN, reason="Hardship", actor=None, effective_on=THURSDAY)
        with refused(ledger.ReasonRequired, field="reason"):
            write_off(fine, reason="\n")

    def test_locks_the_driver_first(self):
        fine = charge(DriverFactory.create())
        assert_locks_first(lambda: write_off(fine))
