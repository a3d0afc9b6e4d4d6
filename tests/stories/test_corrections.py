"""What turns out to have been wrong after it was paid, forgiven or handed out."""

from decimal import Decimal

import pytest

from ledger import services as ledger
from tests.books import assert_books_clean
from tests.factories import UserFactory
from tests.stories.fleet import (
    NEXT_MONDAY,
    NEXT_SATURDAY,
    NEXT_WEDNESDAY,
    SATURDAY,
    close_week,
    credit,
    drive,
    find_posting,
    lease_cab,
    owe,
    pay_out,
    read_books,
    read_dtr,
    read_journal,
    table,
)

pytestmark = pytest.mark.django_db


def test_a_repair_paid_and_forgiven_and_voided():
    """A repair of 250.00: 150.00 paid by the week's fares, 100.00 written off; then it proves to be another cab's.

    fares    150.00 received   150.00 on the repair     0.00
    repair   250.00 charged    150.00 paid            100.00 forgiven   0.00
    void     the forgiving is simply undone, the fares are free again, the charge is gone
    fares    150.00 net due    paid out
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    repair = owe(driver, "REPAIR-5-1", "250.00", lease=lease)
    drive(lease, card="150.00")
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed    opening  charged  paid  applied  closing
        REPAIR        -   250.00     -   150.00   100.00
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    150.00          -   150.00         -        -
        net due -100.00
    """)

    ledger.write_off_obligation(posting_id=repair.pk, reason="Hardship", actor=None, effective_on=NEXT_MONDAY)
    assert read_books(driver) == table("""
        REPAIR-5-1            250.00    0.00  SETTLED
        CURB-2026-11-21-L12   150.00    0.00  SETTLED
    """)
    ledger.void_posting(posting_id=repair.pk, reason="Another cab's", actor=None, effective_on=NEXT_WEDNESDAY)
    assert read_journal(driver)[-3:] == table("""
        VOID  REPAIR-5-1  100.00  DEBIT   2026-11-25
        VOID  REPAIR-5-1  150.00  DEBIT   2026-11-25
        VOID  REPAIR-5-1  250.00  CREDIT  2026-11-25
    """)
    assert read_books(driver) == table("""
        REPAIR-5-1            250.00    0.00  VOIDED
        CURB-2026-11-21-L12   150.00  150.00  OPEN
    """)
    pay_out(driver, "150.00", on=NEXT_WEDNESDAY)

    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed    opening  charged  corrected  paid  applied  undone  closing
        REPAIR   100.00        -    -250.00     -        -  150.00        -
        held      opening  received  allocated  applied  undone  paid-out  closing
        EARNINGS        -         -          -        -  150.00    150.00        -
        net due 0.00
    """)
    assert_books_clean()


def test_earnings_that_prove_to_be_a_duplicate_after_the_payout():
    """Fares of 913.25 were paid out on Monday. On Wednesday 100.00 of them prove to have been counted twice.

        the payout stands           913.25 received, 913.25 paid out
        a RECOVERY is charged       100.00, due at the week's end
        next week                   fares 400.00 − taxes 25.00 − rent 200.00 − recovery 100.00 = 75.00 net due

    The earnings can't be voided: the money has left. It is won back where the waterfall has its place, after the rent.
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    drive(lease, card="913.25")
    close_week(SATURDAY)
    pay_out(driver, "913.25", on=NEXT_MONDAY)

    earnings = find_posting("EARNINGS", "CURB-2026-11-21-L12")
    with pytest.raises(ledger.CreditPaidOut):
        ledger.void_posting(
            posting_id=earnings.pk, reason="Counted twice", actor=None, cascade=True, effective_on=NEXT_WEDNESDAY
        )
    owe(
        driver,
        "RECOVERY-CURB-2026-11-21-L12",
        "100.00",
        actor=UserFactory.create(),
        lease=lease,
        on=NEXT_WEDNESDAY,
        due=NEXT_SATURDAY,
    )
    owe(driver, "LEASE-12-2026W48", "200.00", lease=lease, on=NEXT_SATURDAY, due=NEXT_SATURDAY)
    drive(lease, card="400.00", card_taxes="25.00", on=NEXT_WEDNESDAY)
    close_week(NEXT_SATURDAY)
    assert read_books(driver) == table("""
        CURB-2026-11-21-L12            913.25    0.00  SETTLED
        RECOVERY-CURB-2026-11-21-L12   100.00    0.00  SETTLED
        LEASE-12-2026W48               200.00    0.00  SETTLED
        CURB-2026-11-28-L12            400.00   75.00  OPEN
        TAXES-2026-11-28-L12            25.00    0.00  SETTLED
    """)
    assert read_journal(driver)[-3:] == table("""
        APPLICATION  TAXES-2026-11-28-L12           25.00  CREDIT  2026-11-28
        APPLICATION  LEASE-12-2026W48              200.00  CREDIT  2026-11-28
        APPLICATION  RECOVERY-CURB-2026-11-21-L12  100.00  CREDIT  2026-11-28
    """)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed      opening  charged  paid  applied  closing
        TAXES           -    25.00     -    25.00        -
        LEASE           -   200.00     -   200.00        -
        RECOVERY        -   100.00     -   100.00        -
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS   913.25    400.00          -   325.00    913.25    75.00
        net due 75.00
    """)
    assert_books_clean()


def test_a_toll_refunded():
    """A toll of 27.38 was paid by the week's fares of 27.38. A week later E-ZPass takes 9.11 of it back.

        credit memo, E-ZPass      9.11
        a charge of 5.00 is paid by it
        net due                   4.11

    The toll stays as it was charged and paid: the refund is a credit of its own.
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    owe(driver, "EZPASS-90000000001", "27.38", lease=lease)
    drive(lease, card="27.38")
    close_week(SATURDAY)

    credit(driver, "EZPASS-90000000001-REFUND", "9.11", lease=lease, reason="E-ZPass refunded", on=NEXT_MONDAY)
    owe(driver, "MISC-88", "5.00", lease=lease, on=NEXT_MONDAY, due=NEXT_SATURDAY)
    close_week(NEXT_SATURDAY)
    assert read_books(driver) == table("""
        EZPASS-90000000001         27.38  0.00  SETTLED
        CURB-2026-11-21-L12        27.38  0.00  SETTLED
        EZPASS-90000000001-REFUND   9.11  4.11  OPEN
        MISC-88                     5.00  0.00  SETTLED
    """)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed  opening  charged  paid  applied  closing
        MISC        -     5.00     -     5.00        -
        held    opening  received  allocated  applied  paid-out  closing
        EZPASS        -      9.11          -     5.00         -     4.11
        net due 4.11
    """)
    assert_books_clean()


def test_a_forgiven_fine_that_is_corrected_and_corrected_back():
    """A fine of 500.00: 400.00 paid by the week's fares, 100.00 forgiven. The City lowers it, and raises it again.

    to 414.29   the 400.00 paid stay, and 14.29 stay forgiven; nothing is owed
    to 450.00   the same 14.29 are forgiven; 35.71 more are owed, due the Saturday of that week, when fares pay them
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    fine = owe(driver, "PVB-4664359196", "500.00", lease=lease)
    drive(lease, card="400.00")
    close_week(SATURDAY)
    ledger.write_off_obligation(posting_id=fine.pk, reason="Hardship", actor=None, effective_on=NEXT_MONDAY)
    lowered = ledger.replace_obligation(
        posting_id=fine.pk, amount=Decimal("414.29"), reason="Reduced", actor=None, effective_on=NEXT_MONDAY
    )
    assert read_books(driver) == table("""
        PVB-4664359196        500.00    0.00  VOIDED
        CURB-2026-11-21-L12   400.00    0.00  SETTLED
        PVB-4664359196        414.29    0.00  SETTLED
    """)
    raised = ledger.replace_obligation(
        posting_id=lowered.pk, amount=Decimal("450.00"), reason="Raised", actor=None, effective_on=NEXT_WEDNESDAY
    )
    assert raised.due_on == NEXT_SATURDAY
    drive(lease, card="40.00", on=NEXT_MONDAY)
    close_week(NEXT_SATURDAY)
    assert read_books(driver)[3:] == table("""
        PVB-4664359196        450.00    0.00  SETTLED
        CURB-2026-11-28-L12    40.00    4.29  OPEN
    """)
    assert_books_clean()
