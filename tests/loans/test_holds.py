"""Holding, resuming and voiding a loan: what it writes, what is refused, what is locked."""

from collections.abc import Callable
from datetime import date

import pytest

from core.errors import ReasonRequired, ValueInvalid
from leases.models import Driver
from ledger.installments.services import NothingToHold, PlanStartInvalid
from ledger.models import LedgerBalance
from loans import selectors, services
from loans.models import DriverLoan
from tests.books import assert_books_clean
from tests.factories import DriverFactory, UserFactory
from tests.loans.office import (
    LOCKS,
    NEXT_SUNDAY,
    THIRD_WEEK,
    books,
    hold,
    lend,
    pay,
    pay_off,
    plan_of,
    post_due,
    resume,
    void,
    write_off,
)
from tests.locks import assert_locks_first
from tests.threads import list_winners, run_together


@pytest.mark.django_db
class TestHoldAndResume:
    def test_a_pause_moves_the_rest_and_bears_no_interest(self, loan: DriverLoan) -> None:
        office = UserFactory.create()
        hold(loan, actor=office)
        loan.refresh_from_db()
        assert (loan.status, loan.reason, loan.history.first().history_user) == ("ON_HOLD", "Ill", office)
        post_due(date(2027, 1, 2))
        assert len(books()) == 2
        resume(loan, date(2026, 12, 20), date(2026, 12, 23))
        loan.refresh_from_db()
        assert (loan.status, loan.reason) == ("ACTIVE", "")
        assert plan_of(loan) == [
            ("2026-11-21", "250.00", "1.32", "posted"),
            ("2026-11-28", "250.00", "1.82", "posted"),
            ("2026-12-26", "250.00", "1.34", "waits"),
            ("2027-01-02", "250.00", "0.86", "waits"),
            ("2027-01-09", "200.00", "0.38", "waits"),
        ]
        assert str(selectors.get_payoff_amount(loan, date(2026, 12, 23)).interest) == "0.77"
        assert_books_clean()

    def test_refusals(self, loan: DriverLoan, driver: Driver) -> None:
        with pytest.raises(services.LoanNotOnHold):
            resume(loan)
        with pytest.raises(ReasonRequired):
            hold(loan, " ")
        with pytest.raises(ValueInvalid):
            hold(loan, "\x00")
        with pytest.raises(services.LoanNotFound):
            services.hold_loan(loan_id=10**9, reason="Ill", actor=None)
        with pytest.raises(NothingToHold):
            hold(lend(driver, posts_at_once=True))
        hold(loan)
        with pytest.raises(services.LoanNotActive):
            hold(loan)
        with pytest.raises(PlanStartInvalid):
            resume(loan, date(2026, 12, 6))
        loan.refresh_from_db()
        assert (loan.status, loan.reason, loan.history.count()) == ("ON_HOLD", "Ill", 2)

    def test_lock_account_loan_and_installments(self, loan: DriverLoan) -> None:
        assert_locks_first(lambda: hold(loan), LOCKS)
        assert_locks_first(lambda: resume(loan, NEXT_SUNDAY), LOCKS)


@pytest.mark.django_db
class TestVoidLoan:
    def test_undoes_what_is_charged_and_drops_the_rest(self, loan: DriverLoan) -> None:
        pay(loan, f"LOAN-{loan.pk}-1", "100.00")
        void(loan)
        assert [row[3] for row in books()] == ["VOIDED", "VOIDED", "OPEN"]
        assert books()[2][1:3] == ("100.00", "100.00")
        assert [state for *_, state in plan_of(loan)] == ["posted", "posted", "held", "held", "held"]
        with pytest.raises(services.LoanEnded):
            void(loan)
        assert_books_clean()

    def test_locks_account_loan_and_installments(self, loan: DriverLoan) -> None:
        assert_locks_first(lambda: void(loan), LOCKS)

    def test_needs_a_reason_and_a_loan(self, loan: DriverLoan) -> None:
        with pytest.raises(ReasonRequired):
            void(loan, " \n ")
        with pytest.raises(ValueInvalid) as refusal:
            void(loan, "x" * 501)
        assert refusal.value.at_field == "reason"
        with pytest.raises(services.LoanNotFound, match=str(10**9)):
            services.void_loan(loan_id=10**9, reason="x", effective_on=THIRD_WEEK, actor=None)
        loan.refresh_from_db()
        assert (loan.status, loan.history.count()) == ("ACTIVE", 1)

    def test_of_one_on_hold(self, driver: Driver) -> None:
        loan = hold(lend(driver))
        assert void(loan).status == "VOIDED"
        assert books() == []
        assert {state for *_, state in plan_of(loan)} == {"held"}
        assert_books_clean()

    def test_is_dated_as_told(self, driver: Driver) -> None:
        loan = lend(driver, posts_at_once=True)
        void(loan)
        balances = LedgerBalance.objects.all()
        assert {balance.status for balance in balances} == {"VOIDED"}
        opposites = [posting for balance in balances for posting in balance.posting.reversals.all()]
        assert [posting.effective_on for posting in opposites] == [THIRD_WEEK] * 5

    @pytest.mark.parametrize("end", [pay_off, write_off])
    def test_of_one_that_has_ended_is_refused(self, loan: DriverLoan, end: Callable[[DriverLoan], object]) -> None:
        end(loan)
        before = books()
        with pytest.raises(services.LoanEnded):
            void(loan)
        assert books() == before


@pytest.mark.django_db
class TestWordsOfAPlan:
    """What its installments that are not charged are called."""

    @pytest.mark.parametrize(
        ("act", "word"),
        [(hold, "On hold"), (void, "Dropped"), (pay_off, "Replaced"), (write_off, "Replaced")],
    )
    def test_say_why_they_wait(self, loan: DriverLoan, act: Callable[[DriverLoan], object], word: str) -> None:
        assert [row.state for row in selectors.list_schedule(loan)][2:] == ["Scheduled"] * 3
        act(loan)
        loan.refresh_from_db()
        assert [row.state for row in selectors.list_schedule(loan)][2:] == [word] * 3


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_a_hold_and_the_posting_of_what_is_due(self) -> None:
        """Whoever is first: what is charged stays charged, and the rest waits."""
        loan = lend(DriverFactory.create())
        outcomes = run_together(lambda: hold(loan), lambda: post_due(date(2026, 12, 5)))
        assert len(list_winners(outcomes)) == 2
        states = [state for *_, state in plan_of(loan)]
        assert states in (["held"] * 5, ["posted"] * 3 + ["held"] * 2)
        assert_books_clean()
