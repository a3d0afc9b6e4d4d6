"""A reversal mirrors its original in every column, once, and is itself never reversed."""

import pytest

from tests.ledger import rawsql
from tests.ledger.rawsql import Book, balance_of, moves, post, post_together, refused, void_of
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db

MIRROR = "ledger_postings_mirrors_its_original"


@pytest.fixture(scope="module")
def book(made_once: MadeOnce) -> Book:
    return made_once(rawsql.make_book)


@pytest.fixture
def made(book: Book) -> dict[str, int]:
    """One posting of each kind that can be reversed, none of them in the others' way."""
    kinds = ("OBLIGATION", "PAYMENT", "DEPOSIT", "EARNINGS", "CREDIT_MEMO", "APPLICATION", "PAYOUT", "WRITE_OFF")
    return {"ALLOCATION": book.allocation, **{kind: post(**book.row(kind)) for kind in kinds}}


class TestReversal:
    KINDS = (
        "OBLIGATION", "PAYMENT", "DEPOSIT", "EARNINGS", "CREDIT_MEMO", "ALLOCATION", "APPLICATION", "PAYOUT",
        "WRITE_OFF",
    )  # fmt: skip

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_taken_once(self, made: dict[str, int], kind: str) -> None:
        post(**void_of(made[kind]))
        with refused("ledger_postings_reversed_once", sqlstate=rawsql.UNIQUE_VIOLATION):
            post(**void_of(made[kind]))
        assert rawsql.differences_from_rebuild() == []

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_refused_twice_in_one_statement(self, made: dict[str, int], kind: str) -> None:
        with refused("ledger_postings_reversed_once", sqlstate=rawsql.UNIQUE_VIOLATION):
            post_together(void_of(made[kind]), void_of(made[kind]))

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("amount", ["0.01", "19.99", "20.01", "60.01"])
    def test_is_refused_for_another_amount(self, made: dict[str, int], kind: str, amount: str) -> None:
        with refused(MIRROR):
            post(**void_of(made[kind], amount=amount))

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_refused_for_the_same_entry(self, made: dict[str, int], kind: str) -> None:
        with refused(MIRROR):
            post(**void_of(made[kind], entry_type=rawsql.read_row(made[kind])["entry_type"]))

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_refused_for_another_balance(self, book: Book, made: dict[str, int], kind: str) -> None:
        """The other balance is the driver's own, and its facts are told rightly; it is only not the original's."""
        bystander = post(**rawsql.obligation(book.driver, "MISC-9", "20.00"))
        facts = moves(bystander, "VOID", "20.00")
        facts = {name: facts[name] for name in ("category", "reference_id", "lease_id", "vehicle_id", "balance_id")}
        with refused(MIRROR):
            post(**void_of(made[kind]) | facts)

    @pytest.mark.parametrize("kind", ["ALLOCATION", "APPLICATION"])
    @pytest.mark.parametrize("funding", [None, "deposit"])
    def test_is_refused_for_another_funding(
        self, book: Book, made: dict[str, int], kind: str, funding: str | None
    ) -> None:
        with refused(MIRROR):
            post(**void_of(made[kind], funding_id=funding and getattr(book, funding)))

    @pytest.mark.parametrize("kind", sorted({*KINDS} - {"ALLOCATION", "APPLICATION"}))
    def test_is_refused_for_a_funding_the_original_had_not(self, book: Book, made: dict[str, int], kind: str) -> None:
        with refused(MIRROR):
            post(**void_of(made[kind], funding_id=book.payment_credit))

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_refused_for_another_payment(self, book: Book, made: dict[str, int], kind: str) -> None:
        with refused(MIRROR):
            post(**void_of(made[kind], payment_id=rawsql.pay_document(book.driver, "20.00")))

    @pytest.mark.parametrize("kind", ["PAYMENT", "DEPOSIT", "ALLOCATION"])
    def test_is_refused_without_its_payment(self, made: dict[str, int], kind: str) -> None:
        with refused(MIRROR):
            post(**void_of(made[kind], payment_id=None))

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_refused_for_another_payout(self, book: Book, made: dict[str, int], kind: str) -> None:
        with refused(MIRROR):
            post(**void_of(made[kind], payout_id=rawsql.payout_document(book.driver, "20.00")))

    def test_is_refused_without_its_payout(self, made: dict[str, int]) -> None:
        with refused(MIRROR):
            post(**void_of(made["PAYOUT"], payout_id=None))

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_refused_in_another_drivers_name(self, book: Book, made: dict[str, int], kind: str) -> None:
        with refused("ledger_postings_one_driver"):
            post(**void_of(made[kind], driver_id=book.other_driver))

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("column", ["category", "reference_id", "lease_id", "vehicle_id"])
    def test_is_refused_for_other_facts(self, book: Book, made: dict[str, int], kind: str, column: str) -> None:
        other = {
            "category": "TAXES", "reference_id": "MISC-9", "lease_id": book.other_lease,
            "vehicle_id": book.other_vehicle,
        }  # fmt: skip
        with refused("ledger_postings_repeats_its_balance"):
            post(**void_of(made[kind], **{column: other[column]}))

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_not_reversed(self, made: dict[str, int], kind: str) -> None:
        void = post(**void_of(made[kind]))
        with refused(MIRROR):
            post(**void_of(void))

    def test_is_not_of_itself(self, book: Book) -> None:
        own = rawsql.draw_id()
        with refused(MIRROR):
            post(**{"id": own, **void_of(book.allocation, reverses_id=own)})

    def test_is_not_of_itself_and_its_own_balance(self, book: Book) -> None:
        own = rawsql.draw_id()
        with refused(MIRROR):
            post(**{"id": own, **void_of(book.allocation, reverses_id=own, balance_id=own)})

    def test_is_not_of_a_later_posting(self, book: Book) -> None:
        early, late = rawsql.draw_id(), rawsql.draw_id()
        movement = moves(book.rent, "WRITE_OFF", "5.00", reason="hardship")
        undone = movement | {"kind": "VOID", "entry_type": "DEBIT", "reverses_id": late}
        with refused(MIRROR):
            post_together({"id": late, **movement}, {"id": early, **undone})

    def test_does_not_excuse_what_it_undoes_in_the_same_statement(self, book: Book) -> None:
        theirs = post(**rawsql.earnings(book.other_driver, "CURB-7", "200.00"))
        first, second = rawsql.draw_id(), rawsql.draw_id()
        movement = moves(book.rent, "APPLICATION", "20.00", funding_id=theirs)
        undone = movement | {"kind": "VOID", "entry_type": "DEBIT", "reverses_id": first, "reason": "entered in error"}
        with refused("ledger_postings_one_driver"):
            post_together({"id": first, **movement}, {"id": second, **undone})


class TestReversalOfAnOpening:
    def test_is_refused_while_something_has_moved_it(self, book: Book) -> None:
        with refused("ledger_balances_remaining_range"):
            post(**void_of(book.rent))

    def test_is_refused_while_a_credit_has_paid_for_something(self, book: Book) -> None:
        with refused("ledger_balances_remaining_range"):
            post(**void_of(book.payment_credit))

    def test_is_refused_while_a_credit_was_paid_out(self, book: Book) -> None:
        post(**book.row("PAYOUT"))
        with refused("ledger_balances_remaining_range"):
            post(**void_of(book.earnings))

    def test_is_refused_when_it_is_settled(self, book: Book) -> None:
        post(**moves(book.rent, "WRITE_OFF", "440.00", reason="hardship"))
        with refused("ledger_balances_remaining_range"):
            post(**void_of(book.rent))

    def test_is_refused_beside_a_movement_of_its_balance(self, book: Book) -> None:
        fine = post(**rawsql.obligation(book.driver, "MISC-7"))
        with refused("ledger_balances_remaining_range"):
            post_together(void_of(fine), moves(fine, "WRITE_OFF", "0.01", reason="hardship"))

    def test_is_refused_beside_a_movement_as_large_as_the_one_undone(self, book: Book) -> None:
        """60.00 is given back and 60.00 taken anew in the statement that takes the whole of it away."""
        with refused("ledger_balances_remaining_range"):
            post_together(
                void_of(book.allocation), moves(book.rent, "WRITE_OFF", "60.00", reason="hardship"), void_of(book.rent)
            )

    def test_takes_all_of_it_away_beside_its_movements_reversals(self, book: Book) -> None:
        post_together(void_of(book.allocation), void_of(book.rent))
        assert balance_of(book.rent) == ("0.00", "VOIDED")
        assert balance_of(book.payment_credit) == ("250.00", "OPEN")

    def test_is_taken_in_the_statement_that_opens_it(self, book: Book) -> None:
        opening = rawsql.draw_id()
        row = rawsql.obligation(book.driver, "MISC-7")
        undone = row | {
            "id": rawsql.draw_id(), "kind": "VOID", "entry_type": "CREDIT", "due_on": None, "balance_id": opening,
            "reverses_id": opening, "reason": "entered in error",
        }  # fmt: skip
        post_together({"id": opening, **row}, undone)
        assert balance_of(opening) == ("0.00", "VOIDED")
        assert rawsql.differences_from_rebuild() == []


class TestReversalOfAMovement:
    def test_returns_the_money_to_where_it_came_from(self, book: Book) -> None:
        post(**void_of(book.allocation))
        assert balance_of(book.rent) == ("500.00", "OPEN")
        assert balance_of(book.payment_credit) == ("250.00", "OPEN")

    def test_opens_what_was_settled(self, book: Book) -> None:
        forgiven = post(**moves(book.rent, "WRITE_OFF", "440.00", reason="hardship"))
        assert balance_of(book.rent) == ("0.00", "SETTLED")
        post(**void_of(forgiven))
        assert balance_of(book.rent) == ("440.00", "OPEN")
