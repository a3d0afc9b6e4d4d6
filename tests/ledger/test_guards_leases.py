"""A lease that a posting or payment names is its driver's: primary or further, at some time."""

import pytest

from tests.factories import LeaseDriverFactory
from tests.ledger import rawsql
from tests.ledger.rawsql import Book, earnings, obligation, post, post_together, refused, run
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db

RULE = "ledger_postings_lease_of_driver"
OPENINGS = ["OBLIGATION", "PAYMENT", "DEPOSIT", "EARNINGS", "CREDIT_MEMO"]


@pytest.fixture(scope="module")
def book(made_once: MadeOnce) -> Book:
    return made_once(rawsql.make_book)


class TestPostings:
    @pytest.mark.parametrize("kind", OPENINGS)
    def test_refuses_what_opens_on_another_drivers_lease(self, book: Book, kind: str) -> None:
        with refused(RULE):
            post(**book.row(kind) | {"lease_id": book.other_lease})

    @pytest.mark.parametrize("kind", OPENINGS)
    def test_takes_a_further_drivers(self, book: Book, kind: str) -> None:
        run(
            "INSERT INTO leases_leasedriver (lease_id, driver_id, is_primary, start_on, end_on)"
            " VALUES (%s, %s, false, '2026-03-01', '2026-03-01')",
            book.other_lease,
            book.driver,
        )
        post(**book.row(kind) | {"lease_id": book.other_lease})

    def test_refuses_all_of_a_statement_for_one_row(self, book: Book) -> None:
        rows = [obligation(book.driver, f"MISC-{number}", lease_id=book.lease) for number in range(5)]
        with refused(RULE):
            post_together(*rows, obligation(book.driver, "MISC-9", lease_id=book.other_lease))

    def test_refuses_a_lease_that_its_own_driver_has_named_before(self, book: Book) -> None:
        """The pair is what is kept: that a lease was named tells nothing of who may name it."""
        post(**obligation(book.other_driver, "MISC-1", lease_id=book.other_lease))
        with refused(RULE):
            post(**obligation(book.driver, "MISC-2", lease_id=book.other_lease))

    def test_cannot_be_forged_by_naming_the_pair_first(self, book: Book) -> None:
        with refused(RULE):
            run("INSERT INTO ledger_named_leases VALUES (%s, %s)", book.other_lease, book.driver)

    def test_a_lease_that_does_not_exist_is_refused_as_that(self, book: Book) -> None:
        with refused("ledger_postings_lease_exists", sqlstate=rawsql.FOREIGN_KEY_VIOLATION):
            post(**obligation(book.driver, "MISC-1", lease_id=rawsql.UNKNOWN))

    def test_who_was_on_it_when_first_named_stays_so(self, book: Book) -> None:
        """Taken off a lease that ended early, a driver still settles what they owe of it."""
        further = LeaseDriverFactory.create(lease_id=book.other_lease, driver_id=book.driver)
        post(**obligation(book.driver, "MISC-1", lease_id=book.other_lease))
        further.delete()
        post(**earnings(book.driver, "CURB-9", lease_id=book.other_lease))


class TestPayouts:
    def test_refuses_a_payout_for_another_drivers_lease(self, book: Book) -> None:
        with refused("ledger_payouts_lease_of_driver"):
            rawsql.payout_document(book.driver, "10.00", lease_id=book.other_lease)


class TestPayments:
    def test_refuses_a_payment_on_another_drivers_lease(self, book: Book) -> None:
        with refused("ledger_payments_lease_of_driver"):
            rawsql.pay_document(book.driver, "10.00", lease_id=book.other_lease)

    def test_a_lease_that_does_not_exist_is_refused_as_that(self, book: Book) -> None:
        with refused("ledger_payments_lease_exists", sqlstate=rawsql.FOREIGN_KEY_VIOLATION):
            rawsql.pay_document(book.driver, "10.00", lease_id=rawsql.UNKNOWN)

    def test_takes_one_on_no_lease(self, book: Book) -> None:
        rawsql.pay_document(book.driver, "10.00")
