"""What was done and undone in one week is in no column of its DTR; a week later it stands in columns of its own.

Each story is told twice: all in one week, and with the undoing a week later.
"""

from datetime import date
from decimal import Decimal

import pytest

from leases import services as leases
from leases.models import Lease
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.stories.fleet import (
    NEXT_MONDAY,
    NEXT_SATURDAY,
    NEXT_WEDNESDAY,
    SATURDAY,
    WEDNESDAY,
    close_week,
    drive,
    find_posting,
    hand_in,
    lease_cab,
    owe,
    pay_out,
    read_dtr,
    read_undone,
    rent_cab,
    table,
)

pytestmark = pytest.mark.django_db


def test_a_payoff_check_bounces_in_the_week_it_came():
    """Nothing was charged and nothing paid: 250.99 stay owed, and the next installment of 251.82 comes.

    LOAN   250.99 + 251.82 = 502.81
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    owe(driver, "LOAN-3-1", "250.99", lease=lease)
    close_week(SATURDAY)

    owe(driver, "LOAN-3-PAYOFF", "951.04", lease=lease, on=NEXT_MONDAY, due=NEXT_MONDAY)
    check = hand_in(driver, "951.04", {"LOAN-3-PAYOFF": "951.04"}, lease=lease, check="2001", on=NEXT_MONDAY)
    ledger.void_payment(payment_id=check.pk, reason="Came back", actor=None, effective_on=NEXT_WEDNESDAY)
    ledger.void_posting(
        posting_id=find_posting("OBLIGATION", "LOAN-3-PAYOFF").pk,
        reason="Its check came back",
        actor=None,
        effective_on=NEXT_WEDNESDAY,
    )
    owe(driver, "LOAN-3-2", "251.82", lease=lease, due=NEXT_SATURDAY, on=NEXT_WEDNESDAY)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed  opening  charged  paid  applied  closing
        LOAN   250.99   251.82     -        -   502.81
        net due -502.81
    """)
    assert read_undone(lease, NEXT_SATURDAY) == [
        ["ALLOCATION", "LOAN-3-PAYOFF", "951.04", "Came back"],
        ["OBLIGATION", "LOAN-3-PAYOFF", "951.04", "Its check came back"],
        ["PAYMENT", "PAY-000001", "951.04", "Came back"],
    ]
    assert_books_clean()


def test_a_payoff_check_bounces_a_week_later():
    """The first DTR says that 951.04 were charged and paid, the second that both were undone.

    week 1   250.99 + 951.04 − 951.04                      250.99
    week 2   250.99 + 251.82 − 951.04 + 951.04             502.81
             the check: 951.04 voided, 951.04 of uses undone 0.00
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    owe(driver, "LOAN-3-1", "250.99", lease=lease)
    owe(driver, "LOAN-3-PAYOFF", "951.04", lease=lease)
    check = hand_in(driver, "951.04", {"LOAN-3-PAYOFF": "951.04"}, lease=lease, check="2001")
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease)[:2] == table("""
        owed  opening  charged    paid  applied  closing
        LOAN        -  1202.03  951.04        -   250.99
    """)

    ledger.void_payment(payment_id=check.pk, reason="Came back", actor=None, effective_on=NEXT_WEDNESDAY)
    ledger.void_posting(
        posting_id=find_posting("OBLIGATION", "LOAN-3-PAYOFF").pk,
        reason="Its check came back",
        actor=None,
        effective_on=NEXT_WEDNESDAY,
    )
    owe(driver, "LOAN-3-2", "251.82", lease=lease, due=NEXT_SATURDAY, on=NEXT_WEDNESDAY)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed  opening  charged  corrected  paid  applied  undone  closing
        LOAN   250.99   251.82    -951.04     -        -  951.04   502.81
        held     opening  received  voided  allocated  applied  undone  paid-out  closing
        PAYMENT        -         -  951.04          -        -  951.04         -        -
        net due -502.81
    """)
    assert read_undone(lease, NEXT_SATURDAY) == []
    assert_books_clean()


@pytest.fixture
def prepaid() -> Lease:
    """Two rents of 500.00 paid in cash on Wednesday, the fourth day of the week."""
    lease = rent_cab(lease=12, weeks=2)
    hand_in(
        lease.primary_driver,
        "1000.00",
        {"LEASE-12-2026W47": "500.00", "LEASE-12-2026W48": "500.00"},
        lease=lease,
    )
    return lease


def test_two_prepaid_rents_and_a_lease_that_ends_in_the_week(prepaid):
    """1,000.00 in cash, ended on the fourth day with a fee of 100.00: 4/7 of 500.00 = 285.71 and the fee are charged.

    LEASE     385.71 charged, 285.71 paid in cash, 100.00 from the rest of it
    PAYMENT   1,000.00 − 285.71 − 100.00 = 614.29 held
    """
    end_early(prepaid, last_on=WEDNESDAY, today=WEDNESDAY)
    close_week(SATURDAY)
    assert read_dtr(prepaid.primary_driver, SATURDAY, prepaid) == table("""
        owed   opening  charged    paid  applied  closing
        LEASE        -   385.71  285.71   100.00        -
        held     opening  received  allocated  applied  paid-out  closing
        PAYMENT        -   1000.00     285.71   100.00         -   614.29
        net due 614.29
    """)
    assert [row[:3] for row in read_undone(prepaid, SATURDAY)] == [
        ["ALLOCATION", "LEASE-12-2026W47", "500.00"],
        ["OBLIGATION", "LEASE-12-2026W47", "500.00"],
        ["ALLOCATION", "LEASE-12-2026W48", "500.00"],
        ["OBLIGATION", "LEASE-12-2026W48", "500.00"],
    ]
    assert_books_clean()


def test_two_prepaid_rents_and_a_lease_that_ends_a_week_later(prepaid):
    """The same end told a week later: 1,000.00 charged and paid, then 714.29 less, and the fee.

    week 2   LEASE     100.00 − 714.29 − 100.00 + 714.29 = 0.00
             PAYMENT   714.29 − 100.00                   = 614.29
    """
    close_week(SATURDAY)
    assert read_dtr(prepaid.primary_driver, SATURDAY, prepaid)[:2] == table("""
        owed   opening  charged     paid  applied  closing
        LEASE        -  1000.00  1000.00        -        -
    """)
    end_early(prepaid, last_on=WEDNESDAY, today=NEXT_MONDAY)
    close_week(NEXT_SATURDAY)
    assert read_dtr(prepaid.primary_driver, NEXT_SATURDAY, prepaid) == table("""
        owed   opening  charged  corrected  paid  applied  undone  closing
        LEASE        -   100.00    -714.29     -   100.00  714.29        -
        held     opening  received  allocated  applied  undone  paid-out  closing
        PAYMENT        -         -          -   100.00  714.29         -   614.29
        net due 614.29
    """)
    assert read_undone(prepaid, NEXT_SATURDAY) == []
    assert_books_clean()


def end_early(lease: Lease, *, last_on: date, today: date) -> None:
    leases.terminate_lease(
        lease_id=lease.pk,
        last_on=last_on,
        cancellation_charge=Decimal("100.00"),
        reason="Given back",
        effective_on=today,
        actor=None,
    )


def test_a_ticket_paid_and_dismissed_in_one_week():
    """A violation of 115.00, paid in cash, dismissed: no line of it, 115.00 held, and it is told why."""
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    fine = owe(driver, "PVB-8012345678", "115.00", lease=lease)
    hand_in(driver, "115.00", {"PVB-8012345678": "115.00"}, lease=lease)
    ledger.void_posting(posting_id=fine.pk, reason="Dismissed by the City", actor=None, effective_on=WEDNESDAY)
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        held     opening  received  allocated  applied  paid-out  closing
        PAYMENT        -    115.00          -        -         -   115.00
        net due 115.00
    """)
    assert read_undone(lease, SATURDAY) == [
        ["ALLOCATION", "PVB-8012345678", "115.00", "Dismissed by the City"],
        ["OBLIGATION", "PVB-8012345678", "115.00", "Dismissed by the City"],
    ]
    assert_books_clean()


def test_all_of_a_week_undone_is_a_dtr_without_a_line():
    """A charge of 40.00 entered and taken back: nothing moved, and the DTR says just that."""
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    wrong = owe(driver, "MISC-1", "40.00", lease=lease)
    ledger.void_posting(posting_id=wrong.pk, reason="Entered twice", actor=None, effective_on=WEDNESDAY)
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("net due 0.00")
    assert read_undone(lease, SATURDAY) == [["OBLIGATION", "MISC-1", "40.00", "Entered twice"]]
    assert_books_clean()


def test_a_check_returned_after_some_of_it_had_left():
    """Check of 600.00: rent 420.00, and by the close 30.00 of taxes and 50.00 of the loan; 100.00 paid out in cash.

    A week later it comes back. What it paid is owed again, its own rest of 500.00 covers the recovery of 600.00, and
    fares of 780.00 pay taxes, and 702.00 of two rents.

        TAXES      48.00 − 48.00                                   (30.00 undone and paid again: told, in no column)
        LEASE      420.00 − 702.00 + 420.00 = 138.00
        RECOVERY   100.00
        LOAN       200.00 + 50.00 = 250.00
        EARNINGS   780.00 − 780.00;   PAYMENT   500.00 undone, 500.00 voided
        across     (48.00 + 702.00) − (420.00 + 50.00) = 280.00 = 780.00 − 500.00
    """
    lease = rent_cab(lease=12, rent="420.00", weeks=2)
    driver = lease.primary_driver
    owe(driver, "LOAN-2-1", "200.00", lease=lease)
    check = hand_in(driver, "600.00", {"LEASE-12-2026W47": "420.00"}, lease=lease, check="555")
    pay_out(driver, "100.00", on=WEDNESDAY)
    drive(lease, card="500.00", card_taxes="30.00")
    close_week(SATURDAY)
    pay_out(driver, "350.00", on=NEXT_MONDAY)

    ledger.void_payment(
        payment_id=check.pk,
        reason="Came back",
        actor=None,
        cascade=True,
        returned_item=True,
        was_at_bank=True,
        effective_on=NEXT_WEDNESDAY,
    )
    owe(driver, "LOAN-2-2", "200.00", lease=lease, due=NEXT_SATURDAY, on=NEXT_WEDNESDAY)
    drive(lease, card="780.00", card_taxes="48.00", on=NEXT_WEDNESDAY)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed      opening  charged  paid  applied  undone  closing
        TAXES           -    48.00     -    48.00       -        -
        LEASE           -   420.00     -   702.00  420.00   138.00
        RECOVERY        -   100.00     -        -       -   100.00
        LOAN            -   200.00     -        -   50.00   250.00
        held      opening  received  voided  allocated  applied  undone  paid-out  closing
        PAYMENT         -         -  500.00          -        -  500.00         -        -
        EARNINGS   350.00    780.00       -          -   780.00       -    350.00        -
        net due -488.00
    """)
    assert [row for row in read_undone(lease, NEXT_SATURDAY) if row[2] == "30.00"] == [
        ["APPLICATION", "TAXES-2026-11-21-L12", "30.00", "Came back"],
    ]
    assert_books_clean()
