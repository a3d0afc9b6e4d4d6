"""Weeks that are closed late: each pays what was owed by its own Saturday, and its paper says what came after."""

from datetime import date
from typing import Any

import pytest

from dtr import exports
from dtr import selectors as dtr_selectors
from dtr.models import Dtr
from tests.books import assert_books_clean
from tests.stories.fleet import (
    close_week,
    credit,
    drive,
    get_dtr,
    lease_cab,
    owe,
    pay_out,
    read_dtr,
    read_journal,
    table,
)

pytestmark = pytest.mark.django_db

FIRST, SECOND = date(2026, 12, 12), date(2026, 12, 19)
SUNDAY = date(2026, 12, 20)


def test_a_summons_raised_after_the_week_and_due_before_it():
    """The weeks to December 12 and 19 are both closed on Sunday, December 20.

    Dec 9    card fares 200.00
    Dec 16   a summons of 115.00 is raised, due December 5
    Dec 12   the close does not pay it, for it was not raised by then; its DTR tells it under *After the week*, and by
             the due day alone 200.00 − 115.00 = 85.00 is due for the week
    Dec 19   the close pays it: 85.00, and the older DTR says *Paid with 2026W51*
    """
    lease = lease_cab(lease=12, start=date(2026, 12, 7))
    driver = lease.primary_driver
    drive(lease, card="200.00", on=date(2026, 12, 9))
    owe(driver, "TLC-9", "115.00", lease=lease, due=date(2026, 12, 5), on=date(2026, 12, 16))

    close_week(FIRST, on=SUNDAY)
    assert read_dtr(driver, FIRST, lease) == table("""
        owed  opening  charged  paid  applied  closing
        TLC         -   115.00     -        -   115.00
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -    200.00          -        -         -   200.00
        net due 85.00
    """)
    first = get_dtr(driver, FIRST, lease)
    assert [row[1] for row in _describe(first)["after"]] == ["TLC-9"]
    assert _describe(first)["answer"]["title"] == "We pay you $85.00"

    close_week(SECOND, on=SUNDAY)
    assert read_dtr(driver, SECOND, lease) == table("""
        owed  opening  charged  paid  applied  closing
        TLC    115.00        -     -   115.00        -
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS   200.00        -          -   115.00         -    85.00
        net due 85.00
    """)
    assert _describe(first)["answer"]["title"] == "Paid with 2026W51"
    assert read_journal(driver)[-1] == ["APPLICATION", "TLC-9", "115.00", "CREDIT", str(SECOND)]
    assert_books_clean()


def test_money_that_left_before_the_week_was_closed():
    """Of a credit of 90.00 of December 8, 50.00 left on the 14th; the week to December 12 is closed on the 20th.

    Its rest of 40.00 pays a part of the toll of 60.00 that was due by Saturday; as of Monday, the newest day on which
    the credit moved, so that it is below zero on no day. Card fares of 30.00 pay the other 20.00 on their Saturday.
    """
    lease = lease_cab(lease=12, start=date(2026, 12, 7))
    driver = lease.primary_driver
    credit(driver, "MISC-1", "90.00", lease=lease, reason="Lost key found", on=date(2026, 12, 8))
    pay_out(driver, "50.00", on=date(2026, 12, 14))
    owe(driver, "EZPASS-9", "60.00", lease=lease, due=FIRST, on=FIRST)
    drive(lease, card="30.00", on=date(2026, 12, 9))

    close_week(FIRST, on=SUNDAY)
    assert [row for row in read_journal(driver) if row[0] == "APPLICATION"] == table("""
        APPLICATION  EZPASS-9  40.00  CREDIT  2026-12-14
        APPLICATION  EZPASS-9  20.00  CREDIT  2026-12-12
    """)
    assert_books_clean()


def _describe(dtr: Dtr) -> dict[str, Any]:
    (paper,) = dtr_selectors.list_papers([dtr])
    return exports.describe_dtr(paper)
