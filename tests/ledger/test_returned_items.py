"""What comes back, and what is won back: the transfers that mirror it."""

from datetime import date
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.categories import TransferKind
from ledger.models import Transfer
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.proofs import THURSDAY, pay
from tests.refusals import refused

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 11, 20)


def entries(**which):
    rows = Transfer.objects.filter(**which).order_by("pk")
    return [(row.kind, row.debit_id, row.credit_id, str(row.amount), row.reference_id) for row in rows]


def reverse(transfer, **facts):
    given = {"reason": "Wrong drawer", "effective_on": THURSDAY, "actor": None, **facts}
    return ledger.reverse_transfer(transfer_id=transfer.pk, **given)


class TestReturnedItems:
    """A check comes back: from the bank, or from the drawer; before its money left, or after."""

    @pytest.fixture
    def check(self):
        lease = LeaseFactory.create()
        return pay(
            lease.primary_driver,
            "600.00",
            payment_method="CHECK",
            instrument_number="555",
            deposit=Decimal("200.00"),
            lease_id=lease.pk,
        )

    def bank(self, check):
        ledger.record_bank_deposit(payment_ids=[check.pk], reference_id="DEP-1", effective_on=THURSDAY, actor=None)

    def void(self, check, **facts):
        given = {"reason": "Returned", "actor": None, "effective_on": FRIDAY, "returned_item": True, **facts}
        return ledger.void_payment(payment_id=check.pk, **given)

    def mirrored(self):
        return [(debit, credit, amount, name) for _, debit, credit, amount, name in entries(kind="RETURNED_ITEM")]

    def test_on_a_slip(self, check):
        self.bank(check)
        self.void(check)
        assert self.mirrored() == [
            ("1020", "1030", "200.00", "DEPOSIT-000001"),
            ("1020", "1030", "400.00", "PAY-000001"),
        ]
        assert_books_clean()

    def test_on_a_slip_voided_as_a_mistake(self, check):
        """Taken in again for the right driver, the check goes on another slip: once at the bank, as it is."""
        self.bank(check)
        self.void(check, returned_item=False)
        assert len(self.mirrored()) == 2
        again = pay(DriverFactory.create(), "600.00", payment_method="CHECK", instrument_number="555")
        ledger.record_bank_deposit(payment_ids=[again.pk], reference_id="DEP-2", effective_on=FRIDAY, actor=None)
        assert_books_clean()

    def test_on_no_slip_it_is_asked(self, check):
        with refused(ledger.ValueInvalid, field="was_at_bank"):
            self.void(check)
        self.void(check, was_at_bank=False)
        assert self.mirrored() == []
        with refused(ledger.CheckNotHeld):
            self.bank(check)
        assert_books_clean()

    def test_at_the_bank_without_a_slip_yet(self, check):
        self.void(check, was_at_bank=True)
        assert len(self.mirrored()) == 2
        self.bank(check)
        assert_books_clean()

    def test_nobody_says_what_the_slip_denies(self, check):
        self.bank(check)
        with refused(ledger.ValueInvalid, field="was_at_bank"):
            self.void(check, was_at_bank=False)

    def test_after_money_left_banked(self, check):
        self.bank(check)
        ledger.pay_out(driver_id=check.driver_id, amount=Decimal("100.00"), method="CASH", effective_on=THURSDAY)
        self.void(check)
        assert self.mirrored() == [
            ("1020", "1030", "200.00", "DEPOSIT-000001"),
            ("2300", "1030", "400.00", "RETURNED-PAY-000001"),
        ]
        assert_books_clean()

    def test_after_money_left_not_banked(self, check):
        ledger.pay_out(driver_id=check.driver_id, amount=Decimal("100.00"), method="CASH", effective_on=THURSDAY)
        self.void(check, was_at_bank=False)
        assert self.mirrored() == [("2300", "1020", "400.00", "RETURNED-PAY-000001")]
        with refused(ledger.CheckNotHeld):
            self.bank(check)
        assert_books_clean()

    def test_a_bank_payment_after_money_left(self):
        payment = pay(DriverFactory.create(), "300.00", payment_method="ACH")
        ledger.pay_out(driver_id=payment.driver_id, amount=Decimal("100.00"), method="CASH", effective_on=THURSDAY)
        self.void(payment)
        assert self.mirrored() == [("2300", "1030", "300.00", "RETURNED-PAY-000001")]
        assert_books_clean()

    def test_cash_never_comes_back(self):
        payment = pay(DriverFactory.create(), "300.00")
        with refused(ledger.ValueInvalid, field="returned_item"):
            self.void(payment)

    def test_a_voided_recovery_takes_its_transfer_along(self, check):
        self.bank(check)
        ledger.pay_out(driver_id=check.driver_id, amount=Decimal("100.00"), method="CASH", effective_on=THURSDAY)
        written = self.void(check)
        recovery = next(posting for posting in written if posting.kind == "OBLIGATION")
        transfer = Transfer.objects.get(posting=recovery)
        with refused(ledger.TransferFollowsCause):
            reverse(transfer, effective_on=FRIDAY)
        ledger.void_posting(posting_id=recovery.pk, reason="Honored after all", actor=None, effective_on=FRIDAY)
        assert Transfer.objects.filter(reverses=transfer).count() == 1
        assert_books_clean()

    def test_what_a_slip_tells_is_not_reversed_alone(self, check):
        self.bank(check)
        self.void(check)
        with refused(ledger.TransferFollowsCause):
            reverse(Transfer.objects.get(reference_id="PAY-000001"), effective_on=FRIDAY)


class TestRecovery:
    def test_is_what_came_back_and_no_other_sum(self):
        payment = pay(DriverFactory.create(), "300.00", payment_method="ACH")
        ledger.pay_out(driver_id=payment.driver_id, amount=Decimal("100.00"), method="CASH", effective_on=THURSDAY)
        written = ledger.void_payment(
            payment_id=payment.pk, reason="Returned", actor=None, effective_on=FRIDAY, returned_item=True
        )
        with refused(ledger.ChargedElsewhere):
            ledger.replace_obligation(
                posting_id=written[-2].pk, amount=Decimal("250.00"), reason="Agreed", actor=None, effective_on=FRIDAY
            )
        assert entries() == [(TransferKind.RETURNED_ITEM, "2300", "1030", "300.00", "RETURNED-PAY-000001")]
        assert_books_clean()


class TestCreditMemoOfRecovery:
    def test_is_refused_by_name(self):
        with refused(ledger.RecoveryNotRefunded, code="recovery_not_refunded", field="category"):
            ledger.credit_driver(
                driver_id=DriverFactory.create().pk,
                category="RECOVERY",
                amount=Decimal("5.00"),
                reference_id="CREDIT-1",
                reason="Won back wrongly",
                effective_on=THURSDAY,
            )
