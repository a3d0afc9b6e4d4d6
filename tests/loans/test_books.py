"""What the books say of a loan: lent once, at the principal not charged yet, and taken back with a void."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from ledger import selectors as books
from ledger import services as ledger
from ledger.models import Transfer
from loans.models import DriverLoan
from tests.books import assert_books_clean
from tests.loans.factories import DriverLoanFactory
from tests.loans.office import lend, post_due, void

pytestmark = pytest.mark.django_db


def standing(account):
    totals = {total.account: total.balance for total in books.list_trial_balance()}
    return str(totals.get(account, Decimal("0.00")))


@contextmanager
def refused(sentence):
    """Demand that the database refuses what is done inside, at the latest when the transaction ends."""
    with pytest.raises(IntegrityError, match=sentence), transaction.atomic(), settled():
        yield


@contextmanager
def settled():
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(("method", "account"), [("CASH", "1010"), ("CHECK", "1030"), ("ACH", "1030")])
def test_lending_moves_the_principal_out_of_where_it_was(driver, method, account):
    loan = lend(driver, method=method, instrument_number="1001")
    transfer = Transfer.objects.get()
    assert (transfer.kind, transfer.debit_id, transfer.credit_id) == ("LOAN_OUT", "1150", account)
    assert (transfer.amount, transfer.loan_id, transfer.reference_id) == (loan.principal, loan.pk, f"LOAN-{loan.pk}")
    assert transfer.effective_on == loan.disbursed_on
    assert_books_clean()


def test_what_was_lent_before_the_cut_over_left_no_drawer_and_no_bank(driver):
    lend(driver, carried_over=True)
    assert Transfer.objects.get().credit_id == "3010"
    assert_books_clean()


def test_stands_at_the_principal_not_charged_yet(driver):
    """1,200.00 lent at 10 %; two installments of 250.00 charged with 1.32 and 1.82 of interest: 700.00, and 3.14."""
    lend(driver)
    post_due(date(2026, 11, 28))
    assert standing(books.Account.LOANS) == "700.00"
    assert standing(books.Account.INTEREST_INCOME) == "-3.14"
    assert_books_clean()


def test_a_void_takes_all_of_it_back(driver):
    loan = lend(driver)
    post_due(date(2026, 11, 28))
    void(loan)
    assert standing(books.Account.LOANS) == standing(books.Account.INTEREST_INCOME) == "0.00"
    assert_books_clean()


def test_is_not_reversed_alone(driver):
    lend(driver)
    with pytest.raises(ledger.TransferFollowsCause):
        ledger.reverse_transfer(
            transfer_id=Transfer.objects.get().pk, reason="Mistake", effective_on=date(2026, 11, 28), actor=None
        )


def test_the_database_refuses_a_void_that_leaves_it_standing(driver):
    loan = lend(driver)
    with refused("stands exactly until it is voided"):
        DriverLoan.objects.filter(pk=loan.pk).update(status="VOIDED", reason="Mistake")


@pytest.mark.parametrize("facts", [{"amount": "1199.00"}, {"loan_id": 10**9}])
def test_the_database_refuses_a_transfer_of_no_loan_or_of_another_amount(driver, facts):
    loan = DriverLoanFactory.create(principal=Decimal("1200.00"))
    given = {"kind": "LOAN_OUT", "debit_id": "1150", "credit_id": "1030", "effective_on": date(2026, 11, 28)}
    given |= {"amount": "1200.00", "reference_id": "LOAN-X", "loan_id": loan.pk, **facts}
    with refused("loan"):
        Transfer.objects.create(**given)


def test_money_that_left_on_a_closed_day_is_booked_today(driver):
    """The disbursement stays on the loan; the books of its day are closed."""
    ledger.close_books(through=date(2026, 11, 17), reason="Counted", today=date(2026, 11, 18), actor=None)
    loan = lend(driver)
    assert (loan.disbursed_on, Transfer.objects.get().effective_on) == (date(2026, 11, 17), date(2026, 11, 18))
    assert_books_clean()
