"""A month of the books, kept by hand beside them: October 2026 of a fleet that goes live on the 4th."""

from datetime import date
from decimal import Decimal

import pytest

from leases import services as leases
from ledger import services as ledger
from loans import services as loans
from tests.books import assert_books_clean
from tests.stories.fleet import close_week, hand_in, pay_out, table
from tests.stories.month import (
    CUT_OVER,
    FIRST,
    Fleet,
    drive_week,
    move,
    open_fleet,
    read_trial_balance,
    sum_balances,
)
from tickets import services as tickets

pytestmark = pytest.mark.django_db

#: Debit above zero, credit below, at the end of each of these days.
TRIAL_BALANCES = """
    code  2026-10-04   2026-10-10   2026-10-17   2026-10-24   2026-10-31
    1010        0.00       150.00       205.00       205.00       284.00
    1020        0.00         0.00         0.00         0.00         0.00
    1030    10000.00      9210.60      9340.60     11125.76     12351.36
    1040        0.00      2100.00      2130.00      1290.00      2460.00
    1100      525.60       180.00       803.95      1231.47       663.70
    1150      600.00      1600.00      1150.00       700.00       450.00
    2010      -50.00     -1045.00      -280.94         0.00      -367.89
    2020     -900.00      -500.00      -500.00      -500.00      -710.00
    2110        0.00      -135.00      -270.00      -350.70      -155.00
    2120        0.00         0.00         0.00         0.00         0.00
    2130        0.00         0.00         0.00       115.00         0.00
    2140        0.00      -115.00         0.00         0.00         0.00
    2300        0.00         0.00         0.00         0.00         0.00
    3010   -10175.60    -10175.60    -10175.60    -10175.60    -10175.60
    4010        0.00     -1270.00     -2540.00     -3810.00     -4930.00
    4020        0.00         0.00        60.00      -150.00      -150.00
    4030        0.00         0.00         0.00         0.00         0.00
    4040        0.00         0.00        -3.95        -5.77        -7.11
    6010        0.00         0.00         0.00       180.00       102.00
    6020        0.00         0.00        63.00       126.90       165.60
    6030        0.00         0.00        12.00        12.00        12.00
    6040        0.00         0.00         5.94         5.94         5.94
    6050        0.00         0.00         0.00         0.00         1.00
"""


def assert_trial_balance(on: date) -> None:
    """Every account at the end of the day, to the cent; debits and credits are equal."""
    heads, *rows = table(TRIAL_BALANCES)
    column = heads.index(str(on))
    expected = {row[0]: row[column] for row in rows}
    assert sum(Decimal(amount) for amount in expected.values()) == 0
    assert read_trial_balance(on) == expected


def assert_week_is_right(saturday: date) -> None:
    """The week is closed: its trial balance, the control accounts against the balances, every audit."""
    assert_trial_balance(saturday)
    booked = read_trial_balance(saturday)
    assert sum_balances() == {code: booked[code] for code in ("1100", "2010", "2020")}
    assert_books_clean()


def test_a_month_of_the_books():
    fleet = open_fleet()
    assert_trial_balance(CUT_OVER)
    assert_books_clean()

    live_through_the_first_week(fleet)
    assert_week_is_right(FIRST)


def live_through_the_first_week(fleet: Fleet) -> None:
    fifth, sixth, seventh, eighth, ninth = (date(2026, 10, day) for day in range(5, 10))
    move("FLOAT", "1010", "1030", "200.00", "DRAWER-1", on=fifth)
    loans.disburse_loan(
        driver_id=fleet.baker.pk,
        lease_id=fleet.leases[2].pk,
        principal=Decimal("1200.00"),
        rate_percent=Decimal("10"),
        disbursed_on=fifth,
        method="CHECK",
        instrument_number="1001",
        starts_on=date(2026, 10, 11),
        today=fifth,
        actor=None,
    )
    hand_in(fleet.adams, "300.00", {"OPEN-DEBT-A1": "300.00"}, lease=fleet.leases[1], on=sixth)
    check = hand_in(fleet.cruz, "600.00", {"LEASE-3-2026W41": "420.00"}, check="555", lease=fleet.leases[3], on=seventh)
    tickets.enter_summons(
        number="D1",
        violation="Failure to inspect",
        issued_on=date(2026, 9, 3),
        amount=Decimal("115.00"),
        license=fleet.diaz.tlc_license,
        today=seventh,
        actor=None,
    )
    pay_out(fleet.cruz, "100.00", on=eighth)
    leases.settle_deposit(
        lease_id=fleet.leases[4].pk,
        as_of=eighth,
        reason="The lease is over",
        method="CHECK",
        instrument_number="1002",
        actor=None,
    )
    ledger.record_bank_deposit(
        cash=Decimal("250.00"), payment_ids=[check.pk], reference_id="DEP-1", effective_on=ninth, actor=None
    )
    for number, card, taxes in ((1, "900.00", "60.00"), (2, "700.00", "45.00"), (3, "500.00", "30.00")):
        drive_week(fleet.leases[number], FIRST, card, taxes)
    close_week(FIRST)
