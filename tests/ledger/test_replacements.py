"""A charge corrected: voided and posted anew, and what had paid it pays the new one first."""

from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.proofs import (
    SATURDAY,
    THURSDAY,
    UNKNOWN,
    apply,
    assert_locks_first,
    balances_of,
    charge,
    earn,
    lines,
    pay,
    writes,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def replace(posting, amount, **facts):
    given = {"reason": "The fine was reduced", "actor": None, "effective_on": THURSDAY, **facts}
    return ledger.replace_obligation(posting_id=posting.pk, amount=Decimal(amount), **given)


def written_after(posting):
    return lines(LedgerPosting.objects.filter(pk__gt=posting.pk))


class TestReplaceObligation:
    def test_keeps_all_but_the_amount(self):
        lease, supervisor = LeaseFactory.create(), UserFactory.create()
        driver = lease.primary_driver
        fine = charge(driver, "PVB-1", "115.00", lease_id=lease.pk, vehicle_id=lease.vehicle_id, due_on=SATURDAY)
        with writes(postings=2, balances=1):
            replacement = replace(fine, "65.00", actor=supervisor)
        replacement.refresh_from_db()
        kept = ["kind", "entry_type", "category", "reference_id", "driver", "lease", "vehicle", "due_on"]
        assert [getattr(replacement, name) for name in kept] == [getattr(fine, name) for name in kept]
        assert (str(replacement.amount), replacement.effective_on) == ("65.00", THURSDAY)
        assert replacement.posted_by == supervisor
        void = fine.reversals.get()
        assert (void.reason, void.effective_on, void.posted_by) == ("The fine was reduced", THURSDAY, supervisor)
        fine.opened.refresh_from_db()
        assert fine.opened.status == "VOIDED"
        assert balances_of(driver) == {"PVB-1": ("65.00", "OPEN")}
        assert_books_clean()

    def test_a_smaller_charge_frees_only_the_excess(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "115.00")
        earnings = earn(driver, "CURB-1", "100.00")
        apply()
        assert balances_of(driver) == {"PVB-1": ("15.00", "OPEN"), "CURB-1": ("0.00", "SETTLED")}
        with writes(postings=4, balances=1):
            replacement = replace(fine, "65.00")
        assert balances_of(driver) == {"CURB-1": ("35.00", "OPEN"), "PVB-1": ("0.00", "SETTLED")}
        moved = LedgerPosting.objects.get(kind="APPLICATION", balance=replacement.pk)
        assert (str(moved.amount), moved.funding_id, moved.effective_on) == ("65.00", earnings.pk, THURSDAY)
        assert_books_clean()

    def test_a_greater_charge_keeps_what_was_paid(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "65.00")
        earn(driver, "CURB-1", "100.00")
        apply()
        replace(fine, "115.00")
        # The 35.00 that were free stay free: the waterfall decides what they pay.
        assert balances_of(driver) == {"CURB-1": ("35.00", "OPEN"), "PVB-1": ("50.00", "OPEN")}
        assert_books_clean()

    def test_what_paid_first_pays_first(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        payment = pay(driver, "30.00", {"PVB-1": "30.00"})
        earn(driver, "CURB-1", "70.00")
        apply()
        with writes(postings=6, balances=1):
            replace(fine, "45.00")
        assert written_after(fine)[-6:] == [
            ("VOID", "PVB-1", "70.00"),
            ("VOID", "PVB-1", "30.00"),
            ("VOID", "PVB-1", "100.00"),
            ("OBLIGATION", "PVB-1", "45.00"),
            ("ALLOCATION", "PVB-1", "30.00"),
            ("APPLICATION", "PVB-1", "15.00"),
        ]
        assert balances_of(driver) == {
            "PAY-000001": ("0.00", "SETTLED"),
            "CURB-1": ("55.00", "OPEN"),
            "PVB-1": ("0.00", "SETTLED"),
        }
        # What the payer named is still part of their payment.
        ledger.void_payment(payment_id=payment.pk, reason="Counterfeit", actor=None, effective_on=THURSDAY)
        assert balances_of(driver)["PVB-1"] == ("30.00", "OPEN")
        assert_books_clean()

    def test_a_write_off_is_undone_and_not_repeated(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        pay(driver, "20.00", {"PVB-1": "20.00"})
        ledger.write_off_obligation(posting_id=fine.pk, reason="Hardship", actor=None, effective_on=THURSDAY)
        replace(fine, "60.00")
        assert balances_of(driver) == {"PAY-000001": ("0.00", "SETTLED"), "PVB-1": ("40.00", "OPEN")}
        assert LedgerPosting.objects.filter(kind="WRITE_OFF", reversals=None).count() == 0
        assert_books_clean()

    def test_money_moves_even_where_something_else_would_come_first(self):
        """The fine was paid; a toll, higher in the waterfall, came later. The fine's money stays with the fine."""
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        earn(driver, "CURB-1", "100.00")
        apply()
        charge(driver, "EZPASS-1", "30.00")
        replace(fine, "80.00")
        assert balances_of(driver) == {
            "CURB-1": ("20.00", "OPEN"),
            "EZPASS-1": ("30.00", "OPEN"),
            "PVB-1": ("0.00", "SETTLED"),
        }
        assert_books_clean()

    def test_a_replacement_can_be_replaced(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "100.00")
        pay(driver, "100.00", {"PVB-1": "100.00"})
        again = replace(replace(fine, "80.00"), "90.00")
        assert balances_of(driver) == {"PAY-000001": ("20.00", "OPEN"), "PVB-1": ("10.00", "OPEN")}
        assert again.opened.original_amount == Decimal("90.00")
        assert_books_clean()

    def test_a_replay_is_refused(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1", "115.00")
        replace(fine, "65.00")
        with refused(ledger.AlreadyVoided, code="already_voided"):
            replace(fine, "65.00")

    def test_refuses_the_same_amount(self):
        fine = charge(DriverFactory.create(), "PVB-1", "115.00")
        with refused(ledger.AmountInvalid, field="amount"):
            replace(fine, "115")

    def test_refuses_what_is_no_charge(self):
        driver = DriverFactory.create()
        earnings = earn(driver)
        charge(driver)
        apply()
        application = LedgerPosting.objects.get(kind="APPLICATION")
        for other in (earnings, application):
            with refused(ledger.ValueInvalid, field="posting_id"):
                replace(other, "1.00")

    def test_refuses_a_void(self):
        fine = charge(DriverFactory.create(), "PVB-1")
        [void] = ledger.void_posting(posting_id=fine.pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        with refused(ledger.ValueInvalid):
            replace(void, "1.00")

    def test_refuses_an_unknown_posting_and_no_reason(self):
        fine = charge(DriverFactory.create(), "PVB-1")
        with refused(ledger.PostingNotFound):
            ledger.replace_obligation(
                posting_id=UNKNOWN, amount=Decimal(1), reason="Mistake", actor=None, effective_on=THURSDAY
            )
        with refused(ledger.ReasonRequired, field="reason"):
            replace(fine, "1.00", reason=" \n")

    def test_locks_the_driver_first(self):
        driver = DriverFactory.create()
        fine = charge(driver, "PVB-1")
        earn(driver)
        apply()
        assert_locks_first(lambda: replace(fine, "65.00"))
