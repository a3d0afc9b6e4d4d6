"""The plain week: charges, a payment at the counter, card fares, the close, the DTR, the money out."""

from datetime import timedelta

import pytest

from core.weeks import week_of
from dtr import services as dtr
from dtr.models import Dtr
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.ledger.rawsql import ledger_state
from tests.stories.fleet import (
    MONDAY,
    NEXT_MONDAY,
    NEXT_SATURDAY,
    SATURDAY,
    WEDNESDAY,
    close_week,
    drive,
    get_dtr,
    hand_in,
    owe,
    pay_out,
    read_books,
    read_dtr,
    read_journal,
    rent_cab,
    table,
)

pytestmark = pytest.mark.django_db


def test_a_drivers_week():
    """What a driver owes, what they have, and what the close makes of it.

        rent of the week                500.00
        tolls                           120.00
        trip taxes (52.30 + 9.20)        61.50
                                        681.50
        cash handed in, on the tolls    100.00
        left to pay                     581.50
        card fares, gross               913.25
        net due to the driver           331.75

    The cash fares of 140.00 are in the driver's pocket already: only their taxes (9.20) are charged. On Monday the
    331.75 are fetched, and the next DTR opens with them and closes with nothing.
    """
    lease = rent_cab(lease=12)
    driver = lease.primary_driver

    owe(driver, "EZPASS-90000000001", "120.00", lease=lease)
    hand_in(driver, "100.00", {"EZPASS-90000000001": "100.00"}, lease=lease)
    drive(lease, card="913.25", card_taxes="52.30", cash="140.00", cash_taxes="9.20")
    assert read_books(driver) == table("""
        EZPASS-90000000001    120.00    20.00  OPEN
        PAY-000001            100.00     0.00  SETTLED
    """)

    close_week(SATURDAY)
    assert read_books(driver) == table("""
        EZPASS-90000000001    120.00     0.00  SETTLED
        PAY-000001            100.00     0.00  SETTLED
        CURB-2026-11-21-L12   913.25   331.75  OPEN
        TAXES-2026-11-21-L12   61.50     0.00  SETTLED
        LEASE-12-2026W47      500.00     0.00  SETTLED
    """)
    assert read_journal(driver) == table("""
        OBLIGATION   EZPASS-90000000001    120.00  DEBIT   2026-11-16
        PAYMENT      PAY-000001            100.00  CREDIT  2026-11-18
        ALLOCATION   EZPASS-90000000001    100.00  CREDIT  2026-11-18
        EARNINGS     CURB-2026-11-21-L12   913.25  CREDIT  2026-11-21
        OBLIGATION   TAXES-2026-11-21-L12   61.50  DEBIT   2026-11-21
        OBLIGATION   LEASE-12-2026W47      500.00  DEBIT   2026-11-21
        APPLICATION  TAXES-2026-11-21-L12   61.50  CREDIT  2026-11-21
        APPLICATION  EZPASS-90000000001     20.00  CREDIT  2026-11-21
        APPLICATION  LEASE-12-2026W47      500.00  CREDIT  2026-11-21
    """)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed    opening  charged    paid  applied  closing
        TAXES         -    61.50       -    61.50        -
        EZPASS        -   120.00  100.00    20.00        -
        LEASE         -   500.00       -   500.00        -
        held      opening  received  allocated  applied  paid-out  closing
        PAYMENT         -    100.00     100.00        -         -        -
        EARNINGS        -    913.25          -   581.50         -   331.75
        net due 331.75
    """)
    sealed = get_dtr(driver, SATURDAY, lease)
    assert (sealed.card_trips, str(sealed.card_total)) == (1, "913.25")
    assert (sealed.cash_trips, str(sealed.cash_total)) == (1, "140.00")
    assert str(sealed.taxes_total) == "61.50"

    with pytest.raises(ledger.ExceedsNetDue):
        pay_out(driver, "331.76", on=NEXT_MONDAY)
    assert pay_out(driver, "331.75", on=NEXT_MONDAY).reference_id == "OUT-000001"
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS   331.75         -          -        -    331.75        -
        net due 0.00
    """)
    assert_books_clean()


def test_the_same_week_closed_twice():
    """Rent 500.00 and taxes 40.00 against card fares of 600.00: 540.00 applied, 60.00 net due; once, however often.

    The close is run again whole, and then each of its steps by itself: not a row of the ledger differs, and the driver
    has one DTR.
    """
    lease = rent_cab(lease=12)
    driver = lease.primary_driver
    drive(lease, card="600.00", card_taxes="40.00")
    close_week(SATURDAY)
    closed = ledger_state()
    assert read_dtr(driver, SATURDAY, lease)[-1] == ["net", "due", "60.00"]

    close_week(SATURDAY)
    close_week(SATURDAY, on=NEXT_MONDAY)
    with pytest.raises(dtr.WeekAlreadyClosed):
        dtr.credit_earnings(week=week_of(SATURDAY), driver_ids=[driver.pk])
    assert ledger.post_scheduled_installments(as_of=SATURDAY).posted == 0
    assert ledger.apply_weekly_earnings(as_of=SATURDAY).applications == 0
    with pytest.raises(dtr.WeekAlreadyClosed):
        dtr.generate_dtrs(week=week_of(SATURDAY), driver_ids=[driver.pk], today=NEXT_MONDAY)

    assert ledger_state() == closed
    assert Dtr.objects.count() == 1
    assert_books_clean()


def test_rent_paid_on_a_wednesday():
    """The rent of the week is not charged before Saturday, yet the driver pays it on Wednesday, and 200.00 of the next.

        Wednesday   cash 700.00: rent W47 500.00, rent W48 200.00
        Saturday    card fares 300.00, taxes 20.00: net due 280.00, no rent is taken again
        a week on   rent W48 has 300.00 left, paid by the 280.00: 20.00 stays owed

    Each installment keeps the Saturday it is due. The rent of a week more than four weeks away can't be paid yet.
    """
    lease = rent_cab(lease=12, weeks=6)
    driver = lease.primary_driver
    with pytest.raises(ledger.ReferenceNotFound):
        hand_in(driver, "500.00", {"LEASE-12-2026W52": "500.00"}, lease=lease)
    assert read_journal(driver) == []

    hand_in(driver, "700.00", {"LEASE-12-2026W47": "500.00", "LEASE-12-2026W48": "200.00"}, lease=lease)
    assert read_journal(driver) == table("""
        OBLIGATION  LEASE-12-2026W47  500.00  DEBIT   2026-11-18
        OBLIGATION  LEASE-12-2026W48  500.00  DEBIT   2026-11-18
        PAYMENT     PAY-000001        700.00  CREDIT  2026-11-18
        ALLOCATION  LEASE-12-2026W47  500.00  CREDIT  2026-11-18
        ALLOCATION  LEASE-12-2026W48  200.00  CREDIT  2026-11-18
    """)
    rents = lease.installments.order_by("number")[:3]
    assert [rent.due_on for rent in rents] == [SATURDAY, NEXT_SATURDAY, NEXT_SATURDAY + timedelta(days=7)]
    assert [rent.posted_at is not None for rent in rents] == [True, True, False]

    drive(lease, card="300.00", card_taxes="20.00")
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed   opening  charged    paid  applied  closing
        TAXES        -    20.00       -    20.00        -
        LEASE        -  1000.00  700.00        -   300.00
        held      opening  received  allocated  applied  paid-out  closing
        PAYMENT         -    700.00     700.00        -         -        -
        EARNINGS        -    300.00          -    20.00         -   280.00
        net due 280.00
    """)
    sealed = get_dtr(driver, SATURDAY, lease)
    assert (str(sealed.owed_due), str(sealed.owed_later)) == ("0.00", "300.00")

    close_week(NEXT_SATURDAY)
    assert read_books(driver) == table("""
        LEASE-12-2026W47      500.00     0.00  SETTLED
        LEASE-12-2026W48      500.00    20.00  OPEN
        PAY-000001            700.00     0.00  SETTLED
        CURB-2026-11-21-L12   300.00     0.00  SETTLED
        TAXES-2026-11-21-L12   20.00     0.00  SETTLED
    """)
    assert read_dtr(driver, NEXT_SATURDAY, lease)[-1] == ["net", "due", "-20.00"]
    assert_books_clean()


def test_earnings_too_small_for_the_first_category():
    """Card fares of 40.00 do not even cover the trip taxes: all of it goes there, and nothing behind them is touched.

    week 1   TAXES 61.50 · tolls 20.00 · rent 500.00       fares  40.00
             TAXES −40.00                        owed 541.50 in the end
    week 2   TAXES 30.00 · rent 500.00                     fares 600.00
             TAXES −21.50 −30.00 · tolls −20.00 · rent of week 1 −500.00 · rent of week 2 −28.50 = 600.00
                                                 owed 471.50 in the end
    """
    lease = rent_cab(lease=12, weeks=2)
    driver = lease.primary_driver
    owe(driver, "EZPASS-1", "20.00", lease=lease)
    drive(lease, card="40.00", card_taxes="11.50", cash="200.00", cash_taxes="50.00")
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed    opening  charged  paid  applied  closing
        TAXES         -    61.50     -    40.00    21.50
        EZPASS        -    20.00     -        -    20.00
        LEASE         -   500.00     -        -   500.00
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -     40.00          -    40.00         -        -
        net due -541.50
    """)

    drive(lease, card="600.00", card_taxes="30.00", on=WEDNESDAY + timedelta(days=7))
    close_week(NEXT_SATURDAY)
    assert read_dtr(driver, NEXT_SATURDAY, lease) == table("""
        owed    opening  charged  paid  applied  closing
        TAXES     21.50    30.00     -    51.50        -
        EZPASS    20.00        -     -    20.00        -
        LEASE    500.00   500.00     -   528.50   471.50
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    600.00          -   600.00         -        -
        net due -471.50
    """)
    assert read_books(driver) == table("""
        EZPASS-1               20.00     0.00  SETTLED
        CURB-2026-11-21-L12    40.00     0.00  SETTLED
        TAXES-2026-11-21-L12   61.50     0.00  SETTLED
        LEASE-12-2026W47      500.00     0.00  SETTLED
        CURB-2026-11-28-L12   600.00     0.00  SETTLED
        TAXES-2026-11-28-L12   30.00     0.00  SETTLED
        LEASE-12-2026W48      500.00   471.50  OPEN
    """)
    assert_books_clean()


def test_two_missed_weeks_closed_on_one_day():
    """Nobody closed the weeks ending November 14 and 21; on Sunday the 29th both are closed, one after the other.

        week ending 14   taxes 30.00 · rent 500.00 · fares 450.00     80.00 of the rent stay owed
        week ending 21   taxes 45.00 · toll 60.00 · rent 500.00 · fares 800.00
                         45.00 + 60.00 + 80.00 + 500.00 = 685.00      net due 115.00

    Each counts its own trips and pays what was due by its own Saturday: the toll due on the 21st was charged before
    either close, so the first DTR shows it, but leaves it to the next.
    """
    lease = rent_cab(lease=12, weeks=2, start=MONDAY - timedelta(days=7))
    driver = lease.primary_driver
    week_before = SATURDAY - timedelta(days=7)
    closing_day = NEXT_SATURDAY + timedelta(days=1)
    drive(lease, card="450.00", card_taxes="30.00", on=WEDNESDAY - timedelta(days=7))
    drive(lease, card="800.00", card_taxes="45.00")
    owe(driver, "EZPASS-1", "60.00", lease=lease, due=SATURDAY)

    close_week(week_before, on=closing_day)
    assert read_dtr(driver, week_before, lease) == table("""
        owed    opening  charged  paid  applied  closing
        TAXES         -    30.00     -    30.00        -
        EZPASS        -    60.00     -        -    60.00
        LEASE         -   500.00     -   420.00    80.00
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    450.00          -   450.00         -        -
        net due -80.00
    """)
    sealed = get_dtr(driver, week_before, lease)
    # The toll fell due between that Saturday and the day of the seal.
    assert (str(sealed.owed_due), str(sealed.owed_since), str(sealed.owed_later)) == ("80.00", "60.00", "0.00")
    assert (str(sealed.net_due), str(sealed.payable)) == ("-80.00", "-140.00")

    with pytest.raises(dtr.WeekOutOfOrder):
        close_week(NEXT_SATURDAY, on=closing_day)
    close_week(SATURDAY, on=closing_day)
    assert read_dtr(driver, SATURDAY, lease) == table("""
        owed    opening  charged  paid  applied  closing
        TAXES         -    45.00     -    45.00        -
        EZPASS    60.00        -     -    60.00        -
        LEASE     80.00   500.00     -   580.00        -
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    800.00          -   685.00         -   115.00
        net due 115.00
    """)
    assert [row for row in read_journal(driver) if row[1].startswith("LEASE")] == table("""
        OBLIGATION   LEASE-12-2026W46  500.00  DEBIT   2026-11-14
        APPLICATION  LEASE-12-2026W46  420.00  CREDIT  2026-11-14
        OBLIGATION   LEASE-12-2026W47  500.00  DEBIT   2026-11-21
        APPLICATION  LEASE-12-2026W46   80.00  CREDIT  2026-11-21
        APPLICATION  LEASE-12-2026W47  500.00  CREDIT  2026-11-21
    """)
    assert_books_clean()
