"""Each kind of posting has exactly its row's shape; an amount is a number of dollars; names are names."""

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.categories import OBLIGATION_CATEGORIES
from tests.ledger import rawsql
from tests.ledger.rawsql import (
    CHECK_VIOLATION,
    DAY,
    FOREIGN_KEY_VIOLATION,
    KINDS,
    NOT_NULL_VIOLATION,
    OUT_OF_RANGE,
    UNKNOWN,
    Book,
    refused,
)
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def book(made_once: MadeOnce) -> Book:
    return made_once(rawsql.make_book)


OPENINGS = ("OBLIGATION", "PAYMENT", "DEPOSIT", "EARNINGS", "CREDIT_MEMO")
LINKS = ("balance_id", "funding_id", "reverses_id", "payment_id", "payout_id", "due_on")

#: What a kind must say of these columns; what is not named here it must not say. A void says what its original said.
NEEDS: dict[str, tuple[str, ...]] = {
    "OBLIGATION": ("due_on",),
    "PAYMENT": ("payment_id",),
    "DEPOSIT": ("payment_id", "lease_id"),
    "EARNINGS": (),
    "CREDIT_MEMO": ("reason",),
    "ALLOCATION": ("balance_id", "funding_id", "payment_id"),
    "APPLICATION": ("balance_id", "funding_id"),
    "PAYOUT": ("balance_id", "payout_id"),
    "WRITE_OFF": ("balance_id", "reason"),
    "VOID": ("balance_id", "reverses_id", "reason"),
}
COPIED_BY_VOID = ("funding_id", "payment_id", "payout_id")

#: The categories an opening may not bear.
FOREIGN_CATEGORIES: dict[str, tuple[str, ...]] = {
    "OBLIGATION": ("PAYMENT", "DEPOSIT", "EARNINGS"),
    "PAYMENT": ("LEASE", "DEPOSIT", "EARNINGS"),
    "DEPOSIT": ("LEASE", "PAYMENT", "EARNINGS"),
    "EARNINGS": ("LEASE", "PAYMENT", "DEPOSIT"),
    "CREDIT_MEMO": ("PAYMENT", "DEPOSIT", "EARNINGS"),
}


def missing() -> Iterator[tuple[str, str, Any]]:
    """Each column a kind needs, left out."""
    for kind, columns in NEEDS.items():
        for column in columns:
            if column == "reason":
                yield kind, column, ""
                yield kind, column, " \t\n"
            else:
                yield kind, column, None


def superfluous() -> Iterator[tuple[str, str]]:
    """Each link a kind has no use for."""
    for kind, needed in NEEDS.items():
        for column in LINKS:
            if column not in needed and not (kind == "VOID" and column in COPIED_BY_VOID):
                yield kind, column


class TestShape:
    @pytest.mark.parametrize("kind", KINDS)
    def test_takes_each_kind_as_the_table_of_kinds_has_it(self, book: Book, kind: str) -> None:
        before = rawsql.count("ledger_postings")
        rawsql.post(**book.row(kind))
        assert rawsql.count("ledger_postings") == before + 1
        assert rawsql.differences_from_rebuild() == []

    @pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "VOID"])
    def test_refuses_the_opposite_entry(self, book: Book, kind: str) -> None:
        row = book.row(kind)
        opposite = "CREDIT" if row["entry_type"] == "DEBIT" else "DEBIT"
        with refused("ledger_postings_shape"):
            rawsql.post(**row | {"entry_type": opposite})

    @pytest.mark.parametrize(("kind", "column", "nothing"), list(missing()))
    def test_refuses_a_column_left_out(self, book: Book, kind: str, column: str, nothing: str | None) -> None:
        with refused("ledger_postings_shape"):
            rawsql.post(**book.row(kind) | {column: nothing})

    @pytest.mark.parametrize(("kind", "column"), list(superfluous()))
    def test_refuses_a_column_that_is_not_its_own(self, book: Book, kind: str, column: str) -> None:
        something = {
            "balance_id": book.rent,
            "funding_id": book.payment_credit,
            "reverses_id": book.allocation,
            "payment_id": book.payment,
            "payout_id": book.spare_payout,
            "due_on": rawsql.DAY,
        }
        with refused("ledger_postings_shape"):
            rawsql.post(**book.row(kind) | {column: something[column]})

    @pytest.mark.parametrize(
        ("kind", "category"), [(kind, category) for kind, foreign in FOREIGN_CATEGORIES.items() for category in foreign]
    )
    def test_refuses_a_category_that_is_not_its_own(self, book: Book, kind: str, category: str) -> None:
        with refused("ledger_postings_shape"):
            rawsql.post(**book.row(kind) | {"category": category})

    @pytest.mark.parametrize("kind", KINDS)
    def test_lets_no_kind_pass_as_another(self, book: Book, kind: str) -> None:
        for other in KINDS:
            if other != kind:
                with refused("ledger_postings_shape"):
                    rawsql.post(**book.row(kind) | {"kind": other})


class TestWords:
    @pytest.mark.parametrize("kind", ["", "REFUND", "obligation", "OBLIGATION "])
    def test_refuse_an_unknown_kind(self, book: Book, kind: str) -> None:
        with refused("ledger_postings_shape"):
            rawsql.post(**book.row("OBLIGATION") | {"kind": kind})

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("entry_type", ["", "BOTH", "debit"])
    def test_refuse_an_unknown_entry(self, book: Book, kind: str, entry_type: str) -> None:
        with refused("ledger_postings_entry_known"):
            rawsql.post(**book.row(kind) | {"entry_type": entry_type})

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("category", ["", "BONUS", "lease"])
    def test_refuse_an_unknown_category(self, book: Book, kind: str, category: str) -> None:
        with refused("ledger_postings_category_known"):
            rawsql.post(**book.row(kind) | {"category": category})

    @pytest.mark.parametrize("reference", ["", " ", "PVB 1", "PVB-1 ", "PVB-1\n", "PVB-é", "PVB-\x7f"])
    def test_refuse_a_reference_that_cannot_be_read_aloud(self, book: Book, reference: str) -> None:
        with refused("ledger_postings_reference_given"):
            rawsql.post(**book.row("OBLIGATION") | {"reference_id": reference})

    def test_refuse_a_reference_of_ten_thousand_characters(self, book: Book) -> None:
        with refused(None, sqlstate="22001"):
            rawsql.post(**book.row("OBLIGATION") | {"reference_id": "P" * 10_000})


class TestDescription:
    @pytest.mark.parametrize("kind", OPENINGS)
    def test_says_what_opens_a_balance(self, book: Book, kind: str) -> None:
        posting = rawsql.post(**book.row(kind) | {"description": "Rent Nov 15–21, 4 of 7 days"})
        assert rawsql.run("SELECT description FROM ledger_postings WHERE id = %s", posting) == [
            ("Rent Nov 15–21, 4 of 7 days",)
        ]

    @pytest.mark.parametrize("kind", sorted(set(KINDS) - set(OPENINGS)))
    def test_refuses_words_on_a_movement(self, book: Book, kind: str) -> None:
        with refused("ledger_postings_description_of_opening"):
            rawsql.post(**book.row(kind) | {"description": "Rent Nov 15–21"})

    @pytest.mark.parametrize(
        "sign",
        ["\n", "\t", "\x1f", "\x7f", "\x85", "\x9f", "\u061c", "\u200e", "\u200f", "\u2028", "\u2029"]
        + [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))],
    )
    def test_refuses_what_does_not_read_as_it_is_written(self, book: Book, sign: str) -> None:
        with refused("ledger_postings_description_readable"):
            rawsql.post(**book.row("OBLIGATION") | {"description": f"Rent{sign}Nov 15"})

    @pytest.mark.parametrize("words", [" Rent", "Rent ", " "])
    def test_refuses_blanks_around_it(self, book: Book, words: str) -> None:
        with refused("ledger_postings_description_readable"):
            rawsql.post(**book.row("OBLIGATION") | {"description": words})

    def test_holds_two_hundred_characters(self, book: Book) -> None:
        rawsql.post(**book.row("OBLIGATION") | {"description": "–" * 200})
        with refused(None, sqlstate="22001"):
            rawsql.post(**book.row("OBLIGATION") | {"reference_id": "PVB-2", "description": "–" * 201})


class TestIncome:
    def loan(self, book: Book, **columns: Any) -> dict[str, Any]:
        return book.row("OBLIGATION") | {"category": "LOAN", "reference_id": "LOAN-1-1", **columns}

    @pytest.mark.parametrize("income", ["0.01", "20.00"])
    def test_is_a_part_of_a_loan_and_its_void_repeats_it(self, book: Book, income: str) -> None:
        charge = rawsql.post(**self.loan(book, income=income))
        rawsql.post(**rawsql.void_of(charge))
        assert rawsql.balance_of(charge) == ("0.00", "VOIDED")

    @pytest.mark.parametrize("income", ["-0.01", "20.01", "NaN"])
    def test_refuses_what_is_no_part_of_it(self, book: Book, income: str) -> None:
        with refused("ledger_postings_income_of_loan"):
            rawsql.post(**self.loan(book, income=income))

    @pytest.mark.parametrize("kind", KINDS)
    def test_refuses_it_on_any_other(self, book: Book, kind: str) -> None:
        with refused("ledger_postings_income_of_loan"):
            rawsql.post(**book.row(kind) | {"income": "1.00"})

    @pytest.mark.parametrize("kind", ["CREDIT_MEMO", "WRITE_OFF"])
    def test_refuses_it_on_what_charges_no_loan(self, book: Book, kind: str) -> None:
        charge = rawsql.post(**self.loan(book))
        row = book.row(kind) | {"category": "LOAN", "income": "1.00"}
        if kind == "WRITE_OFF":
            row |= {"balance_id": charge, "reference_id": "LOAN-1-1"}
        with refused("ledger_postings_income_of_loan"):
            rawsql.post(**row)

    @pytest.mark.parametrize("income", ["0", "1.81", "1.83"])
    def test_refuses_a_void_with_another(self, book: Book, income: str) -> None:
        charge = rawsql.post(**self.loan(book, income="1.82"))
        with refused("ledger_postings_mirrors_its_original"):
            rawsql.post(**rawsql.void_of(charge, income=income))

    def test_refuses_a_voided_movement_with_any(self, book: Book) -> None:
        charge = rawsql.post(**self.loan(book, income="1.82"))
        forgiven = rawsql.post(**rawsql.moves(charge, "WRITE_OFF", "5.00", reason="hardship"))
        with refused("ledger_postings_income_of_loan"):
            rawsql.post(**rawsql.void_of(forgiven, income="1.82"))


class TestAmount:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("amount", ["NaN", "0", "0.00", "-0.01", "-20.00", "0.001"])
    def test_refuses_what_is_not_above_zero(self, book: Book, kind: str, amount: str) -> None:
        with refused("ledger_postings_amount_positive"):
            rawsql.post(**book.row(kind) | {"amount": amount})

    @pytest.mark.parametrize("amount", ["Infinity", "-Infinity", "1e12", "10000000000.00"])
    def test_refuses_what_does_not_fit(self, book: Book, amount: str) -> None:
        with refused(None, sqlstate=OUT_OF_RANGE):
            rawsql.post(**book.row("OBLIGATION") | {"amount": amount})

    @pytest.mark.parametrize("amount", ["NaN", "0", "-1"])
    @pytest.mark.parametrize(
        ("table", "model", "make"),
        [
            ("ledger_payments", "interimpayment", rawsql.pay_document),
            ("ledger_payouts", "payout", rawsql.payout_document),
        ],
    )
    def test_refuses_a_document_over_it(self, book: Book, table: str, model: str, make: Any, amount: str) -> None:
        name = f"{table}_amount_is_number" if amount == "NaN" else f"{model}_amount_positive"
        with refused(name):
            make(book.driver, amount)

    @pytest.mark.parametrize("deposit", ["NaN", "-0.01", "80.01"])
    def test_refuses_a_deposit_outside_its_payment(self, book: Book, deposit: str) -> None:
        with refused("interimpayment_deposit_within_amount"):
            rawsql.pay_document(book.driver, "80.00", deposit=deposit, lease_id=book.lease)


class TestMany:
    """A row's rules are asked of all rows of a statement at once; one that breaks one takes the others with it."""

    BROKEN: tuple[tuple[str, dict[str, Any]], ...] = (
        ("amount_positive", {"amount": "NaN"}),
        ("reference_given", {"reference_id": "PVB 2"}),
        ("entry_known", {"entry_type": "BOTH"}),
        ("dates_readable", {"due_on": "infinity"}),
        ("category_known", {"category": "BONUS"}),
        ("shape", {"entry_type": "CREDIT"}),
        ("description_of_opening", {"description": "Rent"}),
        ("description_readable", {"description": " Rent"}),
        ("income_of_loan", {"income": "1.00"}),
    )

    @pytest.mark.parametrize("place", range(3))
    @pytest.mark.parametrize(("rule", "change"), BROKEN, ids=[rule for rule, _ in BROKEN])
    def test_refuse_one_among_them(self, book: Book, rule: str, change: dict[str, Any], place: int) -> None:
        rows = [book.row("OBLIGATION") | {"reference_id": f"PVB-2{number}"} for number in range(3)]
        rows[place] = (book.row("WRITE_OFF") if rule == "description_of_opening" else rows[place]) | change
        with refused(f"ledger_postings_{rule}"):
            rawsql.post_together(*rows)


class TestDates:
    @pytest.mark.parametrize("date", ["infinity", "-infinity", "10000-01-01", "0001-01-01 BC"])
    @pytest.mark.parametrize("column", ["due_on", "effective_on"])
    def test_refuse_what_python_cannot_read(self, book: Book, column: str, date: str) -> None:
        with refused("ledger_postings_dates_readable"):
            rawsql.post(**book.row("OBLIGATION") | {column: date})

    @pytest.mark.parametrize(("column", "rule"), [("received_on", "dates_readable"), ("received_at", "database_clock")])
    def test_refuse_a_payment_at_no_time(self, book: Book, column: str, rule: str) -> None:
        with refused(f"ledger_payments_{rule}"):
            rawsql.pay_document(book.driver, "1.00", **{column: "infinity"})

    @pytest.mark.parametrize(("column", "rule"), [("paid_on", "dates_readable"), ("paid_at", "database_clock")])
    def test_refuse_a_payout_at_no_time(self, book: Book, column: str, rule: str) -> None:
        with refused(f"ledger_payouts_{rule}"):
            rawsql.payout_document(book.driver, "1.00", **{column: "-infinity"})

    @pytest.mark.parametrize("shift", ["-1 microsecond", "1 second", "-1 year", "1 year"])
    def test_refuse_a_forged_posting_time(self, book: Book, shift: str) -> None:
        forged = rawsql.run("SELECT statement_timestamp() + %s::interval", shift)[0][0]
        with refused("ledger_postings_database_clock"):
            rawsql.post(**book.row("OBLIGATION") | {"posted_at": forged})

    @pytest.mark.parametrize("shift", ["-1 microsecond", "1 second", "-6 years", "24 years"])
    def test_refuse_a_document_of_another_time(self, book: Book, shift: str) -> None:
        moment = rawsql.run("SELECT statement_timestamp() + %s::interval", shift)[0][0]
        with refused("ledger_payments_database_clock"):
            rawsql.pay_document(book.driver, "1.00", received_at=moment)
        with refused("ledger_payouts_database_clock"):
            rawsql.payout_document(book.driver, "1.00", paid_at=moment)
        with refused("ledger_waterfall_orders_database_clock"):
            categories = [str(category) for category in OBLIGATION_CATEGORIES]
            rawsql.insert("ledger_waterfall_orders", effective_on=DAY, categories=categories, created_at=moment)


class TestWhatARowNames:
    @pytest.mark.parametrize("kind", OPENINGS)
    def test_refuses_no_driver(self, book: Book, kind: str) -> None:
        with refused(None, sqlstate=NOT_NULL_VIOLATION):  # PostgreSQL names the column: driver_id
            rawsql.post(**book.row(kind) | {"driver_id": None})

    @pytest.mark.parametrize(
        ("kind", "column", "constraint", "sqlstate"),
        [
            ("OBLIGATION", "driver_id", "ledger_accounts_driver_exists", FOREIGN_KEY_VIOLATION),
            ("PAYMENT", "driver_id", "ledger_accounts_driver_exists", FOREIGN_KEY_VIOLATION),
            ("ALLOCATION", "driver_id", "ledger_accounts_driver_exists", FOREIGN_KEY_VIOLATION),
            ("VOID", "driver_id", "ledger_accounts_driver_exists", FOREIGN_KEY_VIOLATION),
            ("OBLIGATION", "lease_id", "ledger_postings_lease_exists", FOREIGN_KEY_VIOLATION),
            ("DEPOSIT", "lease_id", "ledger_postings_lease_exists", FOREIGN_KEY_VIOLATION),
            ("ALLOCATION", "lease_id", "ledger_postings_repeats_its_balance", CHECK_VIOLATION),
            ("OBLIGATION", "vehicle_id", "ledger_postings_vehicle_exists", FOREIGN_KEY_VIOLATION),
            ("APPLICATION", "vehicle_id", "ledger_postings_repeats_its_balance", CHECK_VIOLATION),
            ("ALLOCATION", "balance_id", "ledger_postings_balance_exists", CHECK_VIOLATION),
            ("APPLICATION", "balance_id", "ledger_postings_balance_exists", CHECK_VIOLATION),
            ("PAYOUT", "balance_id", "ledger_postings_balance_exists", CHECK_VIOLATION),
            ("WRITE_OFF", "balance_id", "ledger_postings_balance_exists", CHECK_VIOLATION),
            ("VOID", "balance_id", "ledger_postings_mirrors_its_original", CHECK_VIOLATION),
            ("ALLOCATION", "funding_id", "ledger_postings_funding_exists", CHECK_VIOLATION),
            ("APPLICATION", "funding_id", "ledger_postings_funding_exists", CHECK_VIOLATION),
            ("VOID", "funding_id", "ledger_postings_mirrors_its_original", CHECK_VIOLATION),
            ("VOID", "reverses_id", "ledger_postings_mirrors_its_original", CHECK_VIOLATION),
            ("PAYMENT", "payment_id", "ledger_postings_payment_exists", CHECK_VIOLATION),
            ("DEPOSIT", "payment_id", "ledger_postings_payment_exists", CHECK_VIOLATION),
            ("ALLOCATION", "payment_id", "ledger_postings_payment_exists", CHECK_VIOLATION),
            ("PAYOUT", "payout_id", "ledger_postings_payout_exists", CHECK_VIOLATION),
            ("OBLIGATION", "posted_by_id", "ledger_postings_author_exists", FOREIGN_KEY_VIOLATION),
            ("VOID", "posted_by_id", "ledger_postings_author_exists", FOREIGN_KEY_VIOLATION),
        ],
    )
    def test_refuses_what_does_not_exist(
        self, book: Book, kind: str, column: str, constraint: str, sqlstate: str
    ) -> None:
        with refused(constraint, sqlstate=sqlstate):
            rawsql.post(**book.row(kind) | {column: UNKNOWN})

    @pytest.mark.parametrize("column", ["balance_id", "funding_id"])
    def test_refuses_a_posting_that_opened_nothing(self, book: Book, column: str) -> None:
        name = {"balance_id": "ledger_postings_balance_exists", "funding_id": "ledger_postings_funding_exists"}
        with refused(name[column]):
            rawsql.post(**book.row("APPLICATION") | {column: book.allocation})

    @pytest.mark.parametrize(
        ("make", "column", "constraint"),
        [
            (rawsql.pay_document, "driver_id", "ledger_payments_driver_exists"),
            (rawsql.pay_document, "lease_id", "ledger_payments_lease_exists"),
            (rawsql.pay_document, "received_by_id", "ledger_payments_received_by"),
            (rawsql.payout_document, "driver_id", "ledger_payouts_driver_exists"),
            (rawsql.payout_document, "paid_by_id", "ledger_payouts_paid_by"),
        ],
    )
    def test_refuses_a_document_that_names_nobody(self, book: Book, make: Any, column: str, constraint: str) -> None:
        with refused(constraint, sqlstate=FOREIGN_KEY_VIOLATION):
            make(book.driver, "1.00", **{column: UNKNOWN})


class TestWaterfallOrder:
    @pytest.mark.parametrize(
        "categories",
        [
            "{}",
            "{TAXES,EZPASS,LEASE,RECOVERY,PVB,TLC,REPAIR,LOAN}",
            "{TAXES,EZPASS,LEASE,RECOVERY,PVB,TLC,REPAIR,LOAN,LOAN}",
            "{TAXES,EZPASS,LEASE,RECOVERY,PVB,TLC,REPAIR,LOAN,PAYMENT}",
            "{TAXES,EZPASS,LEASE,RECOVERY,PVB,TLC,REPAIR,LOAN,NULL}",
            "{TAXES,EZPASS,LEASE,RECOVERY,PVB,TLC,REPAIR,LOAN,MISC,MISC}",
            "{{TAXES,EZPASS,LEASE},{RECOVERY,PVB,TLC},{REPAIR,LOAN,MISC}}",
        ],
    )
    def test_refuses_what_is_no_permutation(self, db: None, categories: str) -> None:
        with refused("ledger_waterfall_orders_is_permutation"):
            rawsql.insert("ledger_waterfall_orders", effective_on=rawsql.DAY, categories=categories)
