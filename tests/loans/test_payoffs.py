"""Loans that end before their time: paid off, given up, and taken back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.errors import ReasonRequired
from core.weeks import week_of
from leases.models import Driver
from ledger import services as ledger
from ledger.installments.services import PlanStartInvalid
from ledger.models import LedgerBalance, LedgerPosting
from loans import selectors, services
from loans.models import DriverLoan
from tests.books import assert_books_clean, assert_never_below_zero
from tests.factories import DriverFactory
from tests.loans.office import (
    LOCKS,
    THIRD_WEEK,
    TODAY,
    TUESDAY,
    books,
    count_rows,
    hold,
    lend,
    pay,
    pay_off,
    plan_of,
    post_due,
    restore,
    void,
    write_off,
)
from tests.locks import assert_locks_first
from tests.threads import count_refusals, list_winners, run_together


@pytest.mark.django_db
class TestPayOff:
    def test_charges_the_rest_in_one(self, loan: DriverLoan) -> None:
        amount = selectors.get_payoff_amount(loan, THIRD_WEEK)
        assert (str(amount.open_charges), str(amount.principal), str(amount.interest), str(amount.total)) == (
            "503.14",
            "700.00",
            "0.77",
            "1203.91",
        )
        pay_off(loan)
        assert books()[2:] == [(f"LOAN-{loan.pk}-PAYOFF", "700.77", "700.77", "OPEN")]
        posting = LedgerPosting.objects.latest("pk")
        assert (posting.category, posting.due_on, posting.effective_on) == ("LOAN", THIRD_WEEK, THIRD_WEEK)
        assert str(posting.income) == "0.77"
        loan.refresh_from_db()
        assert loan.status == "PAID_OFF"
        assert [state for *_, state in plan_of(loan)] == ["posted", "posted", "held", "held", "held"]
        post_due(date(2027, 1, 2))
        assert len(books()) == 3
        assert_books_clean()

    def test_of_a_day_in_closed_books_keeps_its_day_and_is_booked_today(self, loan: DriverLoan) -> None:
        """As of Tuesday, Dec 1, entered on Wednesday: 3 days on 700.00 at 10 % are 0.58."""
        tuesday = THIRD_WEEK - timedelta(days=1)
        ledger.close_books_with_week(week=week_of(date(2026, 11, 28)), actor=None)
        ledger.close_books(through=tuesday, reason="Month end", today=THIRD_WEEK, actor=None)
        payoff = services.pay_off_loan(loan_id=loan.pk, as_of=tuesday, today=THIRD_WEEK, actor=None)
        assert (payoff.as_of, str(payoff.interest)) == (tuesday, "0.58")
        posting = LedgerPosting.objects.latest("pk")
        assert (posting.due_on, posting.effective_on, str(posting.amount)) == (tuesday, THIRD_WEEK, "700.58")
        assert_books_clean()

    def test_is_booked_no_earlier_than_what_else_is_booked_of_the_loan(self, loan: DriverLoan) -> None:
        """251.32 was paid on Tuesday, and the check came back on Wednesday. It is given up as of Monday.

        That is booked on Wednesday: on Monday, it would be forgiven already when it was paid on Tuesday.
        """
        monday, tuesday = THIRD_WEEK - timedelta(days=2), THIRD_WEEK - timedelta(days=1)
        check = ledger.apply_interim_payment(
            payment_amount=Decimal("251.32"),
            allocations={f"LOAN-{loan.pk}-1": Decimal("251.32")},
            driver_id=loan.driver_id,
            payment_method="CHECK",
            instrument_number="2001",
            effective_on=tuesday,
        )
        ledger.void_payment(payment_id=check.pk, reason="Bounced", effective_on=THIRD_WEEK, actor=None)
        services.write_off_loan(loan_id=loan.pk, reason="Left", as_of=monday, today=THIRD_WEEK, actor=None)
        booked = LedgerPosting.objects.filter(kind="WRITE_OFF").values_list("effective_on", flat=True)
        assert set(booked) == {THIRD_WEEK}
        assert loan.payoffs.get().as_of == monday
        assert_never_below_zero()
        assert_books_clean()

    def test_given_up_as_of_a_day_in_closed_books_is_booked_today(self, loan: DriverLoan) -> None:
        tuesday = THIRD_WEEK - timedelta(days=1)
        ledger.close_books_with_week(week=week_of(date(2026, 11, 28)), actor=None)
        ledger.close_books(through=tuesday, reason="Month end", today=THIRD_WEEK, actor=None)
        services.write_off_loan(loan_id=loan.pk, reason="Left", as_of=tuesday, today=THIRD_WEEK, actor=None)
        booked = LedgerPosting.objects.filter(kind="WRITE_OFF").values_list("effective_on", flat=True)
        assert set(booked) == {THIRD_WEEK}
        assert_books_clean()

    def test_refusals(self, loan: DriverLoan, driver: Driver) -> None:
        for as_of, today in ((TUESDAY - timedelta(days=1), TODAY), (TODAY + timedelta(days=1), TODAY)):
            with pytest.raises(services.PayoffDateInvalid) as refusal:
                services.pay_off_loan(loan_id=loan.pk, as_of=as_of, today=today, actor=None)
            assert refusal.value.at_field == "as_of"
        with pytest.raises(services.NothingToPayOff):
            pay_off(lend(driver, posts_at_once=True))
        written = count_rows()
        hold(loan)
        with pytest.raises(services.LoanNotActive):
            pay_off(loan)
        assert count_rows() == written

    def test_twice_is_refused(self, loan: DriverLoan) -> None:
        pay_off(loan)
        written = count_rows()
        for act in (pay_off, hold):
            with pytest.raises(services.LoanNotActive):
                act(loan)
        for ending in (write_off, void):
            with pytest.raises(services.LoanEnded):
                ending(loan)
        assert count_rows() == written == (1, 5, 1, 3)

    def test_locks_account_loan_and_installments(self, loan: DriverLoan) -> None:
        assert_locks_first(lambda: pay_off(loan), LOCKS)
        assert_locks_first(lambda: restore(loan), LOCKS)


@pytest.mark.django_db
class TestSettlement:
    def test_of_a_deposit_pays_a_loan_off(self, loan: DriverLoan) -> None:
        """By its schedule it would be 702.58: 1.81 of interest that is not earned by then."""
        ledger.post_remaining_installments(driver_id=loan.driver_id, due_on=THIRD_WEEK, actor=None)
        owed = LedgerBalance.objects.order_by("posting_id").values_list("reference_id", "original_amount", "due_on")
        assert list(owed)[2:] == [(f"LOAN-{loan.pk}-PAYOFF", Decimal("700.77"), THIRD_WEEK)]
        ledger.post_remaining_installments(driver_id=loan.driver_id, due_on=THIRD_WEEK, actor=None)
        assert LedgerBalance.objects.count() == 3
        assert_books_clean()

    def test_leaves_one_on_hold(self, loan: DriverLoan) -> None:
        hold(loan)
        counts = ledger.post_remaining_installments(driver_id=loan.driver_id, due_on=THIRD_WEEK, actor=None)
        assert (counts.posted, LedgerBalance.objects.count()) == (0, 2)


@pytest.mark.django_db
class TestRestoreSchedule:
    def test_after_its_payment_was_undone(self, loan: DriverLoan) -> None:
        payoff = pay_off(loan)
        payment = pay(loan, f"LOAN-{loan.pk}-PAYOFF", "700.77")
        with pytest.raises(services.PayoffPaid) as refusal:
            restore(loan)
        assert refusal.value.facts == {"paid": "700.77"}
        ledger.void_payment(payment_id=payment.pk, reason="Bounced", effective_on=THIRD_WEEK, actor=None)
        restore(loan)
        assert books()[2][3] == "VOIDED"
        loan.refresh_from_db()
        payoff.refresh_from_db()
        assert (loan.status, loan.reason, payoff.is_undone) == ("ACTIVE", "Payment bounced", True)
        assert plan_of(loan)[2:] == [
            ("2026-12-05", "250.00", "1.34", "waits"),
            ("2026-12-12", "250.00", "0.86", "waits"),
            ("2026-12-19", "200.00", "0.38", "waits"),
        ]
        assert_books_clean()

    def test_late_moves_what_fell_due(self, loan: DriverLoan) -> None:
        pay_off(loan)
        restore(loan, date(2026, 12, 13), date(2026, 12, 14))
        assert [due for due, *_ in plan_of(loan)[2:]] == ["2026-12-19", "2026-12-26", "2027-01-02"]
        assert_books_clean()

    def test_then_it_can_be_paid_off_again(self, loan: DriverLoan) -> None:
        pay_off(loan)
        restore(loan)
        pay_off(loan, THIRD_WEEK + timedelta(days=1))
        assert books()[2:] == [
            (f"LOAN-{loan.pk}-PAYOFF", "700.77", "0.00", "VOIDED"),
            (f"LOAN-{loan.pk}-PAYOFF", "700.96", "700.96", "OPEN"),
        ]
        assert count_rows()[2] == 2
        assert_books_clean()

    def test_when_somebody_voided_the_charge_in_the_ledger(self, loan: DriverLoan) -> None:
        pay_off(loan)
        charge = LedgerPosting.objects.latest("pk")
        ledger.void_posting(posting_id=charge.pk, reason="Wrong", effective_on=THIRD_WEEK, actor=None)
        restore(loan)
        loan.refresh_from_db()
        assert loan.status == "ACTIVE"
        assert_books_clean()

    def test_only_what_was_ended(self, loan: DriverLoan) -> None:
        with pytest.raises(services.LoanNotPaidOff):
            restore(loan)
        pay_off(loan)
        with pytest.raises(PlanStartInvalid):
            restore(loan, date(2027, 1, 3))
        loan.refresh_from_db()
        assert loan.status == "PAID_OFF"


@pytest.mark.django_db
class TestWriteOff:
    def test_charges_what_remains_then_forgives_all(self, loan: DriverLoan) -> None:
        pay(loan, f"LOAN-{loan.pk}-1", "100.00")
        write_off(loan)
        assert [row for row in books() if row[0].startswith("LOAN")] == [
            (f"LOAN-{loan.pk}-1", "251.32", "0.00", "SETTLED"),
            (f"LOAN-{loan.pk}-2", "251.82", "0.00", "SETTLED"),
            (f"LOAN-{loan.pk}-PAYOFF", "700.77", "0.00", "SETTLED"),
        ]
        forgiven = LedgerPosting.objects.filter(kind="WRITE_OFF").order_by("pk")
        assert [(row.amount, row.reason, row.effective_on) for row in forgiven] == [
            (Decimal("151.32"), "Left the country", THIRD_WEEK),
            (Decimal("251.82"), "Left the country", THIRD_WEEK),
            (Decimal("700.77"), "Left the country", THIRD_WEEK),
        ]
        loan.refresh_from_db()
        assert (loan.status, loan.reason) == ("WRITTEN_OFF", "Left the country")
        assert_books_clean()

    def test_one_that_is_on_hold_or_all_charged(self, loan: DriverLoan, driver: Driver) -> None:
        hold(loan)
        write_off(loan)
        charged = lend(driver, posts_at_once=True)
        write_off(charged)
        assert not LedgerBalance.objects.filter(status="OPEN").exists()
        # The second one charged nothing more: it gives interest back that was charged ahead.
        assert count_rows()[2] == 2
        assert_books_clean()

    def test_is_taken_back_like_a_payoff(self, loan: DriverLoan) -> None:
        write_off(loan)
        with pytest.raises(services.PayoffPaid):
            restore(loan)
        for posting in LedgerPosting.objects.filter(kind="WRITE_OFF"):
            ledger.void_posting(posting_id=posting.pk, reason="They came back", effective_on=THIRD_WEEK, actor=None)
        restore(loan)
        assert [row[2:] for row in books()] == [("251.32", "OPEN"), ("251.82", "OPEN"), ("0.00", "VOIDED")]
        assert_books_clean()

    def test_refusals(self, loan: DriverLoan, driver: Driver) -> None:
        with pytest.raises(ReasonRequired):
            write_off(loan, reason="")
        with pytest.raises(services.PayoffDateInvalid):
            services.write_off_loan(loan_id=loan.pk, reason="x", as_of=THIRD_WEEK, today=TODAY, actor=None)
        repaid = lend(driver, principal=Decimal("100.00"), rate_percent=0, posts_at_once=True)
        pay(repaid, f"LOAN-{repaid.pk}-1", "100.00")
        with pytest.raises(services.NothingToWriteOff):
            write_off(repaid)
        assert not LedgerPosting.objects.filter(kind="WRITE_OFF").exists()

    def test_locks_account_loan_and_installments(self, loan: DriverLoan) -> None:
        assert_locks_first(lambda: write_off(loan), LOCKS)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_payoffs_at_once(self) -> None:
        loan = lend(DriverFactory.create())
        outcomes = run_together(*[lambda: pay_off(loan)] * 2)
        assert count_refusals(outcomes) == {services.LoanNotActive: 1}
        assert count_rows() == (1, 5, 1, 1)

    def test_a_payoff_and_the_posting_of_what_is_due(self) -> None:
        """Whoever is first: each cent of the principal is charged once."""
        loan = lend(DriverFactory.create(), rate_percent=0)
        outcomes = run_together(lambda: pay_off(loan), lambda: post_due(date(2027, 1, 2)))
        assert len(list_winners(outcomes)) >= 1
        assert sum(balance.remaining for balance in LedgerBalance.objects.all()) == Decimal("1200.00")
        assert_books_clean()
