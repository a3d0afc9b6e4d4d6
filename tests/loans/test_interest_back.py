"""Interest that was charged ahead and is not earned comes back when a loan ends early."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from leases.models import Driver
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from loans import rules, selectors, services
from loans.models import DriverLoan, LoanPayoff
from tests.books import assert_books_clean
from tests.factories import DriverFactory
from tests.loans.office import lend, pay_off, restore, write_off
from tests.refusals import refused

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


def lend_on_monday(**facts: Any) -> DriverLoan:
    """1,200.00 at 10 %: 250.00 a week and 1.64, 1.82, 1.34, 0.86; at last 200.00 and 0.38."""
    return lend(DriverFactory.create(), **{"disbursed_on": MONDAY, "today": MONDAY, **facts})


def prepay(loan: DriverLoan, *numbers: int, on: date = MONDAY) -> None:
    """Over the counter, before they are due."""
    rows = loan.installments.filter(number__in=numbers)
    ledger.apply_interim_payment(
        payment_amount=sum((row.amount for row in rows), start=Decimal(0)),
        allocations={row.reference_id: row.amount for row in rows},
        driver_id=loan.driver_id,
        payment_method="CASH",
        effective_on=on,
    )


def books_of(driver: Driver) -> dict[str, tuple[str, str]]:
    """What is not voided: what it was and what is left, by the end of its reference."""
    balances = LedgerBalance.objects.live().filter(driver=driver)
    return {b.reference_id.split("-", 2)[-1]: (str(b.original_amount), str(b.remaining)) for b in balances}


class TestPayOff:
    def test_the_day_after_a_prepaid_installment(self) -> None:
        """1.64 of interest kept, 1,200.00 × 10 % × 1 day = 0.33 earned: 1.31 comes back, and pays the payoff first."""
        loan = lend_on_monday()
        prepay(loan, 1)
        amount = selectors.get_payoff_amount(loan, TUESDAY)
        assert (str(amount.to_charge), str(amount.interest_back), str(amount.total)) == ("950.00", "1.31", "948.69")
        payoff = pay_off(loan, TUESDAY)
        assert (str(payoff.amount), str(payoff.interest_back)) == ("950.00", "1.31")
        memo = LedgerPosting.objects.get(kind="CREDIT_MEMO")
        assert (memo.category, memo.reference_id, memo.effective_on, memo.description) == (
            "LOAN",
            f"LOAN-{loan.pk}-INTEREST",
            TUESDAY,
            "Interest given back, loan of Nov 16",
        )
        assert books_of(loan.driver) == {
            "1": ("251.64", "0.00"),
            "000001": ("251.64", "0.00"),
            "PAYOFF": ("950.00", "948.69"),
            "INTEREST": ("1.31", "0.00"),
        }
        assert_books_clean()

    def test_the_page_asks_only_for_the_rest(self) -> None:
        """700.00 at 12 %, 200.00 prepaid with 1.15, of which 0.23 is earned: of 500.00, 499.08 is left to pay."""
        loan = lend_on_monday(principal=Decimal("700.00"), rate_percent=Decimal("12"))
        prepay(loan, 1)
        amount = selectors.get_payoff_amount(loan, TUESDAY)
        assert (str(amount.to_charge), str(amount.interest_back), str(amount.total)) == ("500.00", "0.92", "499.08")
        pay_off(loan, TUESDAY)
        assert books_of(loan.driver)["PAYOFF"] == ("500.00", "499.08")
        assert_books_clean()

    def test_after_several_prepaid_installments_it_is_one_memo(self) -> None:
        """Three prepaid, 1.82 + 1.34 of them due after November 24; 950.00 × 10 % × 3 days = 0.78 is earned: 2.38."""
        loan = lend_on_monday()
        prepay(loan, 1, 2, 3)
        payoff = pay_off(loan, date(2026, 11, 24))
        assert (str(payoff.amount), str(payoff.interest_back)) == ("450.00", "2.38")
        assert books_of(loan.driver)["PAYOFF"] == ("450.00", "447.62")
        assert_books_clean()

    def test_what_is_due_by_then_is_earned(self) -> None:
        loan = lend_on_monday()
        prepay(loan, 1)
        payoff = pay_off(loan, date(2026, 11, 21))
        assert (str(payoff.amount), str(payoff.interest_back)) == ("950.00", "0.00")
        assert not LedgerPosting.objects.filter(kind="CREDIT_MEMO").exists()
        assert_books_clean()

    def test_all_installments_prepaid(self) -> None:
        """Nothing is left to charge, and all but the first day's interest comes back: 6.04 − 0.33 = 5.71."""
        loan = lend_on_monday(posts_at_once=True)
        prepay(loan, 1, 2, 3, 4)
        with refused(services.NothingToPayOff):
            pay_off(loan, TUESDAY)
        assert selectors.get_payoff_amount(loan, TUESDAY).total == Decimal("200.38")
        prepay(loan, 5)
        payoff = pay_off(loan, TUESDAY)
        assert (str(payoff.amount), str(payoff.interest_back)) == ("0.00", "5.71")
        assert books_of(loan.driver)["INTEREST"] == ("5.71", "5.71")
        assert_books_clean()

    def test_a_voided_charge_bears_none(self) -> None:
        loan = lend_on_monday()
        prepay(loan, 1)
        charge = LedgerPosting.objects.get(kind="OBLIGATION")
        ledger.void_posting(posting_id=charge.pk, reason="Mistake", effective_on=MONDAY, actor=None)
        assert str(pay_off(loan, TUESDAY).interest_back) == "0.00"


class TestWriteOff:
    def test_forgives_principal_and_what_is_earned_alone(self) -> None:
        """All is charged at once, 1,206.04, and nothing paid: 5.71 is taken back, 1,200.33 is forgiven."""
        loan = lend_on_monday(posts_at_once=True)
        write_off(loan, TUESDAY)
        forgiven = LedgerPosting.objects.filter(kind="WRITE_OFF").values_list("amount", flat=True)
        assert sum(forgiven) == Decimal("1200.33")
        assert books_of(loan.driver)["INTEREST"] == ("5.71", "0.00")
        assert_books_clean()

    def test_gives_back_what_was_prepaid(self) -> None:
        loan = lend_on_monday()
        prepay(loan, 1)
        write_off(loan, TUESDAY)
        assert LedgerPosting.objects.get(kind="WRITE_OFF").amount == Decimal("948.69")
        assert_books_clean()


class TestRestore:
    def test_takes_the_memo_back(self) -> None:
        loan = lend_on_monday()
        prepay(loan, 1)
        pay_off(loan, TUESDAY)
        restore(loan, starts_on=date(2026, 11, 15), today=TUESDAY)
        assert books_of(loan.driver) == {"1": ("251.64", "0.00"), "000001": ("251.64", "0.00")}
        assert_books_clean()
        # And once more under the same names.
        pay_off(loan, TUESDAY)
        assert books_of(loan.driver)["PAYOFF"] == ("950.00", "948.69")
        assert LoanPayoff.objects.filter(loan=loan).count() == 2
        assert_books_clean()

    def test_is_refused_while_something_else_has_paid_the_payoff(self) -> None:
        loan = lend_on_monday()
        prepay(loan, 1)
        pay_off(loan, TUESDAY)
        ledger.apply_interim_payment(
            payment_amount=Decimal("1.00"),
            allocations={f"LOAN-{loan.pk}-PAYOFF": Decimal("1.00")},
            driver_id=loan.driver_id,
            payment_method="CASH",
            effective_on=TUESDAY,
        )
        with refused(services.PayoffPaid) as refusal:
            restore(loan, starts_on=date(2026, 11, 15), today=TUESDAY)
        assert refusal.value.facts == {"paid": "1.00"}


def test_unearned_interest_is_that_of_charged_installments_due_later() -> None:
    """By hand: 1,000.00 in two parts at 7.3 %, 0.20 a day on 1,000.00 and 0.10 on 500.00."""
    plan = [
        rules.PlannedInstallment(1, date(2026, 1, 1), date(2026, 1, 8), Decimal(500), Decimal("1.40")),
        rules.PlannedInstallment(2, date(2026, 1, 8), date(2026, 1, 15), Decimal(500), Decimal("0.70")),
    ]

    def unearned(day: int, *charged: int) -> str:
        rate = Decimal("7.3")
        return str(rules.sum_unearned(plan, frozenset(charged), rate_percent=rate, as_of=date(2026, 1, day)))

    assert [unearned(day, 1, 2) for day in (1, 3, 8, 10, 15)] == ["2.10", "1.70", "0.70", "0.50", "0.00"]
    assert [unearned(day, 1) for day in (3, 8)] == ["1.00", "0.00"]
    assert unearned(3) == "0.00"
