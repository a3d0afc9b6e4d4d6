"""Four weeks of one driver, computed by hand: debt carried, money out, a void after the close, late trips, no trips."""

from datetime import date

import pytest

from curb.models import Trip
from dtr import services as dtr
from dtr.models import Dtr
from leases.models import Lease
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.stories.fleet import (
    close_week,
    drive,
    find_posting,
    get_dtr,
    hand_in,
    owe,
    read_books,
    read_dtr,
    rent_cab,
    table,
)

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD, FOURTH = date(2026, 11, 21), date(2026, 11, 28), date(2026, 12, 5), date(2026, 12, 12)


def test_four_weeks_of_one_driver():
    """Rent is 500.00 a week, on lease 12.

    week 1   fares 400.00 − taxes 30.00 − rent 500.00                     = −130.00, carried
    week 2   fares 900.00 − taxes 60.00 − 130.00 − rent 500.00 − PVB 115.00 =  95.00, paid by check
             on Monday the PVB summons turns out to be another cab's: 115.00 are the driver's again
    week 3   one trip of 12.50 (taxes 0.80) and one of week 2 that came late, 80.00 (taxes 5.00)
             115.00 + 92.50 − taxes 5.80 − rent 500.00                    = −298.30, carried
    week 4   no trips; 300.00 over the counter for the rent of week 3 leaves 1.70 for the next
             1.70 − rent 500.00                                           = −498.30, carried
    """
    lease = rent_cab(lease=12, weeks=4)
    driver = lease.primary_driver

    drive(lease, card="400.00", card_taxes="30.00", on=date(2026, 11, 18))
    close_week(FIRST)
    assert read_dtr(driver, FIRST, lease) == table("""
        owed   opening  charged  paid  applied  closing
        TAXES        -    30.00     -    30.00        -
        LEASE        -   500.00     -   370.00   130.00
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    400.00          -   400.00         -        -
        net due -130.00
    """)

    drive(lease, card="900.00", card_taxes="60.00", on=date(2026, 11, 24))
    owe(driver, "PVB-4664359196", "115.00", lease=lease, due=SECOND, on=date(2026, 11, 25))
    close_week(SECOND)
    assert read_dtr(driver, SECOND, lease) == table("""
        owed   opening  charged  paid  applied  closing
        TAXES        -    60.00     -    60.00        -
        LEASE   130.00   500.00     -   630.00        -
        PVB          -   115.00     -   115.00        -
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    900.00          -   805.00         -    95.00
        net due 95.00
    """)
    dtr.pay_dtr(
        dtr_id=get_dtr(driver, SECOND, lease).pk,
        method="CHECK",
        instrument_number="1043",
        effective_on=date(2026, 11, 30),
    )
    ledger.void_posting(
        posting_id=find_posting("OBLIGATION", "PVB-4664359196").pk,
        reason="The plate is another cab's",
        actor=None,
        effective_on=date(2026, 11, 30),
    )

    live_through_the_last_two(lease)
    assert_books_clean()


def live_through_the_last_two(lease: Lease) -> None:
    driver = lease.primary_driver
    drive(lease, card="12.50", card_taxes="0.80", on=date(2026, 12, 2))
    drive(lease, card="80.00", card_taxes="5.00", on=date(2026, 11, 25))
    close_week(THIRD)
    assert read_dtr(driver, THIRD, lease) == table("""
        owed   opening  charged  corrected  paid  applied  undone  closing
        TAXES        -     5.80          -     -     5.80       -        -
        LEASE        -   500.00          -     -   201.70       -   298.30
        PVB          -        -    -115.00     -        -  115.00        -
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS    95.00     92.50          -    92.50     95.00        -
        net due -298.30
    """)
    assert [trip.is_late for trip in Trip.objects.filter(week_end=THIRD).order_by("start_at")] == [True, False]

    hand_in(driver, "300.00", {"LEASE-12-2026W49": "298.30"}, lease=lease, on=date(2026, 12, 9))
    close_week(FOURTH)
    assert read_dtr(driver, FOURTH, lease) == table("""
        owed   opening  charged    paid  applied  closing
        LEASE   298.30   500.00  298.30     1.70   498.30
        held     opening  received  allocated  applied  paid-out  closing
        PAYMENT        -    300.00     298.30     1.70         -        -
        net due -498.30
    """)
    assert read_books(driver) == table("""
        CURB-2026-11-21-L12   400.00    0.00  SETTLED
        TAXES-2026-11-21-L12   30.00    0.00  SETTLED
        LEASE-12-2026W47      500.00    0.00  SETTLED
        PVB-4664359196        115.00    0.00  VOIDED
        CURB-2026-11-28-L12   900.00    0.00  SETTLED
        TAXES-2026-11-28-L12   60.00    0.00  SETTLED
        LEASE-12-2026W48      500.00    0.00  SETTLED
        CURB-2026-12-05-L12    92.50    0.00  SETTLED
        TAXES-2026-12-05-L12    5.80    0.00  SETTLED
        LEASE-12-2026W49      500.00    0.00  SETTLED
        PAY-000001            300.00    0.00  SETTLED
        LEASE-12-2026W50      500.00  498.30  OPEN
    """)


def test_a_driver_who_left_with_debt():
    """They owe 130.00 and drive no more: each DTR carries it on, until it is forgiven; then there is none."""
    lease = rent_cab(lease=12, weeks=1)
    driver = lease.primary_driver
    drive(lease, card="400.00", card_taxes="30.00", on=date(2026, 11, 18))
    close_week(FIRST)
    driver.status = "INACTIVE"
    driver.save()

    close_week(SECOND)
    assert read_dtr(driver, SECOND, lease) == table("""
        owed   opening  charged  paid  applied  closing
        LEASE   130.00        -     -        -   130.00
        net due -130.00
    """)

    ledger.write_off_obligation(
        posting_id=find_posting("OBLIGATION", "LEASE-12-2026W47").pk,
        reason="Moved away",
        actor=None,
        effective_on=date(2026, 11, 30),
    )
    close_week(THIRD)
    assert read_dtr(driver, THIRD, lease) == table("""
        owed   opening  charged  paid  applied  written-off  closing
        LEASE   130.00        -     -        -       130.00        -
        net due 0.00
    """)

    close_week(FOURTH)
    assert not Dtr.objects.filter(driver=driver, week=FOURTH).exists()
    assert_books_clean()
