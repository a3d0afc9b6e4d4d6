"""One driver's money is one: it pays what they owe on any lease, or on none, and each DTR says where it went."""

from decimal import Decimal
from typing import Any

import pytest

from dtr import selectors as dtr_selectors
from dtr import services as dtr
from dtr.models import Dtr
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.refusals import refused
from tests.stories.fleet import (
    NEXT_MONDAY,
    SATURDAY,
    close_week,
    drive,
    get_dtr,
    lease_cab,
    owe,
    read_books,
    read_dtr,
    rent_cab,
    table,
)

pytestmark = pytest.mark.django_db


def test_two_leases_of_one_driver():
    """The driver rents two cabs and drove only the one of lease 12; its fares pay the rent of both.

        lease 12   fares 700.00 − taxes 50.00 − rent 400.00 = 250.00
        lease 13   rent 300.00 − 250.00 from lease 12       =  50.00 owed

    Both rents are due the same Saturday: the one posted first is paid first.
    """
    driven = rent_cab(lease=12, rent="400.00")
    driver = driven.primary_driver
    parked = rent_cab(lease=13, rent="300.00", driver=driver)
    drive(driven, card="700.00", card_taxes="50.00")
    close_week(SATURDAY)

    assert read_books(driver) == table("""
        CURB-2026-11-21-L12   700.00   0.00  SETTLED
        TAXES-2026-11-21-L12   50.00   0.00  SETTLED
        LEASE-12-2026W47      400.00   0.00  SETTLED
        LEASE-13-2026W47      300.00  50.00  OPEN
    """)
    assert read_dtr(driver, SATURDAY, driven) == table("""
        owed   opening  charged  paid  applied  closing
        TAXES        -    50.00     -    50.00        -
        LEASE        -   400.00     -   400.00        -
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    700.00          -   700.00         -        -
        net due 0.00
    """)
    assert read_dtr(driver, SATURDAY, parked) == table("""
        owed   opening  charged  paid  applied  closing
        LEASE        -   300.00     -   250.00    50.00
        net due -50.00
    """)
    assert _list_crossings(get_dtr(driver, SATURDAY, driven)) == ["-250.00 Used on lease 13, by priority"]
    assert _list_crossings(get_dtr(driver, SATURDAY, parked)) == ["-250.00 Paid from lease 12, by priority"]
    assert_books_clean()


def test_a_charge_without_a_lease():
    """A charge of 75.00 that belongs to no lease, against fares of 300.00 (taxes 20.00) on lease 12.

    lease 12   fares 300.00 − taxes 20.00 − 75.00 used on no lease = 205.00 net due
    no lease   charge 75.00 − 75.00 from lease 12                  =   0.00
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    owe(driver, "MISC-88", "75.00")
    drive(lease, card="300.00", card_taxes="20.00")
    close_week(SATURDAY)

    assert read_books(driver) == table("""
        MISC-88                75.00    0.00  SETTLED
        CURB-2026-11-21-L12   300.00  205.00  OPEN
        TAXES-2026-11-21-L12   20.00    0.00  SETTLED
    """)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed   opening  charged  paid  applied  closing
        TAXES        -    20.00     -    20.00        -
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    300.00          -    95.00         -   205.00
        net due 205.00
    """)
    assert read_dtr(driver, SATURDAY) == table("""
        owed  opening  charged  paid  applied  closing
        MISC        -    75.00     -    75.00        -
        net due 0.00
    """)
    assert _list_crossings(get_dtr(driver, SATURDAY, lease)) == ["-75.00 Used on no lease, by priority"]
    assert _list_crossings(get_dtr(driver, SATURDAY)) == ["-75.00 Paid from lease 12, by priority"]
    assert_books_clean()


def test_one_leases_dtr_is_paid_while_the_other_owes():
    """Fares of 380.00 less taxes of 50.00 make 330.00 due on lease 12. On Monday a toll of 50.00 falls due on lease 13.

    So 280.00 of 330.00 may leave, and the page says why; the other 50.00 stay held for the toll.
    """
    driven = lease_cab(lease=12)
    driver = driven.primary_driver
    parked = lease_cab(lease=13, driver=driver)
    drive(driven, card="380.00", card_taxes="50.00")
    close_week(SATURDAY)
    owe(driver, "EZPASS-9", "50.00", lease=parked, due=NEXT_MONDAY, on=NEXT_MONDAY)

    sealed = get_dtr(driver, SATURDAY, driven)
    (planned,) = dtr_selectors.plan_payouts([sealed], on=NEXT_MONDAY)
    assert (str(planned.amount), planned.why) == (
        "280.00",
        "$280.00 of $330.00: $280.00 is due to the driver: $330.00 held over all leases, less $50.00 that they owe and "
        "is due.",
    )
    facts: dict[str, Any] = {"dtr_id": sealed.pk, "method": "ACH", "effective_on": NEXT_MONDAY}
    with refused(ledger.ExceedsNetDue, field="amount"):
        dtr.pay_dtr(**facts, amount=Decimal("280.01"))
    assert dtr.pay_dtr(**facts).amount == Decimal("280.00")
    assert read_books(driver) == table("""
        CURB-2026-11-21-L12   380.00  50.00  OPEN
        TAXES-2026-11-21-L12   50.00   0.00  SETTLED
        EZPASS-9               50.00  50.00  OPEN
    """)
    assert_books_clean()


def _list_crossings(sealed: Dtr) -> list[str]:
    """Where money crossed from one lease to another, and what it did to the DTR's own line."""
    return [
        f"{line.entry.change} {line.words}" for line in dtr_selectors.list_dtr_entries(sealed) if line.crosses_leases
    ]
