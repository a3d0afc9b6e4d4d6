"""Undoing a whole counter payment, a bounced check included."""

from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.proofs import (
    SATURDAY,
    THURSDAY,
    UNKNOWN,
    WEDNESDAY,
    apply,
    assert_locks_first,
    balances_of,
    charge,
    lines,
    pay,
    pay_out,
    writes,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def void_payment(payment, **facts):
    given = {"reason": "Check returned", "actor": None, "effective_on": SATURDAY, **facts}
    if given.get("returned_item"):
        given.setdefault("was_at_bank", True)
    return ledger.void_payment(payment_id=payment.pk, **given)


class TestVoidPayment:
    def test_what_it_paid_is_owed_again(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "60.00")
        charge(driver, "MISC-2", "40.00")
        payment = pay(driver, "120.00", {"MISC-1": "60.00", "MISC-2": "30.00"})
        with writes(postings=3):
            opposites = void_payment(payment)
        assert lines(opposites) == [
            ("VOID", "MISC-2", "30.00"),
            ("VOID", "MISC-1", "60.00"),
            ("VOID", "PAY-000001", "120.00"),
        ]
        assert {opposite.payment_id for opposite in opposites} == {payment.pk}
        assert balances_of(driver) == {
            "MISC-1": ("60.00", "OPEN"),
            "MISC-2": ("40.00", "OPEN"),
            "PAY-000001": ("0.00", "VOIDED"),
        }
        assert_books_clean()

    def test_lines_voided_before_are_skipped(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "60.00")
        charge(driver, "MISC-2", "40.00")
        payment = pay(driver, "100.00", {"MISC-1": "60.00", "MISC-2": "40.00"})
        line = payment.postings.get(kind="ALLOCATION", reference_id="MISC-1")
        ledger.void_posting(posting_id=line.pk, reason="Wrong line", actor=None, effective_on=THURSDAY)
        with writes(postings=2):
            opposites = void_payment(payment)
        assert lines(opposites) == [("VOID", "MISC-2", "40.00"), ("VOID", "PAY-000001", "100.00")]
        assert_books_clean()

    def test_a_deposit_goes_with_it(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        payment = pay(driver, "600.00", deposit=Decimal(500), lease_id=lease.pk)
        with writes(postings=2):
            void_payment(payment)
        assert balances_of(driver) == {"PAY-000001": ("0.00", "VOIDED"), "DEPOSIT-000001": ("0.00", "VOIDED")}
        assert_books_clean()

    def test_what_the_waterfall_used_needs_a_cascade(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "60.00")
        charge(driver, "MISC-2", "30.00")
        payment = pay(driver, "100.00", {"MISC-1": "60.00"})
        apply()
        with refused(ledger.CreditInUse) as refusal:
            void_payment(payment)
        # What the payer named is part of the payment, and no use of it.
        assert [(use["kind"], use["reference_id"]) for use in refusal.value.facts["uses"]] == [
            ("APPLICATION", "MISC-2")
        ]
        with writes(postings=3):
            void_payment(payment, cascade=True)
        assert balances_of(driver) == {
            "MISC-1": ("60.00", "OPEN"),
            "MISC-2": ("30.00", "OPEN"),
            "PAY-000001": ("0.00", "VOIDED"),
        }
        assert_books_clean()

    def test_a_second_void_is_refused(self):
        payment = pay(DriverFactory.create(), payment_method="CHECK", instrument_number="7")
        void_payment(payment)
        for returned_item in (False, True):
            with refused(ledger.AlreadyVoided, code="already_voided"):
                void_payment(payment, returned_item=returned_item)

    def test_the_credit_voided_by_itself_is_the_payment_voided(self):
        payment = pay(DriverFactory.create())
        ledger.void_posting(
            posting_id=payment.postings.get().pk, reason="Counterfeit", actor=None, effective_on=THURSDAY
        )
        with refused(ledger.AlreadyVoided):
            void_payment(payment)

    def test_refuses_an_unknown_payment_and_no_reason(self):
        payment = pay(DriverFactory.create())
        with refused(ledger.PaymentNotFound, code="payment_not_found"):
            ledger.void_payment(payment_id=UNKNOWN, reason="Check returned", actor=None, effective_on=THURSDAY)
        with refused(ledger.ReasonRequired, field="reason"):
            void_payment(payment, reason=" ")

    def test_locks_the_driver_first(self):
        driver = DriverFactory.create()
        payment = pay(driver)
        assert_locks_first(lambda: void_payment(payment))


class TestReturnedItem:
    @pytest.fixture
    def driver(self):
        return DriverFactory.create()

    @pytest.fixture
    def payment(self, driver):
        """A check of 300.00: 100.00 on a charge, 120.00 paid out, 80.00 left on it."""
        charge(driver, "MISC-1", "100.00")
        payment = pay(driver, "300.00", {"MISC-1": "100.00"}, payment_method="CHECK", instrument_number="7")
        pay_out(driver, "120.00", effective_on=WEDNESDAY)
        return payment

    def test_paid_out_money_is_refused_without_it(self, payment):
        for cascade in (False, True):
            with refused(ledger.CreditPaidOut, code="credit_paid_out"):
                void_payment(payment, cascade=cascade)

    def test_what_has_left_becomes_a_recovery(self, driver, payment):
        with writes(postings=3, balances=1):
            written = void_payment(payment, returned_item=True)
        assert lines(written) == [
            ("VOID", "MISC-1", "100.00"),
            ("OBLIGATION", "RETURNED-PAY-000001", "300.00"),
            ("APPLICATION", "RETURNED-PAY-000001", "180.00"),
        ]
        assert balances_of(driver) == {
            "MISC-1": ("100.00", "OPEN"),
            "PAY-000001": ("0.00", "SETTLED"),
            "RETURNED-PAY-000001": ("120.00", "OPEN"),
        }
        recovery = LedgerPosting.objects.get(kind="OBLIGATION", reference_id="RETURNED-PAY-000001")
        assert (recovery.category, recovery.due_on, recovery.effective_on) == ("RECOVERY", SATURDAY, SATURDAY)
        assert_books_clean()

    def test_all_of_it_had_left(self, driver):
        payment = pay(driver, "300.00", payment_method="CHECK", instrument_number="7")
        pay_out(driver, "300.00")
        with writes(postings=1, balances=1):
            void_payment(payment, returned_item=True)
        assert balances_of(driver)["RETURNED-PAY-000001"] == ("300.00", "OPEN")
        assert_books_clean()

    def test_nothing_of_it_had_left(self, driver):
        payment = pay(driver, "300.00", payment_method="CHECK", instrument_number="7")
        with writes(postings=1):
            void_payment(payment, returned_item=True)
        assert balances_of(driver) == {"PAY-000001": ("0.00", "VOIDED")}

    def test_a_deposit_of_the_same_check_is_voided(self, driver):
        lease = LeaseFactory.create(primary_driver=driver)
        payment = pay(
            driver, "300.00", deposit=Decimal(200), lease_id=lease.pk, payment_method="CHECK", instrument_number="7"
        )
        pay_out(driver, "30.00")
        void_payment(payment, returned_item=True)
        assert balances_of(driver) == {
            "PAY-000001": ("0.00", "SETTLED"),
            "DEPOSIT-000001": ("0.00", "VOIDED"),
            "RETURNED-PAY-000001": ("30.00", "OPEN"),
        }
        assert_books_clean()

    def test_what_the_waterfall_used_needs_a_cascade(self, driver, payment):
        charge(driver, "TLC-1", "50.00")
        apply()
        with refused(ledger.CreditInUse) as refusal:
            void_payment(payment, returned_item=True)
        assert [use["reference_id"] for use in refusal.value.facts["uses"]] == ["TLC-1"]
        void_payment(payment, returned_item=True, cascade=True)
        assert balances_of(driver) == {
            "MISC-1": ("100.00", "OPEN"),
            "PAY-000001": ("0.00", "SETTLED"),
            "TLC-1": ("50.00", "OPEN"),
            "RETURNED-PAY-000001": ("120.00", "OPEN"),
        }
        assert_books_clean()

    def test_a_second_return_is_refused(self, driver, payment):
        void_payment(payment, returned_item=True)
        with refused(ledger.AlreadyVoided):
            void_payment(payment, returned_item=True)

    def test_a_return_undone_may_happen_again(self, driver, payment):
        """The bank honors the check after all: the recovery is voided, what it was paid with is the driver's again."""
        void_payment(payment, returned_item=True)
        recovery = LedgerPosting.objects.get(kind="OBLIGATION", reference_id="RETURNED-PAY-000001")
        ledger.void_posting(posting_id=recovery.pk, reason="Honored after all", actor=None, effective_on=SATURDAY)
        assert balances_of(driver) == {
            "MISC-1": ("100.00", "OPEN"),
            "PAY-000001": ("180.00", "OPEN"),
            "RETURNED-PAY-000001": ("0.00", "VOIDED"),
        }
        void_payment(payment, returned_item=True)
        assert balances_of(driver)["RETURNED-PAY-000001"] == ("120.00", "OPEN")
        assert_books_clean()

    def test_locks_the_driver_first(self, payment):
        assert_locks_first(lambda: void_payment(payment, returned_item=True))


class TestPreviewVoidPayment:
    def test_says_what_would_happen_and_writes_nothing(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "60.00")
        payment = pay(driver, "100.00", {"MISC-1": "60.00"})
        with writes():
            preview = ledger.preview_void_payment(payment_id=payment.pk, effective_on=THURSDAY)
        assert preview.steps == [
            "$60.00 paid on MISC-1 is undone; the money returns to PAY-000001.",
            "Payment PAY-000001 of $100.00 is voided.",
        ]
        assert preview.net_position_change == Decimal("100.00")

    def test_tells_of_the_recovery(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "100.00")
        payment = pay(driver, "300.00", {"MISC-1": "100.00"}, payment_method="CHECK", instrument_number="7")
        pay_out(driver, "120.00")
        with writes():
            preview = ledger.preview_void_payment(
                payment_id=payment.pk, returned_item=True, was_at_bank=True, effective_on=THURSDAY
            )
        assert preview.steps[-1] == (
            "RETURNED-PAY-000001: a recovery of $300.00 is charged, of which $180.00 is paid at once by what is left "
            "of the payment; $120.00 has left to the driver and stays owed."
        )
        # Before: 80.00 held. After: 100.00 and 120.00 owed.
        assert preview.net_position_change == Decimal("300.00")

    def test_refuses_what_the_void_would(self):
        driver = DriverFactory.create()
        payment = pay(driver)
        pay_out(driver, "10.00")
        with refused(ledger.CreditPaidOut):
            ledger.preview_void_payment(payment_id=payment.pk, effective_on=THURSDAY)
        with refused(ledger.PaymentNotFound):
            ledger.preview_void_payment(payment_id=UNKNOWN, effective_on=THURSDAY)
