"""Transfers between the fleet's own accounts: recorded, recorded twice, refused, reversed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ledger import selectors
from ledger import services as ledger
from ledger.books import RECORDED_KINDS, TRANSFER_PAIRS, Account
from ledger.categories import AccountType
from ledger.models import ChartAccount, SlipCheck, Transfer
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.proofs import THURSDAY, UNKNOWN, WEDNESDAY, charge, hold_deposit, pay, pay_out
from tests.locks import list_sql
from tests.refusals import refused
from tests.threads import count_refusals, list_winners, run_together

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 11, 20)


def record(**facts):
    given = {
        "kind": "FLOAT",
        "debit": "1010",
        "credit": "1030",
        "amount": Decimal("200.00"),
        "reference_id": "DRAWER-1",
        "effective_on": THURSDAY,
        "actor": None,
        **facts,
    }
    return ledger.record_transfer(**given)


def reverse(transfer, **facts):
    given = {"reason": "Wrong drawer", "effective_on": THURSDAY, "actor": None, **facts}
    return ledger.reverse_transfer(transfer_id=transfer.pk, **given)


def entries(**which):
    rows = Transfer.objects.filter(**which).order_by("pk")
    return [(row.kind, row.debit_id, row.credit_id, str(row.amount), row.reference_id) for row in rows]


class TestChart:
    def test_holds_every_account_by_code_and_type(self):
        rows = list(ChartAccount.objects.values_list("code", "name", "type"))
        assert rows == [(account.value, account.label, account.type.value) for account in Account]
        assert len(rows) == 23
        assert [code for code, _, kind in rows if kind == AccountType.ASSET] == [
            *("1010", "1020", "1030", "1040", "1100", "1150"),
        ]
        assert [code for code, _, kind in rows if kind == AccountType.CLEARING] == ["2300"]


class TestRecordTransfer:
    def test_writes_one_row(self):
        actor = UserFactory.create()
        transfer = record(actor=actor)
        transfer.refresh_from_db()
        assert entries() == [("FLOAT", "1010", "1030", "200.00", "DRAWER-1")]
        assert (transfer.effective_on, transfer.posted_by, transfer.reason) == (THURSDAY, actor, "")
        assert (transfer.posting_id, transfer.payment_id, transfer.loan_id) == (None, None, None)
        assert_books_clean()

    def test_the_same_again_is_the_first(self):
        assert record() == record()
        assert Transfer.objects.count() == 1

    @pytest.mark.parametrize("other", [{"amount": Decimal("201.00")}, {"effective_on": WEDNESDAY}])
    def test_other_facts_under_its_reference_are_a_conflict(self, other):
        record()
        with refused(ledger.ReferenceConflict, code="reference_conflict"):
            record(**other)

    def test_another_kind_or_direction_may_bear_the_reference(self):
        record(kind="PAID_OVER", debit="2130", credit="1030", reference_id="PVB-1")
        record(kind="PAID_OVER", debit="1030", credit="2130", reference_id="PVB-1")
        record(kind="BORNE", debit="6040", credit="1030", reference_id="PVB-1")
        assert Transfer.objects.count() == 3

    def test_recorded_anew_once_reversed(self):
        reverse(record())
        assert record(amount=Decimal("150.00")).pk == record(amount=Decimal("150.00")).pk
        occurrences = list(Transfer.objects.order_by("pk").values_list("amount", "occurrence"))
        assert occurrences == [(Decimal("200.00"), 1), (Decimal("200.00"), 1), (Decimal("150.00"), 2)]
        assert_books_clean()

    @pytest.mark.parametrize(
        ("facts", "error", "field"),
        [
            ({"kind": "GIFT"}, ledger.TransferInvalid, "kind"),
            ({"kind": "LOAN_OUT", "debit": "1150"}, ledger.TransferInvalid, "kind"),
            ({"kind": "OPENING", "credit": "3010"}, ledger.TransferInvalid, "kind"),
            ({"debit": "9999"}, ledger.TransferInvalid, "debit"),
            ({"credit": "1100"}, ledger.TransferInvalid, "debit"),
            ({"debit": "1030", "credit": "1010"}, ledger.TransferInvalid, "debit"),
            ({"amount": Decimal(0)}, ledger.AmountInvalid, "amount"),
            ({"amount": Decimal("NaN")}, ledger.AmountInvalid, "amount"),
            ({"amount": Decimal("0.001")}, ledger.AmountInvalid, "amount"),
            ({"reference_id": "two words"}, ledger.ValueInvalid, "reference_id"),
            ({"reference_id": ""}, ledger.ValueInvalid, "reference_id"),
            ({"effective_on": date(1999, 12, 31)}, ledger.ValueInvalid, "effective_on"),
            ({"kind": "CORRECTION"}, ledger.ReasonRequired, "reason"),
            ({"kind": "OVER_SHORT", "debit": "6050", "credit": "1010"}, ledger.ReasonRequired, "reason"),
            ({"reason": "x" * 501}, ledger.ValueInvalid, "reason"),
        ],
    )
    def test_refusals(self, facts, error, field):
        with refused(error, field=field):
            record(**facts)

    @pytest.mark.parametrize("kind", RECORDED_KINDS)
    def test_every_kind_moves_each_of_its_pairs(self, kind):
        for number, (debit, credit) in enumerate(sorted(TRANSFER_PAIRS[kind]), start=1):
            record(kind=kind, debit=debit, credit=credit, reference_id=f"N-{number}", reason="Counted twice")
        assert Transfer.objects.count() == len(TRANSFER_PAIRS[kind])
        assert_books_clean()

    def test_waits_are_bounded(self):
        statements = list_sql(record)
        assert "lock_timeout" in statements[1]

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_are_one(self):
        first, second = run_together(record, record)
        assert first == second
        assert Transfer.objects.count() == 1


class TestReverseTransfer:
    def test_is_the_swap(self):
        actor = UserFactory.create()
        transfer = record()
        reversal = reverse(transfer, effective_on=FRIDAY, actor=actor)
        reversal.refresh_from_db()
        assert (reversal.debit_id, reversal.credit_id, reversal.amount) == ("1030", "1010", Decimal("200.00"))
        assert (reversal.reverses, reversal.reason, reversal.posted_by) == (transfer, "Wrong drawer", actor)
        assert_books_clean()

    def test_refusals(self):
        transfer = record()
        with refused(ledger.ReasonRequired):
            reverse(transfer, reason=" ")
        with refused(ledger.ValueInvalid, field="effective_on"):
            reverse(transfer, effective_on=WEDNESDAY)
        with refused(ledger.TransferNotFound):
            ledger.reverse_transfer(transfer_id=UNKNOWN, reason="x", effective_on=THURSDAY, actor=None)
        reversal = reverse(transfer)
        for reversed_before in (transfer, reversal):
            with refused(ledger.AlreadyReversed):
                reverse(reversed_before)

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_reverse_once(self):
        transfer = record()
        outcomes = run_together(lambda: reverse(transfer), lambda: reverse(transfer))
        assert len(list_winners(outcomes)) == 1
        assert count_refusals(outcomes) == {ledger.AlreadyReversed: 1}


class TestCurbStatement:
    def record(self, gross="2100.00", fee="63.00", **facts):
        given = {"reference_id": "CURB-2026-10-10", "effective_on": THURSDAY, "actor": None, **facts}
        return ledger.record_curb_statement(gross=Decimal(gross), fee=Decimal(fee), **given)

    def test_is_the_remittance_and_the_fee(self):
        assert len(self.record()) == 2
        assert entries() == [
            ("CURB_REMITTANCE", "1030", "1040", "2037.00", "CURB-2026-10-10"),
            ("CARD_FEES", "6020", "1040", "63.00", "CURB-2026-10-10"),
        ]
        assert len(self.record()) == 2
        assert Transfer.objects.count() == 2

    def test_without_a_fee(self):
        self.record(fee="0.00")
        assert entries() == [("CURB_REMITTANCE", "1030", "1040", "2100.00", "CURB-2026-10-10")]

    def test_refusals(self):
        with refused(ledger.TransferInvalid, field="fee"):
            self.record(fee="2100.00")
        with refused(ledger.AmountInvalid, field="gross"):
            self.record(gross="0.00")
        self.record()
        for other in ({"fee": "62.00"}, {"gross": "2000.00"}, {"fee": "0.00", "gross": "2037.00"}):
            with refused(ledger.ReferenceConflict):
                self.record(**other)


class TestBankDeposit:
    def deposit(self, **facts):
        given = {"reference_id": "DEP-1", "effective_on": FRIDAY, "actor": None, **facts}
        return ledger.record_bank_deposit(**given)

    def check(self, amount="600.00", **facts):
        return pay(DriverFactory.create(), amount, payment_method="CHECK", instrument_number="555", **facts)

    def test_takes_cash_and_checks(self):
        check = self.check()
        self.deposit(cash=Decimal("250.00"), payment_ids=[check.pk], other_checks=Decimal("40.00"))
        assert entries() == [
            ("BANK_DEPOSIT", "1030", "1010", "250.00", "DEP-1"),
            ("BANK_DEPOSIT", "1030", "1020", "640.00", "DEP-1"),
        ]
        assert list(SlipCheck.objects.values_list("payment_id", "transfer__credit__code")) == [(check.pk, "1020")]
        assert_books_clean()

    def test_the_same_slip_again_is_the_first(self):
        check = self.check()
        facts = {"cash": Decimal("250.00"), "payment_ids": [check.pk]}
        assert self.deposit(**facts) == self.deposit(**facts)
        assert (Transfer.objects.count(), SlipCheck.objects.count()) == (2, 1)
        for other in (
            {"cash": Decimal("250.00")},
            {"payment_ids": [check.pk]},
            {"cash": Decimal("250.00"), "other_checks": Decimal("600.00")},
        ):
            with refused(ledger.ReferenceConflict):
                self.deposit(**other)

    def test_refusals(self):
        with refused(ledger.TransferInvalid, field="cash"):
            self.deposit()
        cash = pay(DriverFactory.create(), "10.00")
        for payment_id in (cash.pk, UNKNOWN):
            with refused(ledger.CheckNotHeld, code="check_not_held"):
                self.deposit(payment_ids=[payment_id], cash=Decimal(1))
        check = self.check()
        self.deposit(payment_ids=[check.pk])
        with refused(ledger.CheckNotHeld):
            self.deposit(payment_ids=[check.pk], reference_id="DEP-2")

    def test_a_reversed_slip_gives_its_checks_back(self):
        check = self.check()
        (slip,) = self.deposit(payment_ids=[check.pk])
        reverse(slip, effective_on=FRIDAY)
        self.deposit(payment_ids=[check.pk], reference_id="DEP-2")
        assert_books_clean()

    def test_locks_the_drivers_first(self):
        check = self.check()
        statements = list_sql(lambda: self.deposit(payment_ids=[check.pk]))
        lock = next(n for n, sql in enumerate(statements) if "ledger_accounts" in sql and "FOR UPDATE" in sql)
        assert lock < next(n for n, sql in enumerate(statements) if "ledger_slip_checks" in sql)

    @pytest.mark.django_db(transaction=True)
    def test_two_slips_at_once_take_a_check_once(self):
        check = self.check()
        outcomes = run_together(
            lambda: self.deposit(payment_ids=[check.pk]),
            lambda: self.deposit(payment_ids=[check.pk], reference_id="DEP-2"),
        )
        assert len(list_winners(outcomes)) == 1
        assert count_refusals(outcomes) == {ledger.CheckNotHeld: 1}


def test_on_hand_is_what_the_trial_balance_says():
    """By calculator: 100 + 500 + 40 - 40 - 25 - 10 + 10 + 200 - 50 in cash, and 80 + 60 - 60 + 33 - 80 in checks."""
    driver, lease = DriverFactory.create(), LeaseFactory.create()
    charge(driver, "MISC-1", "30.00")
    pay(driver, "100.00", {"MISC-1": "15.00"})
    hold_deposit(lease.primary_driver, lease.pk, "500.00")
    pay(driver, "70.00", payment_method="ACH", instrument_number="7")
    banked, voided, _ = (
        pay(driver, amount, payment_method="CHECK", instrument_number=amount) for amount in ("80.00", "60.00", "33.00")
    )
    twice = pay(driver, "40.00", {"MISC-1": "15.00"})
    void: Any = {"reason": "Keyed twice", "actor": None, "effective_on": THURSDAY}
    ledger.void_payment(payment_id=voided.pk, **void)
    ledger.void_payment(payment_id=twice.pk, **void)
    pay_out(driver, "25.00")
    pay_out(driver, "20.00", method="CHECK", instrument_number="9")
    ledger.void_payout(payout_id=pay_out(driver, "10.00").pk, **void)
    record(amount=Decimal("200.00"))
    record(amount=Decimal("3.00"), reference_id="DRAWER-2")
    reverse(Transfer.objects.get(reference_id="DRAWER-2"))
    ledger.record_bank_deposit(
        reference_id="DEP-1", effective_on=FRIDAY, actor=None, cash=Decimal("50.00"), payment_ids=[banked.pk]
    )

    told = {one.account: one.balance for one in selectors.list_on_hand()}

    assert told == {Account.CASH: Decimal("725.00"), Account.CHECKS: Decimal("33.00")}
    books = {total.account: total.balance for total in selectors.list_trial_balance()}
    assert told == {account: books[account] for account in told}
