"""What wins money back, in raw SQL: it is of what its driver was given, to the cent."""

from typing import Any

import pytest

from tests.ledger import rawsql
from tests.ledger.rawsql import Book, Columns, earnings, obligation, post, post_together, refused, run, void_of
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db

GUARD = "ledger_postings_recovers_what_was_given"


@pytest.fixture(scope="module")
def book(made_once: MadeOnce) -> Book:
    return made_once(rawsql.make_book)


def recovery(driver: int, reference: str, amount: str, **facts: Any) -> Columns:
    return obligation(driver, reference, amount, category="RECOVERY", **facts)


class TestOfACredit:
    """The book's ``CURB-1`` gave 300.00."""

    def test_all_of_it_is_won_back(self, book):
        post(**recovery(book.driver, "WINBACK-CURB-1", "300.00"))

    @pytest.mark.parametrize("amount", ["299.99", "300.01"])
    def test_another_sum_is_refused(self, book, amount):
        with refused(GUARD):
            post(**recovery(book.driver, "WINBACK-CURB-1", amount))

    def test_another_drivers_is_refused(self, book):
        with refused(GUARD):
            post(**recovery(book.other_driver, "WINBACK-CURB-1", "300.00"))

    @pytest.mark.parametrize("reference", ["WINBACK-CURB-9", "WINBACK-", "WINBACK-LEASE-1-2026W47"])
    def test_what_was_never_given_is_refused(self, book, reference):
        with refused(GUARD):
            post(**recovery(book.driver, reference, "500.00"))

    def test_no_other_charge_or_credit_bears_such_a_name(self, book):
        for row in (
            obligation(book.driver, "WINBACK-CURB-1", "300.00"),
            earnings(book.driver, "WINBACK-CURB-1", "300.00"),
        ):
            with refused(GUARD):
                post(**row)

    def test_among_others_in_one_statement_it_refuses_all(self, book):
        with refused(GUARD):
            post_together(obligation(book.driver, "MISC-1", "5.00"), recovery(book.driver, "WINBACK-CURB-1", "300.01"))

    def test_of_what_was_given_again_it_is_the_last(self, book):
        first = post(**earnings(book.driver, "CURB-7", "40.00"))
        post(**void_of(first, reason="Wrong week"))
        post(**earnings(book.driver, "CURB-7", "45.00"))
        with refused(GUARD):
            post(**recovery(book.driver, "WINBACK-CURB-7", "40.00"))
        post(**recovery(book.driver, "WINBACK-CURB-7", "45.00"))

    def test_its_void_is_none(self, book):
        won = post(**recovery(book.driver, "WINBACK-CURB-1", "300.00"))
        post(**void_of(won, reason="It was right"))


class TestOfAPayment:
    """The book's payment was of 300.00."""

    @pytest.fixture
    def returned(self, book) -> str:
        ((number,),) = run("SELECT number FROM ledger_payments WHERE id = %s", book.payment)
        return f"RETURNED-PAY-{number:06d}"

    @pytest.mark.parametrize("amount", ["300.00", "250.00"])
    def test_all_of_it_came_back_or_a_part_had_left(self, book, returned, amount):
        post(**recovery(book.driver, returned, amount))

    def test_more_than_it_was_is_refused(self, book, returned):
        with refused(GUARD):
            post(**recovery(book.driver, returned, "300.01"))

    def test_another_drivers_is_refused(self, book, returned):
        with refused(GUARD):
            post(**recovery(book.other_driver, returned, "300.00"))

    @pytest.mark.parametrize(
        "reference",
        ["RETURNED-PAY-999999", "RETURNED-PAY-1", "RETURNED-PAY-", "RETURNED-PAY-9999999999999999999", "RETURNED-1"],
    )
    def test_what_no_payment_is_called_is_refused(self, book, reference):
        with refused(GUARD):
            post(**recovery(book.driver, reference, "1.00"))

    def test_no_other_charge_bears_such_a_name(self, book, returned):
        with refused(GUARD):
            post(**obligation(book.driver, returned, "300.00"))
