"""What the counter takes in, and what happens when it must be taken back."""

import pytest

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
    read_books,
    read_dtr,
    read_journal,
    table,
)

pytestmark = pytest.mark.django_db


def test_an_allocation_voided():
    """Cash 100.00, of which 60.00 on a repair of 250.00 and 40.00 on account. The 60.00 were meant for something else.

        before the void     repair 190.00 owed     on account  40.00
        after it            repair 250.00 owed     on account 100.00
        close of the week   toll 30.00 first, then 70.00 on the repair: 180.00 stay owed

    The payment itself stands: only what it paid was undone.
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    owe(driver, "REPAIR-5-1", "250.00", lease=lease)
    owe(driver, "EZPASS-1", "30.00", lease=lease)
    hand_in(driver, "100.00", {"REPAIR-5-1": "60.00"}, lease=lease)
    assert read_books(driver) == table("""
        REPAIR-5-1   250.00  190.00  OPEN
        EZPASS-1      30.00   30.00  OPEN
        PAY-000001   100.00   40.00  OPEN
    """)

    allocation = find_posting("ALLOCATION", "REPAIR-5-1")
    ledger.void_posting(posting_id=allocation.pk, reason="Meant for another bill", actor=None, effective_on=WEDNESDAY)
    assert read_books(driver) == table("""
        REPAIR-5-1   250.00  250.00  OPEN
        EZPASS-1      30.00   30.00  OPEN
        PAY-000001   100.00  100.00  OPEN
    """)

    close_week(SATURDAY)
    assert read_books(driver) == table("""
        REPAIR-5-1   250.00  180.00  OPEN
        EZPASS-1      30.00    0.00  SETTLED
        PAY-000001   100.00    0.00  SETTLED
    """)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed    opening  charged  paid  applied  closing
        EZPASS        -    30.00     -    30.00        -
        REPAIR        -   250.00     -    70.00   180.00
        held     opening  received  allocated  applied  paid-out  closing
        PAYMENT        -    100.00          -   100.00         -        -
        net due -180.00
    """)
    assert_books_clean()


def test_a_bounced_check_that_the_close_had_used():
    """A check of 200.00: 120.00 on tolls, as the driver said; the other 80.00 the close put on a fine of 500.00.

        after the close     tolls   0.00    fine 420.00    on account 0.00
        the check returns   tolls 120.00    fine 500.00    nothing held

    Voiding the payment alone is refused, since the close's use of it would hang in the air; with ``cascade`` that is
    undone first, then what the payer named, then the payment.
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    owe(driver, "EZPASS-1", "120.00", lease=lease)
    owe(driver, "PVB-4664359196", "500.00", lease=lease)
    payment = hand_in(driver, "200.00", {"EZPASS-1": "120.00"}, lease=lease, check="1001")
    close_week(SATURDAY)
    assert read_books(driver) == table("""
        EZPASS-1        120.00    0.00  SETTLED
        PVB-4664359196  500.00  420.00  OPEN
        PAY-000001      200.00    0.00  SETTLED
    """)

    with pytest.raises(ledger.CreditInUse) as refused:
        ledger.void_payment(
            payment_id=payment.pk,
            reason="Check returned",
            actor=None,
            returned_item=True,
            was_at_bank=True,
            effective_on=NEXT_MONDAY,
        )
    assert [(use["kind"], use["reference_id"], use["amount"]) for use in refused.value.facts["uses"]] == [
        ("APPLICATION", "PVB-4664359196", "80.00"),
    ]
    ledger.void_payment(
        payment_id=payment.pk,
        reason="Check returned",
        actor=None,
        cascade=True,
        returned_item=True,
        was_at_bank=True,
        effective_on=NEXT_MONDAY,
    )
    assert read_journal(driver)[-3:] == table("""
        VOID  PVB-4664359196   80.00  DEBIT  2026-11-23
        VOID  EZPASS-1        120.00  DEBIT  2026-11-23
        VOID  PAY-000001      200.00  DEBIT  2026-11-23
    """)
    assert read_books(driver) == table("""
        EZPASS-1        120.00  120.00  OPEN
        PVB-4664359196  500.00  500.00  OPEN
        PAY-000001      200.00    0.00  VOIDED
    """)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed    opening  charged  paid  applied  undone  closing
        EZPASS        -        -     -        -  120.00   120.00
        PVB      420.00        -     -        -   80.00   500.00
        held     opening  received  voided  allocated  applied  undone  paid-out  closing
        PAYMENT        -         -  200.00          -        -  200.00         -        -
        net due -620.00
    """)
    with pytest.raises(ledger.AlreadyVoided):
        ledger.void_payment(payment_id=payment.pk, reason="Again", actor=None, effective_on=NEXT_MONDAY)
    assert_books_clean()


def test_a_bounced_check_that_had_been_paid_out():
    """A check of 300.00: 100.00 on a charge, 200.00 on account and paid out in cash the Monday after. Then it bounces.

        the charge is owed again                           100.00
        the check is won back as a RECOVERY of             300.00
            paid at once by what the charge gave back      100.00
            left to win back: what went out in cash        200.00
        the driver owes                                    300.00, as if there had never been a check

    Next week's fares of 450.00 pay RECOVERY 200.00, then MISC 100.00: 150.00 net due.
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    owe(driver, "MISC-88", "100.00", lease=lease)
    payment = hand_in(driver, "300.00", {"MISC-88": "100.00"}, lease=lease, check="1002")
    close_week(SATURDAY)
    pay_out(driver, "200.00", on=NEXT_MONDAY)

    with pytest.raises(ledger.CreditPaidOut):
        ledger.void_payment(
            payment_id=payment.pk, reason="Check returned", actor=None, cascade=True, effective_on=NEXT_WEDNESDAY
        )
    ledger.void_payment(
        payment_id=payment.pk,
        reason="Check returned",
        actor=None,
        returned_item=True,
        was_at_bank=True,
        effective_on=NEXT_WEDNESDAY,
    )
    assert read_journal(driver)[-3:] == table("""
        VOID         MISC-88              100.00  DEBIT   2026-11-25
        OBLIGATION   RETURNED-PAY-000001  300.00  DEBIT   2026-11-25
        APPLICATION  RETURNED-PAY-000001  100.00  CREDIT  2026-11-25
    """)
    assert read_books(driver) == table("""
        MISC-88              100.00  100.00  OPEN
        PAY-000001           300.00    0.00  SETTLED
        RETURNED-PAY-000001  300.00  200.00  OPEN
    """)

    drive(lease, card="450.00", on=NEXT_WEDNESDAY)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed      opening  charged  paid  applied  undone  closing
        RECOVERY        -   200.00     -   200.00       -        -
        MISC            -        -     -   100.00  100.00        -
        held      opening  received  voided  allocated  applied  undone  paid-out  closing
        PAYMENT    200.00         -  100.00          -        -  100.00    200.00        -
        EARNINGS        -    450.00       -          -   300.00       -         -   150.00
        net due 150.00
    """)
    assert_books_clean()
