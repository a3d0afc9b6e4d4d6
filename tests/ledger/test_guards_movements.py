"""A movement stays within its driver, its balance, its funding and its document."""

import pytest

from tests.factories import LeaseFactory
from tests.ledger import rawsql
from tests.ledger.rawsql import Book, Columns, moves, post, post_together, refused, run
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def book(made_once: MadeOnce) -> Book:
    return made_once(rawsql.make_book)


class TestAcrossDrivers:
    """The other driver owes ``theirs`` and holds ``their_credit``."""

    @pytest.fixture
    def theirs(self, book: Book) -> int:
        return post(**rawsql.obligation(book.other_driver, "MISC-7", "200.00"))

    @pytest.fixture
    def their_credit(self, book: Book) -> int:
        return post(**rawsql.earnings(book.other_driver, "CURB-7", "200.00"))

    @pytest.mark.parametrize("kind", ["ALLOCATION", "APPLICATION", "PAYOUT", "WRITE_OFF", "VOID"])
    def test_refuses_a_movement_of_another_drivers_balance(self, book: Book, kind: str) -> None:
        with refused("ledger_postings_one_driver"):
            post(**book.row(kind) | {"driver_id": book.other_driver})

    def test_refuses_an_obligation_paid_by_another_drivers_credit(self, book: Book, their_credit: int) -> None:
        with refused("ledger_postings_one_driver"):
            post(**book.row("APPLICATION") | {"funding_id": their_credit})

    def test_refuses_another_drivers_obligation_paid_by_this_drivers_credit(self, book: Book, theirs: int) -> None:
        with refused("ledger_postings_one_driver"):
            post(**moves(theirs, "APPLICATION", "20.00", funding_id=book.earnings))

    def test_refuses_a_posting_in_one_drivers_name_that_moves_two_balances_of_another(
        self, book: Book, theirs: int, their_credit: int
    ) -> None:
        with refused("ledger_postings_one_driver"):
            post(**moves(theirs, "APPLICATION", "20.00", funding_id=their_credit, driver_id=book.driver))

    @pytest.mark.parametrize("kind", ["PAYMENT", "DEPOSIT"])
    def test_refuses_another_drivers_payment(self, book: Book, kind: str) -> None:
        document = rawsql.pay_document(book.other_driver, "80.00", deposit="40.00", lease_id=book.other_lease)
        with refused("ledger_postings_one_driver"):
            post(**book.row(kind) | {"payment_id": document})

    def test_refuses_another_drivers_payment_on_an_allocation(self, book: Book) -> None:
        document = rawsql.pay_document(book.other_driver, "80.00")
        with refused("ledger_postings_one_driver"):
            post(**book.row("ALLOCATION") | {"payment_id": document})

    def test_refuses_another_drivers_payout(self, book: Book) -> None:
        with refused("ledger_postings_one_driver"):
            post(**book.row("PAYOUT") | {"payout_id": rawsql.payout_document(book.other_driver, "80.00")})

    def test_refuses_one_bad_row_among_good_ones(self, book: Book, theirs: int) -> None:
        good = [rawsql.obligation(book.driver, f"MISC-{n}") for n in range(100, 150)]
        good[25] = moves(theirs, "APPLICATION", "20.00", funding_id=book.earnings)
        with refused("ledger_postings_one_driver"):
            post_together(*good)


class TestSides:
    @pytest.mark.parametrize("kind", ["APPLICATION", "WRITE_OFF"])
    def test_refuse_to_pay_a_held_credit(self, book: Book, kind: str) -> None:
        credit = {name: rawsql.read_row(book.earnings)[name] for name in ("category", "reference_id")}
        with refused("ledger_postings_pays_an_obligation"):
            post(**book.row(kind) | credit | {"balance_id": book.earnings})

    def test_refuse_to_allocate_to_a_held_credit(self, book: Book) -> None:
        row = moves(book.earnings, "ALLOCATION", "1.00", funding_id=book.payment_credit, payment_id=book.payment)
        with refused("ledger_postings_pays_an_obligation"):
            post(**row)

    def test_refuse_to_pay_out_an_obligation(self, book: Book) -> None:
        with refused("ledger_postings_pays_out_a_credit"):
            post(**moves(book.rent, "PAYOUT", "1.00", payout_id=book.spare_payout))

    def test_refuse_funding_by_an_obligation(self, book: Book) -> None:
        fine = post(**book.row("OBLIGATION"))
        with refused("ledger_postings_funded_by_a_credit"):
            post(**moves(book.rent, "APPLICATION", "1.00", funding_id=fine))

    def test_refuse_a_deposit_that_pays_what_another_lease_owes(self, book: Book) -> None:
        second_lease = LeaseFactory.create(primary_driver_id=book.driver).pk
        elsewhere = post(**rawsql.obligation(book.driver, "MISC-8", lease_id=second_lease))
        with refused("ledger_postings_deposit_of_its_lease"):
            post(**moves(elsewhere, "APPLICATION", "20.00", funding_id=book.deposit))

    def test_take_a_deposit_that_pays_what_its_lease_or_none_owes(self, book: Book) -> None:
        nowhere = post(**rawsql.obligation(book.driver, "MISC-8"))
        post(**moves(nowhere, "APPLICATION", "20.00", funding_id=book.deposit))
        post(**moves(book.rent, "APPLICATION", "20.00", funding_id=book.deposit))

    def test_refuse_an_obligation_that_pays_itself(self, book: Book) -> None:
        with refused("ledger_postings_funded_by_a_credit"):
            post(**moves(book.rent, "APPLICATION", "1.00", funding_id=book.rent))

    @pytest.mark.parametrize("credit", ["earnings", "deposit"])
    def test_refuse_an_allocation_funded_by_another_credit_than_its_payment(self, book: Book, credit: str) -> None:
        with refused("ledger_postings_funded_by_its_payment"):
            post(**book.row("ALLOCATION") | {"funding_id": getattr(book, credit)})

    def test_refuse_an_allocation_in_the_name_of_another_payment(self, book: Book) -> None:
        with refused("ledger_postings_funded_by_its_payment"):
            post(**book.row("ALLOCATION") | {"payment_id": book.spare_payment})


class TestFactsOfTheBalance:
    """A movement repeats them, so that a reader of postings alone is told the truth."""

    @pytest.mark.parametrize("kind", ["ALLOCATION", "APPLICATION", "PAYOUT", "WRITE_OFF", "VOID"])
    @pytest.mark.parametrize("column", ["category", "reference_id", "lease_id", "vehicle_id"])
    @pytest.mark.parametrize("missing", [False, True])
    def test_are_repeated_exactly(self, book: Book, kind: str, column: str, missing: bool) -> None:
        other: Columns = {
            "category": "TAXES",
            "reference_id": "LEASE-9",
            "lease_id": None if missing else book.other_lease,
            "vehicle_id": None if missing else book.other_vehicle,
        }
        with refused("ledger_postings_repeats_its_balance"):
            post(**book.row(kind) | {column: other[column]})

    def test_are_repeated_where_the_balance_has_none(self, book: Book) -> None:
        bare = post(**rawsql.obligation(book.driver, "MISC-7"))
        with refused("ledger_postings_repeats_its_balance"):
            post(**moves(bare, "WRITE_OFF", "1.00", reason="hardship", lease_id=book.lease))


class TestOverApplication:
    def test_an_obligation_is_never_overpaid(self, book: Book) -> None:
        with refused("ledger_balances_remaining_range"):
            post(**moves(book.rent, "WRITE_OFF", "440.01", reason="hardship"))

    def test_a_credit_is_never_overspent(self, book: Book) -> None:
        with refused("ledger_balances_remaining_range"):
            post(**book.row("ALLOCATION") | {"amount": "190.01"})

    def test_takes_what_remains_to_the_cent(self, book: Book) -> None:
        post(**book.row("ALLOCATION") | {"amount": "190.00"})
        post(**moves(book.rent, "WRITE_OFF", "250.00", reason="hardship"))
        assert rawsql.balance_of(book.payment_credit) == ("0.00", "SETTLED")
        assert rawsql.balance_of(book.rent) == ("0.00", "SETTLED")

    def test_of_an_obligation_by_two_rows_of_one_statement(self, book: Book) -> None:
        row = moves(book.rent, "WRITE_OFF", "220.01", reason="hardship")
        with refused("ledger_balances_remaining_range"):
            post_together(row, row)

    def test_of_a_credit_by_two_obligations_in_one_statement(self, book: Book) -> None:
        fine = post(**rawsql.obligation(book.driver, "MISC-7", "500.00"))
        with refused("ledger_balances_remaining_range"):
            post_together(
                moves(book.rent, "APPLICATION", "150.01", funding_id=book.earnings),
                moves(fine, "APPLICATION", "150.00", funding_id=book.earnings),
            )

    def test_a_credit_is_never_overspent_by_a_payout(self, book: Book) -> None:
        document = rawsql.payout_document(book.driver, "1000.00")
        with refused("ledger_balances_remaining_range"):
            post(**book.row("PAYOUT") | {"amount": "300.01", "payout_id": document})

    @pytest.mark.parametrize("kind", ["APPLICATION", "WRITE_OFF"])
    def test_a_voided_obligation_takes_no_money(self, book: Book, kind: str) -> None:
        fine = post(**rawsql.obligation(book.driver, "MISC-7"))
        post(**rawsql.void_of(fine))
        with refused("ledger_balances_remaining_range"):
            post(**moves(fine, kind, "0.01", funding_id=book.row(kind).get("funding_id"), reason="hardship"))

    def test_a_voided_credit_gives_no_money(self, book: Book) -> None:
        post(**rawsql.void_of(book.earnings))
        with refused("ledger_balances_remaining_range"):
            post(**book.row("APPLICATION") | {"amount": "0.01"})

    def test_of_an_opening_in_the_same_statement(self, book: Book) -> None:
        opening = rawsql.draw_id()
        with refused("ledger_balances_remaining_range"):
            post_together(
                {"id": opening, **rawsql.obligation(book.driver, "MISC-7", "10.00")},
                {
                    **rawsql.obligation(book.driver, "MISC-7", "10.01"), "id": rawsql.draw_id(), "kind": "WRITE_OFF",
                    "entry_type": "CREDIT", "due_on": None, "balance_id": opening, "reason": "hardship",
                },
            )  # fmt: skip


class TestReferences:
    def test_refuse_a_second_live_balance(self, book: Book) -> None:
        with refused("ledger_balances_live_reference", sqlstate=rawsql.UNIQUE_VIOLATION):
            post(**book.row("OBLIGATION") | {"reference_id": "LEASE-1-2026W47"})

    def test_refuse_a_second_live_balance_of_another_driver(self, book: Book) -> None:
        with refused("ledger_balances_live_reference", sqlstate=rawsql.UNIQUE_VIOLATION):
            post(**rawsql.earnings(book.other_driver, "CURB-1"))

    def test_refuse_a_second_balance_when_the_first_is_settled(self, book: Book) -> None:
        post(**moves(book.rent, "WRITE_OFF", "440.00", reason="hardship"))
        with refused("ledger_balances_live_reference", sqlstate=rawsql.UNIQUE_VIOLATION):
            post(**book.row("OBLIGATION") | {"reference_id": "LEASE-1-2026W47"})

    def test_refuse_two_in_one_statement(self, book: Book) -> None:
        with refused("ledger_balances_live_reference", sqlstate=rawsql.UNIQUE_VIOLATION):
            post_together(rawsql.obligation(book.driver, "MISC-7"), rawsql.obligation(book.driver, "MISC-7"))

    def test_are_free_again_once_voided(self, book: Book) -> None:
        first = post(**rawsql.obligation(book.driver, "MISC-7", "10.00"))
        post(**rawsql.void_of(first))
        second = post(**rawsql.obligation(book.driver, "MISC-7", "12.00"))
        assert rawsql.balance_of(first) == ("0.00", "VOIDED")
        assert rawsql.balance_of(second) == ("12.00", "OPEN")

    def test_of_a_voided_balance_are_not_brought_back_by_a_movement_and_its_reversal(self, book: Book) -> None:
        """Together they add up to nothing: the balance stays voided, and its successor the only one alive."""
        first = post(**rawsql.obligation(book.driver, "MISC-7", "10.00"))
        post(**rawsql.void_of(first))
        post(**rawsql.obligation(book.driver, "MISC-7", "12.00"))
        movement = rawsql.draw_id()
        forgiven = moves(first, "WRITE_OFF", "5.00", reason="hardship")
        undone = forgiven | {"kind": "VOID", "entry_type": "DEBIT", "reverses_id": movement}
        post_together({"id": movement, **forgiven}, {"id": rawsql.draw_id(), **undone})
        assert rawsql.balance_of(first) == ("0.00", "VOIDED")
        assert rawsql.differences_from_rebuild() == []


class TestDocuments:
    def test_refuse_a_payment_posted_for_more(self, book: Book) -> None:
        with refused("ledger_postings_within_paper"):
            post(**book.row("PAYMENT") | {"amount": "50.01"})

    def test_refuse_a_deposit_posted_for_more(self, book: Book) -> None:
        with refused("ledger_postings_within_paper"):
            post(**book.row("DEPOSIT") | {"amount": "30.01"})

    def test_refuse_a_deposit_that_the_payment_does_not_tell(self, book: Book) -> None:
        document = rawsql.pay_document(book.driver, "80.00")
        with refused("ledger_postings_within_paper"):
            post(**book.row("DEPOSIT") | {"payment_id": document})

    def test_refuse_a_payment_posted_twice(self, book: Book) -> None:
        post(**book.row("PAYMENT") | {"amount": "50.00"})
        with refused("ledger_postings_within_paper"):
            post(**book.row("PAYMENT") | {"amount": "0.01", "reference_id": "PAY-2b"})

    def test_refuse_a_payment_posted_twice_in_one_statement(self, book: Book) -> None:
        row = book.row("PAYMENT") | {"amount": "25.01"}
        with refused("ledger_postings_within_paper"):
            post_together(row, row | {"reference_id": "PAY-2b"})

    def test_refuse_a_payment_posted_again_after_its_void(self, book: Book) -> None:
        first = post(**book.row("PAYMENT") | {"amount": "50.00"})
        post(**rawsql.void_of(first))
        with refused("ledger_postings_within_paper"):
            post(**book.row("PAYMENT"))

    def test_refuse_a_payout_posted_for_more(self, book: Book) -> None:
        with refused("ledger_postings_within_paper"):
            post(**book.row("PAYOUT") | {"amount": "100.01"})

    def test_refuse_a_payout_that_grows_by_a_second_statement(self, book: Book) -> None:
        post(**book.row("PAYOUT") | {"amount": "60.00"})
        with refused("ledger_postings_within_paper"):
            post(**moves(book.payment_credit, "PAYOUT", "40.01", payout_id=book.spare_payout))

    def test_refuse_a_payout_of_a_lease_that_draws_another_ones_credits(self, book: Book) -> None:
        second_lease = LeaseFactory.create(primary_driver_id=book.driver).pk
        document = rawsql.payout_document(book.driver, "80.00", lease_id=second_lease)
        with refused("ledger_postings_payout_of_its_lease"):
            post(**book.row("PAYOUT") | {"payout_id": document})

    def test_refuse_a_dtrs_payout_of_no_lease_that_draws_a_leases_credits(self, book: Book) -> None:
        document = rawsql.payout_document(book.driver, "80.00", dtr_number="DTR-000001")
        with refused("ledger_postings_payout_of_its_lease"):
            post(**book.row("PAYOUT") | {"payout_id": document})

    def test_take_a_dtrs_payout_of_the_lease_whose_credits_it_draws(self, book: Book) -> None:
        document = rawsql.payout_document(book.driver, "80.00", dtr_number="DTR-000001", lease_id=book.lease)
        post(**book.row("PAYOUT") | {"payout_id": document})

    def test_refuse_a_payout_of_a_lease_that_does_not_exist(self, book: Book) -> None:
        with refused("ledger_payouts_lease_exists", sqlstate=rawsql.FOREIGN_KEY_VIOLATION):
            rawsql.payout_document(book.driver, "80.00", lease_id=2**40)

    def test_take_a_payout_drawn_from_two_credits(self, book: Book) -> None:
        post_together(
            book.row("PAYOUT") | {"amount": "60.00"},
            moves(book.payment_credit, "PAYOUT", "40.00", payout_id=book.spare_payout),
        )
        assert rawsql.balance_of(book.earnings) == ("240.00", "OPEN")
        assert rawsql.balance_of(book.payment_credit) == ("150.00", "OPEN")


class TestReceiptNumbers:
    def numbers(self, table: str = "ledger_payments") -> list[int]:
        return [number for (number,) in run(f"SELECT number FROM {table} ORDER BY id")]

    def test_are_drawn_by_the_database(self, book: Book) -> None:
        for number in (0, 4711, -1, None):
            rawsql.pay_document(book.driver, "1.00", number=number)
        rawsql.payout_document(book.driver, "1.00", number=4711)
        assert self.numbers() == [1, 2, 3, 4, 5, 6]
        assert self.numbers("ledger_payouts") == [1, 2]

    def test_have_no_gap_after_a_rollback(self, book: Book) -> None:
        with refused("interimpayment_method_known"):
            rawsql.pay_document(book.driver, "1.00", method="IOU")
        with refused("ledger_payments_driver_exists", sqlstate=rawsql.FOREIGN_KEY_VIOLATION):
            rawsql.pay_document(rawsql.UNKNOWN, "1.00")
        rawsql.pay_document(book.driver, "1.00")
        assert self.numbers() == [1, 2, 3]

    def test_have_no_gap_after_a_row_that_gave_way(self, book: Book) -> None:
        """ON CONFLICT DO NOTHING drops the row after its number was drawn; the next row bears that number."""
        rawsql.pay_document(book.driver, "1.00", idempotency_key="once")
        sql = (
            "INSERT INTO ledger_payments (driver_id, amount, method, received_on, instrument_number, fingerprint,"
            " deposit, idempotency_key) SELECT %s, 2, 'CASH', '2026-11-21', '', '', 0, key"
            " FROM unnest(ARRAY['once', 'twice', 'once', 'thrice']) key ON CONFLICT DO NOTHING"
        )
        run(sql, book.driver)
        run(sql, book.driver)
        rawsql.pay_document(book.driver, "3.00")
        assert self.numbers() == [1, 2, 3, 4, 5, 6]

    def test_run_on_in_one_statement(self, book: Book) -> None:
        run(
            "INSERT INTO ledger_payouts"
            " (driver_id, amount, method, paid_on, instrument_number, fingerprint, dtr_number)"
            " SELECT %s, n, 'CASH', '2026-11-21', '', '', '' FROM generate_series(1, 50) n",
            book.driver,
        )
        assert self.numbers("ledger_payouts") == list(range(1, 52))

    def test_refuse_a_key_used_twice(self, book: Book) -> None:
        rawsql.pay_document(book.driver, "1.00", idempotency_key="once")
        with refused("ledger_payments_idempotency_key_key", sqlstate=rawsql.UNIQUE_VIOLATION):
            rawsql.pay_document(book.driver, "1.00", idempotency_key="once")
