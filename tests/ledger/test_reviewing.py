"""What the payment page says of a payment before it is taken."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.admin.reviewing import say_how, say_owed_then, say_use


@pytest.mark.parametrize(
    ("amount", "pays", "deposit", "said"),
    [
        ("400", "400", "0", "All of it pays charges; nothing is left on account."),
        ("400", "0", "0", "It pays no charge; all of it, $400.00, is left on account."),
        ("400", "0", "400", "All of it is a deposit on Lease 14; nothing is left on account."),
        (
            "400",
            "300",
            "50",
            "$300.00 of it pays charges; $50.00 of it is a deposit on Lease 14; $50.00 is left on account.",
        ),
    ],
)
def test_the_review_says_what_becomes_of_the_money(amount, pays, deposit, said):
    assert say_use(Decimal(amount), pays=Decimal(pays), deposit=Decimal(deposit), lease="Lease 14") == said


@pytest.mark.parametrize(
    ("open_after", "said"),
    [
        ([(date(2026, 11, 28), "252.25")], "Anil will owe $252.25, due on Saturday, Nov 28."),
        (
            [(date(2026, 11, 28), "2.00"), (date(2026, 12, 5), "3.00")],
            "Anil will owe $5.00, due from Saturday, Nov 28 to Saturday, Dec 5.",
        ),
        ([(date(2026, 11, 21), "9.00")], "Anil will owe $9.00, all of it past due."),
        (
            [(date(2026, 11, 21), "9.00"), (date(2026, 11, 28), "1.00")],
            "Anil will owe $10.00, $9.00 of it past due.",
        ),
        ([(date(2026, 11, 21), "0.00")], "Anil will owe nothing."),
    ],
)
def test_the_review_says_what_is_owed_then(open_after, said):
    then = [(day, Decimal(amount)) for day, amount in open_after]
    assert say_owed_then("Anil", then, date(2026, 11, 25)) == said


@pytest.mark.parametrize(
    ("method", "number", "said"),
    [("CASH", "", "in cash"), ("CHECK", "1611", "by check 1611"), ("ACH", "77", "by ACH 77"), ("ACH", "", "by ACH")],
)
def test_the_review_says_how_it_is_paid(method, number, said):
    assert say_how(method, number) == said
