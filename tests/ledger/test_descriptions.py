"""What opens a balance says what it is, once and for all; and of a loan, how much of it is interest."""

from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from ledger.services import Opening
from tests.books import assert_books_clean
from tests.factories import DriverFactory
from tests.ledger.proofs import THURSDAY, WEDNESDAY, charge, count_statements, earn, writes
from tests.refusals import refused

pytestmark = pytest.mark.django_db

WORDS = "Rent Nov 15–21, 4 of 7 days"
UNREADABLE = ["a" * 201, "bell \x07", "unit \x1f separator", "back\u202ewards", "mark\u200f", "isolate\u2066"]


def read(reference: str = "MISC-1") -> LedgerPosting:
    return LedgerPosting.objects.filter(reference_id=reference, balance=None).latest("pk")


class TestDescription:
    def test_is_kept_as_one_line(self):
        driver = DriverFactory.create()
        charge(driver, description="  Lost key,\n cab 1A10 ")
        earn(driver, description="Card trips Nov 15–21, 47 trips")
        ledger.credit_driver(
            driver_id=driver.pk,
            category="EZPASS",
            amount=Decimal("6.55"),
            reference_id="EZPASS-1-REFUND",
            reason="Toll refunded",
            effective_on=WEDNESDAY,
            description="Toll of Nov 17 2:35 PM given back",
        )
        assert list(LedgerPosting.objects.order_by("pk").values_list("description", flat=True)) == [
            "Lost key, cab 1A10",
            "Card trips Nov 15–21, 47 trips",
            "Toll of Nov 17 2:35 PM given back",
        ]
        assert_books_clean()

    def test_a_batch_keeps_each_row_s(self):
        driver = DriverFactory.create()
        ledger.create_obligations(
            Opening(
                category="MISC",
                amount=Decimal("1.00"),
                reference_id=f"MISC-{number}",
                driver_id=driver.pk,
                effective_on=WEDNESDAY,
                description=words,
            )
            for number, words in enumerate(["", WORDS, "–" * 200, ""])
        )
        assert list(LedgerPosting.objects.order_by("pk").values_list("description", flat=True)) == [
            "",
            WORDS,
            "–" * 200,
            "",
        ]

    @pytest.mark.parametrize("words", UNREADABLE)
    def test_refuses_what_nobody_could_read(self, words):
        driver = DriverFactory.create()
        with refused(ledger.ValueInvalid):
            charge(driver, description=words)
        with refused(ledger.ValueInvalid):
            earn(driver, description=words)
        fine = charge(driver, "PVB-1")
        with refused(ledger.ValueInvalid):
            ledger.replace_obligation(
                posting_id=fine.pk,
                amount=Decimal("65.00"),
                reason="Reduced",
                actor=None,
                effective_on=THURSDAY,
                description=words,
            )

    def test_a_replay_keeps_the_first_words(self):
        driver = DriverFactory.create()
        first = charge(driver, description="Lost key")
        with writes():
            again = charge(driver, description="Lost key, cab 1A10")
        assert (again.pk, again.description) == (first.pk, "Lost key")

    @pytest.mark.parametrize(("given", "told"), [(None, "No standing"), ("No parking", "No parking"), ("", "")])
    def test_a_replacement_keeps_the_words_or_is_given_others(self, given, told):
        fine = charge(DriverFactory.create(), "PVB-1", "115.00", description="No standing")
        ledger.replace_obligation(
            posting_id=fine.pk,
            amount=Decimal("65.00"),
            reason="Reduced",
            actor=None,
            effective_on=THURSDAY,
            description=given,
        )
        assert read("PVB-1").description == told
        assert LedgerPosting.objects.get(kind="VOID").description == ""
        assert_books_clean()


class TestIncome:
    def loan(self, driver, **facts):
        return charge(driver, "LOAN-1-1", "251.82", income=Decimal("1.82"), **facts)

    def test_is_kept_and_its_void_repeats_it(self):
        posting = self.loan(DriverFactory.create())
        ledger.void_posting(posting_id=posting.pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        assert [(line.kind, str(line.income)) for line in LedgerPosting.objects.order_by("pk")] == [
            ("OBLIGATION", "1.82"),
            ("VOID", "1.82"),
        ]
        assert_books_clean()

    def test_is_a_fact_that_a_replay_compares(self):
        driver = DriverFactory.create()
        first = self.loan(driver)
        with writes():
            assert self.loan(driver).pk == first.pk
        with refused(ledger.ReferenceConflict):
            charge(driver, "LOAN-1-1", "251.82", income=Decimal("1.81"))
        with refused(ledger.ReferenceConflict):
            charge(driver, "LOAN-1-1", "251.82")

    @pytest.mark.parametrize(
        ("reference", "income", "error"),
        [
            ("LOAN-1-1", "251.83", ledger.AmountInvalid),
            ("LOAN-1-1", "-1.00", ledger.AmountInvalid),
            ("LOAN-1-1", "0.001", ledger.AmountInvalid),
            ("LOAN-1-1", "NaN", ledger.AmountInvalid),
            ("MISC-1", "1.00", ledger.ValueInvalid),
        ],
    )
    def test_refuses_what_is_no_part_of_a_loan(self, reference, income, error):
        driver = DriverFactory.create()
        with refused(error):
            charge(driver, reference, "251.82", income=Decimal(income))

    @pytest.mark.parametrize(
        ("amount", "income", "kept"),
        [("200.00", None, "1.82"), ("1.00", None, "1.00"), ("200.00", "1.45", "1.45"), ("200.00", "0", "0.00")],
    )
    def test_a_replacement_keeps_what_its_amount_holds(self, amount, income, kept):
        posting = self.loan(DriverFactory.create())
        ledger.replace_obligation(
            posting_id=posting.pk,
            amount=Decimal(amount),
            reason="Agreed",
            actor=None,
            effective_on=THURSDAY,
            income=None if income is None else Decimal(income),
        )
        assert str(read("LOAN-1-1").income) == kept
        assert_books_clean()

    def test_a_replacement_refuses_more_than_its_amount(self):
        posting = self.loan(DriverFactory.create())
        with refused(ledger.AmountInvalid):
            ledger.replace_obligation(
                posting_id=posting.pk,
                amount=Decimal("1.00"),
                reason="Agreed",
                actor=None,
                effective_on=THURSDAY,
                income=Decimal("1.01"),
            )

    def test_a_batch_takes_as_many_statements_for_50_rows_as_for_5(self):
        driver = DriverFactory.create()

        def post(many: int) -> None:
            ledger.create_obligations(
                Opening(
                    category="LOAN",
                    amount=Decimal("251.82"),
                    reference_id=f"LOAN-{many}-{number}",
                    driver_id=driver.pk,
                    effective_on=WEDNESDAY,
                    description=WORDS,
                    income=Decimal("1.82"),
                )
                for number in range(many)
            )

        post(1)
        assert count_statements(lambda: post(5)) == count_statements(lambda: post(50))
        assert set(LedgerPosting.objects.values_list("description", "income")) == {(WORDS, Decimal("1.82"))}
