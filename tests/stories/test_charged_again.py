"""A charge voided by mistake is charged again, and what had paid it pays it again as far as it is still held."""

from datetime import date

import pytest

from ledger import services as ledger
from ledger.selectors import list_what_had_paid
from tests.books import assert_books_clean
from tests.stories.fleet import (
    NEXT_SATURDAY,
    SATURDAY,
    close_week,
    find_posting,
    hand_in,
    owe,
    read_books,
    read_dtr,
    rent_cab,
    table,
)

pytestmark = pytest.mark.django_db

TUESDAY, MONDAY_AFTER, LAST_SATURDAY = date(2026, 11, 24), date(2026, 11, 30), date(2026, 12, 5)


def test_a_rent_voided_by_mistake():
    """Rent of 500.00 is paid in cash. On Tuesday somebody voids it; on Monday it is seen that it was right.

    week 1    charged 500.00, paid by the driver 500.00
    Tuesday   void: 500.00 is free again
    week 2    200.00 of it pays another charge on Saturday: 300.00 is left
    Monday    charged again: 500.00, of which the 300.00 left of what had paid it pays at once
    week 3    200.00 stays owed, due the day it was due
    """
    lease = rent_cab(lease=12)
    driver = lease.primary_driver
    hand_in(driver, "500.00", {"LEASE-12-2026W47": "500.00"}, lease=lease)
    close_week(SATURDAY)

    rent = find_posting("OBLIGATION", "LEASE-12-2026W47")
    ledger.void_posting(posting_id=rent.pk, reason="Not theirs", actor=None, effective_on=TUESDAY)
    owe(driver, "MISC-88", "200.00", lease=lease, due=NEXT_SATURDAY, on=TUESDAY)
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed   opening  charged  corrected  paid  applied  undone  closing
        LEASE        -        -    -500.00     -        -  500.00        -
        MISC         -   200.00          -     -   200.00       -        -
        held     opening  received  allocated  applied  undone  paid-out  closing
        PAYMENT        -         -          -   200.00  500.00         -   300.00
        net due 300.00
    """)

    assert [str(had_paid.offered) for had_paid in list_what_had_paid(rent)] == ["300.00"]
    again = ledger.charge_again(posting_id=rent.pk, reason="Theirs after all", effective_on=MONDAY_AFTER, actor=None)
    assert again.due_on == SATURDAY
    assert read_books(driver) == table("""
        LEASE-12-2026W47  500.00    0.00  VOIDED
        PAY-000001        500.00    0.00  SETTLED
        MISC-88           200.00    0.00  SETTLED
        LEASE-12-2026W47  500.00  200.00  OPEN
    """)
    close_week(LAST_SATURDAY)
    assert read_dtr(driver, LAST_SATURDAY, lease) == table("""
        owed   opening  charged    paid  applied  closing
        LEASE        -   500.00  300.00        -   200.00
        held     opening  received  allocated  applied  paid-out  closing
        PAYMENT   300.00         -     300.00        -         -        -
        net due -200.00
    """)
    assert_books_clean()
