"""Books that are closed stay closed: weeks close them, a person closes days, and a superuser opens one for an hour."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger import selectors as ledger_selectors
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.factories import UserFactory
from tests.ledger.hostile import findings_of, tamper
from tests.ledger.rawsql import run
from tests.stories.fleet import (
    MONDAY,
    NEXT_MONDAY,
    NEXT_SATURDAY,
    NEXT_WEDNESDAY,
    SATURDAY,
    close_week,
    drive,
    hand_in,
    owe,
    read_books,
    rent_cab,
    table,
)

pytestmark = pytest.mark.django_db


def test_a_week_its_closed_days_and_a_check_of_friday():
    """Rent 500.00 a week; the fares of the first week are 620.00, its taxes 50.00.

    Sunday    the week is closed: 620.00 − 50.00 − 500.00 leave 70.00, and Saturday, Nov 21, is the last closed day
    Monday    a charge of 30.00 dated Saturday is refused; dated Monday it stands
    Wednesday Monday and Tuesday are closed by hand; Saturday, whose week is not closed, can't be
              a check of Friday, Nov 20, turns up in the safe: Friday is opened for an hour, the check booked on it
    Thursday  Friday is closed again, by itself
    Sunday    the week is closed: rent 500.00, of which 70.00 and 100.00 pay; 360.00 stay owed with the charge
    """
    lease = rent_cab(lease=12, weeks=2)
    driver = lease.primary_driver
    drive(lease, card="620.00", card_taxes="50.00")
    close_week(SATURDAY)
    assert ledger_selectors.get_closed_through() == SATURDAY

    with pytest.raises(ledger.BooksClosed):
        owe(driver, "MISC-1", "30.00", on=SATURDAY)
    owe(driver, "MISC-1", "30.00", due=NEXT_SATURDAY, on=NEXT_MONDAY)

    supervisor, root = UserFactory.create(groups=["Supervisor"]), UserFactory.create(is_superuser=True)
    tuesday = NEXT_WEDNESDAY - timedelta(days=1)
    with pytest.raises(ledger.DayNotOver):
        ledger.close_books(through=NEXT_SATURDAY, reason="Month end", today=NEXT_WEDNESDAY, actor=supervisor)
    ledger.close_books(through=tuesday, reason="Month end", today=NEXT_WEDNESDAY, actor=supervisor)
    with pytest.raises(ledger.BooksClosed):
        hand_in(driver, "100.00", {}, check="555", on=date(2026, 11, 20))
    with pytest.raises(ledger.SuperuserRequired):
        ledger.reopen_day(day=date(2026, 11, 20), hours=1, reason="Check 555", actor=supervisor)
    entry = ledger.reopen_day(day=date(2026, 11, 20), hours=1, reason="Check 555", actor=root)
    hand_in(driver, "100.00", {}, check="555", on=date(2026, 11, 20))
    with pytest.raises(ledger.BooksClosed):
        owe(driver, "MISC-2", "1.00", on=MONDAY)
    assert len(findings_of("ledger.reopened_days")) == 1

    # The hour is over a moment later.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    tamper("ledger_books_log", "UPDATE ledger_books_log SET until_at = clock_timestamp() WHERE id = %s", entry.pk)
    with pytest.raises(ledger.BooksClosed):
        hand_in(driver, "1.00", {}, on=date(2026, 11, 20))
    assert findings_of("ledger.reopened_days") == []

    close_week(NEXT_SATURDAY)
    assert ledger_selectors.get_closed_through() == NEXT_SATURDAY
    assert read_books(driver) == table("""
        CURB-2026-11-21-L12   620.00    0.00  SETTLED
        TAXES-2026-11-21-L12   50.00    0.00  SETTLED
        LEASE-12-2026W47      500.00    0.00  SETTLED
        MISC-1                 30.00   30.00  OPEN
        PAY-000001            100.00    0.00  SETTLED
        LEASE-12-2026W48      500.00  330.00  OPEN
    """)
    assert ledger_selectors.get_position(driver.pk, as_of=NEXT_SATURDAY).net_position == Decimal("360.00")
    assert_books_clean()
