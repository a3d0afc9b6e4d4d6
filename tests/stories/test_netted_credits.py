"""What was given, carried over or set aside, and undone: in one week in no column, a week later in its own."""

from datetime import date
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.stories.fleet import (
    MONDAY,
    NEXT_MONDAY,
    NEXT_SATURDAY,
    SATURDAY,
    WEDNESDAY,
    close_week,
    credit,
    find_posting,
    lease_cab,
    owe,
    pay_out,
    read_dtr,
    read_undone,
    table,
)

pytestmark = pytest.mark.django_db


def test_a_credit_by_mistake_received_and_won_back_in_one_week():
    """A memo of 500.00 by mistake; 120.00 of it was paid out. Won back whole, 380.00 of it at once by what was held.

    received   500.00 − 380.00 = 120.00, paid out 120.00
    RECOVERY   500.00 − 380.00 = 120.00 charged and owed; the 380.00 stand under *Undone this week*
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    memo = credit(driver, "REPAIR-9", "500.00", lease=lease, reason="Charged twice", on=MONDAY)
    pay_out(driver, "120.00", on=WEDNESDAY)
    win_back(memo, on=WEDNESDAY)
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed      opening  charged  paid  applied  closing
        RECOVERY        -   120.00     -        -   120.00
        held    opening  received  allocated  applied  paid-out  closing
        REPAIR        -    120.00          -        -    120.00        -
        net due -120.00
    """)
    assert read_undone(lease, SATURDAY) == [["CREDIT_MEMO", "REPAIR-9", "380.00", "By mistake"]]
    assert_books_clean()


def test_a_credit_by_mistake_won_back_a_week_later():
    """Of 100.00 by mistake 60.00 were paid out and 40.00 are held: 60.00 charged, 40.00 of the receipt voided."""
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    memo = credit(driver, "REPAIR-9", "100.00", lease=lease, reason="Charged twice", on=MONDAY)
    pay_out(driver, "60.00", on=WEDNESDAY)
    close_week(SATURDAY)
    win_back(memo, on=NEXT_MONDAY)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed      opening  charged  paid  applied  closing
        RECOVERY        -    60.00     -        -    60.00
        held    opening  received  voided  allocated  applied  paid-out  closing
        REPAIR    40.00         -   40.00          -        -         -        -
        net due -60.00
    """)
    assert read_undone(lease, NEXT_SATURDAY) == []
    assert_books_clean()


def win_back(memo: LedgerPosting, *, on: date) -> None:
    ledger.win_back(posting_id=memo.pk, reason="By mistake", effective_on=on, actor=None)


def test_what_another_system_had_left():
    """300.00 of rent and a credit of 50.00 were carried over: neither is charged or received. The debt proves wrong.

    week 1   LEASE   300.00 from before − 50.00        250.00
    week 2   LEASE   250.00 − 300.00 + 50.00 undone      0.00
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    debt = ledger.create_obligation(
        category="LEASE",
        amount=Decimal("300.00"),
        reference_id="OPEN-DEBT-A1",
        driver_id=driver.pk,
        lease_id=lease.pk,
        due_on=MONDAY,
        effective_on=MONDAY,
    )
    ledger.credit_driver(
        driver_id=driver.pk,
        category="MISC",
        amount=Decimal("50.00"),
        reference_id="OPEN-CREDIT-A1",
        reason="From before",
        lease_id=lease.pk,
        effective_on=MONDAY,
    )
    ledger.record_openings(reference_ids=["OPEN-DEBT-A1", "OPEN-CREDIT-A1"], actor=None)
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed   opening  before  charged  paid  applied  closing
        LEASE        -  300.00        -     -    50.00   250.00
        held  opening  before  received  allocated  applied  paid-out  closing
        MISC        -   50.00         -          -    50.00         -        -
        net due -250.00
    """)
    ledger.void_posting(posting_id=debt.pk, reason="It had been paid", actor=None, effective_on=NEXT_MONDAY)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed   opening  charged  corrected  paid  applied  undone  closing
        LEASE   250.00        -    -300.00     -        -   50.00        -
        held  opening  received  allocated  applied  undone  paid-out  closing
        MISC        -         -          -        -   50.00         -    50.00
        net due 50.00
    """)
    assert_books_clean()


def test_a_deposit_pays_and_its_use_is_undone():
    """A fine of 115.00 is paid from a deposit of 400.00, and dismissed a week later: both tables say so, apart."""
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    fine = owe(driver, "PVB-1", "115.00", lease=lease)
    ledger.apply_interim_payment(
        payment_amount=Decimal("400.00"),
        deposit=Decimal("400.00"),
        allocations={},
        driver_id=driver.pk,
        lease_id=lease.pk,
        payment_method="CASH",
        effective_on=MONDAY,
    )
    deposit = find_posting("DEPOSIT", "DEPOSIT-000001")
    ledger.apply_deposit(posting_id=deposit.pk, as_of=SATURDAY, reason="The lease is over")
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed  opening  charged  paid  applied  deposit  closing
        PVB         -   115.00     -        -   115.00        -
        held     opening  received  allocated  applied  paid-out  closing
        DEPOSIT        -    400.00          -   115.00         -   285.00
        net due 0.00
    """)
    ledger.void_posting(posting_id=fine.pk, reason="Dismissed", actor=None, effective_on=NEXT_MONDAY)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed  opening  charged  corrected  paid  applied  undone  closing
        PVB         -        -    -115.00     -        -  115.00        -
        held     opening  received  allocated  applied  undone  paid-out  closing
        DEPOSIT   285.00         -          -        -  115.00         -   400.00
        net due 0.00
    """)
    assert_books_clean()
