"""A workshop's invoice from its entry to its last installment: paid, disputed, and another one undone."""

from datetime import date
from decimal import Decimal

import pytest

from leases.models import Lease
from repairs import services as repairs
from repairs.models import RepairInvoice
from tests.books import assert_books_clean
from tests.stories.fleet import (
    MONDAY,
    NEXT_MONDAY,
    NEXT_SATURDAY,
    NEXT_WEDNESDAY,
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

SUNDAY = date(2026, 11, 15)
DECEMBER_5 = date(2026, 12, 5)
DECEMBER_12 = date(2026, 12, 12)
DECEMBER_16 = date(2026, 12, 16)
DECEMBER_19 = date(2026, 12, 19)


def enter_invoice(lease: Lease, amount: str, *, at_once: bool = False) -> RepairInvoice:
    """Enter a workshop's invoice of Monday on Wednesday; its plan starts this week."""
    return repairs.create_invoice(
        driver_id=lease.primary_driver_id,
        vehicle_id=lease.vehicle_id,
        workshop="Queens Auto",
        workshop_number="QA-1043",
        invoiced_on=MONDAY,
        lines=[repairs.InvoiceItem("Transmission", Decimal(amount))],
        amount=Decimal(amount),
        starts_on=SUNDAY,
        today=WEDNESDAY,
        posts_at_once=at_once,
        actor=None,
    )


def books(lease: Lease, invoice: RepairInvoice, *, without: str = "CURB") -> Table:
    """The driver's charges, with the invoice named ``R``."""
    rows = read_books(lease.primary_driver)
    return [[row[0].replace(f"REPAIR-{invoice.pk}-", "R-"), *row[1:]] for row in rows if not row[0].startswith(without)]


def test_500_50_is_repaid_in_three_weeks():
    """An invoice of 500.50 falls in the band of 200.00 a week: 200.00, 200.00, 100.50, due on Saturdays.

    week 1   200.00 due   fares 150.00                    50.00 carried forward
    week 2   200.00 due   fares 300.00   250.00 applied   50.00 net due
    Wednesday of week 3   100.50 in cash, ahead of its Saturday
    week 3   nothing left
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    invoice = enter_invoice(lease, "500.50")
    drive(lease, card="150.00")
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed    opening  charged  paid  applied  closing
        REPAIR        -   200.00     -   150.00    50.00
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    150.00          -   150.00         -        -
        net due -50.00
    """)
    drive(lease, card="300.00", on=NEXT_WEDNESDAY)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed    opening  charged  paid  applied  closing
        REPAIR    50.00   200.00     -   250.00        -
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    300.00          -   250.00         -    50.00
        net due 50.00
    """)
    hand_in(driver, "100.50", {f"REPAIR-{invoice.pk}-3": "100.50"}, lease=lease, on=date(2026, 12, 2))
    close_week(DECEMBER_5)
    assert books(lease, invoice) == [
        *table("""
            R-1          200.00    0.00  SETTLED
            R-2          200.00    0.00  SETTLED
            R-3          100.50    0.00  SETTLED
        """),
        ["PAY-000001", "100.50", "0.00", "SETTLED"],
    ]
    assert_books_clean()


def test_a_disputed_repair_resumes_when_the_dispute_is_over():
    """500.50, of which 200.00 is charged when the driver disputes it. The hold lasts over three closes.

    November 21   200.00 charged
    November 23   held           nothing is charged on November 28, December 5 and 12
    December 16   resumed        200.00 on December 19, 100.50 on December 26
    """
    lease = lease_cab(lease=12)
    invoice = enter_invoice(lease, "500.50")
    close_week(SATURDAY)
    repairs.hold_invoice(invoice_id=invoice.pk, reason="The driver says the noise is still there", actor=None)
    for saturday in (NEXT_SATURDAY, DECEMBER_5, DECEMBER_12):
        close_week(saturday)
    assert books(lease, invoice) == table("R-1  200.00  200.00  OPEN")

    repairs.resume_invoice(invoice_id=invoice.pk, starts_on=date(2026, 12, 13), today=DECEMBER_16, actor=None)
    close_week(DECEMBER_19)
    assert books(lease, invoice) == table("""
        R-1  200.00  200.00  OPEN
        R-2  200.00  200.00  OPEN
    """)
    close_week(date(2026, 12, 26))
    assert books(lease, invoice)[2:] == table("R-3  100.50  100.50  OPEN")
    assert_books_clean()


def test_a_repair_charged_at_once_proves_to_be_another_cabs():
    """500.50 charged at once, each part due on its own Saturday; fares of 320.00 pay what is due, then all is voided.

    week 1    200.00 of 500.50 is due    200.00 applied    120.00 net due
    Monday    void                       200.00 is free again
    week 2    nothing owed               320.00 net due
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    invoice = enter_invoice(lease, "500.50", at_once=True)
    drive(lease, card="320.00")
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed    opening  charged  paid  applied  closing
        REPAIR        -   500.50     -   200.00   300.50
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    320.00          -   200.00         -   120.00
        net due 120.00
    """)
    repairs.void_invoice(invoice_id=invoice.pk, reason="Another cab's", effective_on=NEXT_MONDAY, actor=None)
    assert books(lease, invoice) == table("""
        R-1  200.00    0.00  VOIDED
        R-2  200.00    0.00  VOIDED
        R-3  100.50    0.00  VOIDED
    """)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed    opening  charged  corrected  paid  applied  undone  closing
        REPAIR   300.50        -    -500.50     -        -  200.00        -
        held      opening  received  allocated  applied  undone  paid-out  closing
        EARNINGS   120.00         -          -        -  200.00         -   320.00
        net due 320.00
    """)
    assert_books_clean()
