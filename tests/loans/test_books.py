"""What the books say of a loan: lent once, at the principal not charged yet, and taken back with a void."""

from datetime import date
from decimal import Decimal

import pytest

from ledger import selectors as books
from ledger import services as ledger
from ledger.models import Transfer
from tests.books import assert_books_clean
from tests.guards import copy_of, refusal_of
from tests.loans.factories import DriverLoanFactory
from tests.loans.office import lend, pay_off, post_due, void

pytestmark = pytest.mark.django_db


def standing(account):
    totals = {total.account: total.balance for total in books.list_trial_balance()}
    alone = books.list_trial_balance(accounts=[books.Account(account)])
    assert [total.balance for total in alone] == [totals[account]] * (account in totals)
    return str(totals.get(account, Decimal("0.00")))


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
    lend(driver)
    sql = "UPDATE loans_driverloan SET status = 'VOIDED', reason = 'Mistake'"
    assert refusal_of(sql) == "loans_paid_out_as_it_stands"


def test_the_database_refuses_another_principal_than_left(driver):
    lend(driver)
    assert refusal_of("UPDATE loans_driverloan SET principal = 1199") == "loans_paid_out_as_it_stands"


def test_the_database_refuses_a_second_transfer_of_a_loan(driver):
    lend(driver)
    assert refusal_of(copy_of("ledger_transfers", reference_id="'LOAN-X'", posted_at="statement_timestamp()")) == (
        "ledger_transfers_loan_once"
    )


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"amount": "1199.00"}, "loans_paid_out_as_it_stands"),
        ({"loan_id": str(10**9)}, "loans_transfers_loan_exists"),
    ],
)
def test_the_database_refuses_a_transfer_of_no_loan_or_of_another_amount(driver, facts, rule):
    loan = DriverLoanFactory.create(principal=Decimal("1200.00"))
    given = {"amount": "1200.00", "loan_id": str(loan.pk), **facts}
    sql = (
        "INSERT INTO ledger_transfers (kind, debit, credit, effective_on, reference_id, reason, amount, loan_id)"
        f" VALUES ('LOAN_OUT', '1150', '1030', '2026-11-28', 'LOAN-X', '', {given['amount']}, {given['loan_id']})"
    )
    assert refusal_of(sql) == rule


@pytest.mark.parametrize(
    "facts",
    [
        "principal = 0",
        "principal = 0, interest = 0, interest_back = 0",
        "interest = -0.01",
        "interest_back = -0.01",
        "principal = -1",
    ],
)
def test_the_database_refuses_a_payoff_of_nothing_or_less(driver, facts):
    pay_off(lend(driver))
    assert refusal_of(f"UPDATE loans_loanpayoff SET {facts}") == "loans_loanpayoff_parts"


def test_money_that_left_on_a_closed_day_is_booked_today(driver):
    """The disbursement stays on the loan; the books of its day are closed."""
    ledger.close_books(through=date(2026, 11, 17), reason="Counted", today=date(2026, 11, 18), actor=None)
    loan = lend(driver)
    assert (loan.disbursed_on, Transfer.objects.get().effective_on) == (date(2026, 11, 17), date(2026, 11, 18))
    assert_books_clean()
