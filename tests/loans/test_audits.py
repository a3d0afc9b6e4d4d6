"""The audits of loans find what somebody broke by hand; and the reference rows are there after a flush."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db.models import F

from core.audits import examine, list_audits
from leases.models import Driver
from loans.models import DriverLoan, LoanBand, LoanInstallment, LoanPayoff, RateLimit
from tests.ledger.hostile import guards_off
from tests.loans.factories import DriverLoanFactory, LoanBandFactory, LoanInstallmentFactory, LoanPayoffFactory
from tests.loans.office import THIS_SUNDAY, TODAY, hold, lend, pay_off, restore, void


def findings() -> dict[str, list[str]]:
    audits = [found for found in list_audits() if found.name.startswith("loans.")]
    return {answer.audit.name: list(answer.findings) for answer in examine(audits) if answer.findings}


def mark_voided(loan: DriverLoan) -> None:
    """As only the owner of the table can, and without taking anything back."""
    with guards_off("loans_driverloan"):
        DriverLoan.objects.filter(pk=loan.pk).update(status="VOIDED", reason="x")


@pytest.mark.django_db
class TestAudits:
    def test_find_nothing_in_order(self, driver: Driver) -> None:
        lend(driver, posts_at_once=True)
        hold(lend(driver))
        void(lend(driver, posts_at_once=True))
        paid_off, restored = lend(driver), lend(driver)
        pay_off(paid_off, TODAY)
        pay_off(restored, TODAY)
        restore(restored, THIS_SUNDAY, TODAY)
        assert findings() == {}

    @pytest.mark.parametrize(
        ("tamper", "audit", "sentence"),
        [
            (
                lambda loan: LoanInstallment.objects.filter(loan=loan, number=5).delete(),
                "loans.sums",
                "its installments repay 1000.00, the loan is 1200.00",
            ),
            (
                lambda loan: LoanInstallment.objects.filter(loan=loan, number=2).update(
                    interest=Decimal(2), amount=F("principal") + 2
                ),
                "loans.interest",
                "bears 2.00, its days on 950.00 come to 1.82",
            ),
            (
                lambda loan: LoanInstallment.objects.filter(loan=loan, number=1).update(on_hold=True),
                "loans.holds",
                "is on hold, and",
            ),
            (
                lambda loan: LoanPayoffFactory.create(loan=loan),
                "loans.payoffs",
                "of 250.00 is not charged as LOAN-",
            ),
        ],
    )
    def test_find_a_broken_plan(
        self, driver: Driver, tamper: Callable[[DriverLoan], object], audit: str, sentence: str
    ) -> None:
        tamper(lend(driver))
        assert list(findings()) == [audit]
        assert sentence in findings()[audit][0]

    def test_find_a_loan_marked_as_voided(self, driver: Driver) -> None:
        loan = lend(driver)
        mark_voided(loan)
        found = findings()
        assert set(found) == {"loans.holds", "loans.books", "loans.account"}
        assert "will be charged, and" in found["loans.holds"][0]
        assert found["loans.books"] == [f"{loan} of 1200.00 is VOIDED; 1200.00 stands booked as lent."]
        assert found["loans.account"] == ["Loans stand at 1200.00; 0.00 is lent, and 0.00 of it charged."]

    def test_find_a_loan_without_a_plan_that_the_books_do_not_know(self) -> None:
        loan = DriverLoanFactory.create()
        assert findings() == {
            "loans.sums": [f"{loan}: its installments repay 0.00, the loan is 250.00."],
            "loans.books": [f"{loan} of 250.00 is ACTIVE; 0.00 stands booked as lent."],
            "loans.account": ["Loans stand at 0.00; 250.00 is lent, and 0.00 of it charged."],
        }

    def test_find_what_is_still_charged(self, driver: Driver) -> None:
        voided, restored = lend(driver, posts_at_once=True), lend(driver)
        mark_voided(voided)
        LoanPayoff.objects.filter(pk=pay_off(restored, TODAY).pk).update(is_undone=True)
        found = findings()
        assert (len(found["loans.voids"]), len(found["loans.payoffs"])) == (5, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.owner
def test_a_flush_makes_the_reference_rows_anew() -> None:
    LoanBandFactory.create()
    call_command("flush", interactive=False, verbosity=0)
    assert (LoanBand.objects.count(), RateLimit.objects.get().highest_percent) == (5, Decimal("16.00"))


@pytest.mark.django_db
def test_bare_rows_can_be_made() -> None:
    part = LoanInstallmentFactory.create()
    assert (part.reference_id, part.amount) == (f"LOAN-{part.loan.pk}-1", Decimal("100.00"))
