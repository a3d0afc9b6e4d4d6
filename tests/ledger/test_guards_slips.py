"""Slips that take checks to the bank, in raw SQL: what may stand on one, and what comes back of it."""

import pytest

from tests.ledger import rawsql
from tests.ledger.rawsql import DAY, UNKNOWN, Book, insert, post, refused, run, void_of
from tests.ledger.test_guards_transfers import settle, transfer
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def book(made_once: MadeOnce) -> Book:
    return made_once(rawsql.make_book)


class TestSlips:
    @pytest.fixture
    def check(self, book):
        payment = insert(
            "ledger_payments",
            driver_id=book.driver,
            amount="100.00",
            deposit="0.00",
            method="CHECK",
            instrument_number="777",
            fingerprint="",
            received_on=DAY,
        )
        credit = post(
            kind="PAYMENT",
            entry_type="CREDIT",
            category="PAYMENT",
            amount="100.00",
            reference_id="PAY-CHECK",
            driver_id=book.driver,
            payment_id=payment,
        )
        return payment, credit

    def slip(self, amount="100.00", reference="DEP-1", **columns):
        facts = {"kind": "BANK_DEPOSIT", "debit": "1030", "credit": "1020", "reference_id": reference}
        return transfer(**facts, amount=amount, **columns)

    def name(self, slip, payment):
        return insert("ledger_slip_checks", transfer_id=slip, payment_id=payment)

    def test_names_a_check_once(self, check):
        self.name(self.slip(), check[0])
        with refused("ledger_slip_checks_once"):
            self.name(self.slip(reference="DEP-2"), check[0])

    def test_names_a_slip_and_a_check_that_are_there(self, check):
        slip = self.slip()
        for constraint, names in (("transfer", (UNKNOWN, check[0])), ("payment", (slip, UNKNOWN))):
            with refused(f"ledger_slip_checks_{constraint}_exists", sqlstate=rawsql.FOREIGN_KEY_VIOLATION):
                self.name(*names)
                run("SET CONSTRAINTS ALL IMMEDIATE")

    def test_names_checks_on_a_deposit_of_checks(self, check):
        with refused("ledger_slip_checks_on_a_bank_deposit"):
            self.name(transfer(), check[0])

    def test_names_nothing_but_checks(self, book):
        payment = insert(
            "ledger_payments",
            driver_id=book.driver,
            amount="100.00",
            deposit="0.00",
            method="CASH",
            instrument_number="",
            fingerprint="",
            received_on=DAY,
        )
        with refused("ledger_slip_checks_name_checks"):
            self.name(self.slip(), payment)

    def test_names_no_more_than_it_says(self, check):
        with refused("ledger_slip_checks_within_slip"):
            self.name(self.slip("99.00"), check[0])

    def test_a_banked_check_is_not_voided_alone(self, check):
        payment, credit = check
        self.name(self.slip(), payment)
        settle()
        with refused("ledger_transfers_returned_as_voided"):
            post(**void_of(credit))
            settle()
        post(**void_of(credit))
        transfer(
            kind="RETURNED_ITEM",
            debit="1020",
            credit="1030",
            amount="100.00",
            reference_id="PAY-CHECK",
            payment_id=payment,
        )
        settle()

    def test_no_more_comes_back_than_is_voided(self, check):
        with refused("ledger_transfers_returned_as_voided"):
            transfer(
                kind="RETURNED_ITEM",
                debit="1020",
                credit="1030",
                amount="100.00",
                reference_id="PAY-CHECK",
                payment_id=check[0],
            )
            settle()

    def test_a_check_that_came_back_is_banked_no_more(self, check):
        payment, credit = check
        post(**void_of(credit))
        with refused("ledger_transfers_returned_as_voided"):
            self.name(self.slip(), payment)
            settle()
