"""Loans to a driver: repaid on schedule, paid off in the third week, and given up."""

from datetime import date
from decimal import Decimal

import pytest

from leases.models import Driver, Lease
from ledger import services as ledger
from ledger.models import LedgerPosting
from loans import selectors as loan_selectors
from loans import services as loans
from loans.models import DriverLoan
from tests.books import assert_books_clean
from tests.stories.fleet import (
    NEXT_SATURDAY,
    SATURDAY,
    WEDNESDAY,
    Table,
    close_week,
    drive,
    hand_in,
    lease_cab,
    read_books,
    read_dtr,
    table,
)

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 11, 17)
SUNDAY = date(2026, 11, 15)
DECEMBER_2 = date(2026, 12, 2)
DECEMBER_3 = date(2026, 12, 3)
DECEMBER_5 = date(2026, 12, 5)


def lend(lease: Lease, amount: str, *, rate: str = "0") -> DriverLoan:
    """Lend the lease's driver money by check on Tuesday; they begin to repay it this week."""
    return loans.disburse_loan(
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
        principal=Decimal(amount),
        rate_percent=Decimal(rate),
        disbursed_on=TUESDAY,
        method="CHECK",
        instrument_number="1043",
        starts_on=SUNDAY,
        today=WEDNESDAY,
        actor=None,
    )


def books(driver: Driver, loan: DriverLoan) -> Table:
    """What the loan has charged, with the loan named ``L``."""
    return [
        [row[0].replace(f"LOAN-{loan.pk}-", "L-"), *row[1:]] for row in read_books(driver) if row[0].startswith("LOAN")
    ]


def test_a_loan_paid_off_in_its_third_week():
    """1,200.00 at 10 % a year, lent on Tuesday, November 17; 250.00 of principal a week.

    November 21   250.00 + 1.32   4 days on 1,200.00 are 1.3151    fares 251.32
    November 28   250.00 + 1.82   7 days on 950.00 are 1.8219      fares 251.82
    December 2    700.00 + 0.77   4 days on 700.00 are 0.7671      paid off by a check of 700.77
    December 3    the check bounces: the schedule is restored
    December 5    250.00 + 1.34   7 days on 700.00 are 1.3425      as if nothing had been

    In the third week's DTR the voids are even: the payment's raises what is owed by 700.77, the payoff's lowers it.
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    loan = lend(lease, "1200.00", rate="10")
    drive(lease, card="251.32")
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed  opening  charged  paid  applied  closing
        LOAN        -   251.32     -   251.32        -
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    251.32          -   251.32         -        -
        net due 0.00
    """)
    drive(lease, card="251.82", on=date(2026, 11, 25))
    close_week(NEXT_SATURDAY)

    asked = loan_selectors.get_payoff_amount(loan, DECEMBER_2)
    assert (str(asked.open_charges), str(asked.total)) == ("0.00", "700.77")
    loans.pay_off_loan(loan_id=loan.pk, as_of=DECEMBER_2, today=DECEMBER_2, actor=None)
    check = hand_in(driver, "700.77", {f"LOAN-{loan.pk}-PAYOFF": "700.77"}, check="2001", lease=lease, on=DECEMBER_2)
    assert books(driver, loan) == table("""
        L-1       251.32  0.00  SETTLED
        L-2       251.82  0.00  SETTLED
        L-PAYOFF  700.77  0.00  SETTLED
    """)
    assert_books_clean()

    ledger.void_payment(payment_id=check.pk, reason="Bounced", effective_on=DECEMBER_3, actor=None)
    loans.restore_schedule(
        loan_id=loan.pk,
        reason="The payoff check bounced",
        starts_on=date(2026, 11, 29),
        today=DECEMBER_3,
        effective_on=DECEMBER_3,
        actor=None,
    )
    close_week(DECEMBER_5)
    assert books(driver, loan)[2:] == table("""
        L-PAYOFF  700.77    0.00  VOIDED
        L-3       251.34  251.34  OPEN
    """)
    assert read_dtr(driver, DECEMBER_5, lease)[:2] == table("""
        owed  opening  charged  paid  applied  closing
        LOAN        -   251.34     -        -   251.34
    """)
    assert_books_clean()


def test_a_loan_given_up():
    """300.00 without interest, 100.00 a week. After two weeks the driver has left the country.

    week 1        100.00 charged   fares 60.00    40.00 open
    week 2        100.00 charged                 140.00 open
    December 2    100.00 charged, 240.00 written off
    week 3        nothing is charged any more
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    loan = lend(lease, "300.00")
    drive(lease, card="60.00")
    close_week(SATURDAY)
    close_week(NEXT_SATURDAY)
    loans.write_off_loan(loan_id=loan.pk, reason="Left the country", as_of=DECEMBER_2, today=DECEMBER_2, actor=None)
    close_week(DECEMBER_5)
    assert books(driver, loan) == table("""
        L-1       100.00  0.00  SETTLED
        L-2       100.00  0.00  SETTLED
        L-PAYOFF  100.00  0.00  SETTLED
    """)
    forgiven = LedgerPosting.objects.filter(kind="WRITE_OFF").order_by("pk").values_list("amount", flat=True)
    assert list(forgiven) == [Decimal("40.00"), Decimal("100.00"), Decimal("100.00")]
    assert read_dtr(driver, DECEMBER_5, lease) == table("""
        owed  opening  charged  paid  applied  written-off  closing
        LOAN   140.00   100.00     -        -       240.00        -
        net due 0.00
    """)
    assert_books_clean()


def test_a_loan_of_500_50_and_its_last_week():
    """500.50 falls in the band of 200.00 a week: 200.00, 200.00, 100.50; the fares repay it as it falls due."""
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    loan = lend(lease, "500.50")
    for saturday, wednesday in ((SATURDAY, WEDNESDAY), (NEXT_SATURDAY, date(2026, 11, 25)), (DECEMBER_5, DECEMBER_2)):
        drive(lease, card="200.00", on=wednesday)
        close_week(saturday)
    assert books(driver, loan) == table("""
        L-1  200.00  0.00  SETTLED
        L-2  200.00  0.00  SETTLED
        L-3  100.50  0.00  SETTLED
    """)
    assert read_dtr(driver, DECEMBER_5, lease)[-1] == ["net", "due", "99.50"]
    assert_books_clean()


def test_a_loan_paid_off_the_day_after_a_prepaid_installment():
    """1,200.00 at 10 % a year, lent on Tuesday; the first installment of 250.00 + 1.32 is paid on Wednesday.

    On Thursday the driver pays all of it off. Of the 1.32 for four days, two have passed: 1,200.00 × 10 % × 2 / 365 is
    0.66, so 0.66 comes back. It pays the payoff of 950.00 first, and the driver brings 949.34.
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    loan = lend(lease, "1200.00", rate="10")
    hand_in(driver, "251.32", {f"LOAN-{loan.pk}-1": "251.32"}, lease=lease, on=WEDNESDAY)
    thursday = date(2026, 11, 19)
    assert loan_selectors.get_payoff_amount(loan, thursday).total == Decimal("949.34")
    loans.pay_off_loan(loan_id=loan.pk, as_of=thursday, today=thursday, actor=None)
    hand_in(driver, "949.34", {f"LOAN-{loan.pk}-PAYOFF": "949.34"}, lease=lease, on=thursday)
    close_week(SATURDAY)

    assert books(driver, loan) == table(
        """
        L-1         251.32  0.00  SETTLED
        L-PAYOFF    950.00  0.00  SETTLED
        L-INTEREST    0.66  0.00  SETTLED
        """
    )
    # What they paid is what they were lent, and two days of interest.
    assert Decimal("251.32") + Decimal("949.34") == Decimal("1200.66")
    assert_books_clean()
