"""What the buttons of the payment page fill in, and the sentences that they say."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.admin.filling import fill_by_priority, fill_due, name_part
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.forms import PayableLine

WEDNESDAY = date(2026, 11, 25)
SATURDAY = date(2026, 11, 28)
TOLL = PayableLine("EZPASS-1", "EZPASS", SATURDAY, Decimal("83.00"))
LOAN = PayableLine("LOAN-1-1", "LOAN", SATURDAY, Decimal("200.00"))
LATER = PayableLine("MISC-1", "MISC", date(2026, 12, 5), Decimal("40.00"))
RENT = PayableLine("LEASE-14-2026W47", "LEASE", date(2026, 11, 21), Decimal("369.25"))
AHEAD = PayableLine("LEASE-14-2026W48", "LEASE", SATURDAY, Decimal("575.00"), is_posted=False)
GONE = PayableLine("MISC-9", "", None, Decimal("0.00"), is_closed=True)


def fill(amount, *lines):
    filling = fill_by_priority(
        Decimal(amount), [*lines, AHEAD, GONE], order=OBLIGATION_CATEGORIES, today=WEDNESDAY, name="Anil"
    )
    return {reference: str(paid) for reference, paid in filling.amounts.items()}, filling.sentence


@pytest.mark.parametrize(
    ("amount", "lines", "paid", "sentence"),
    [
        (
            "400.00", (LATER, LOAN, TOLL, RENT), {"LEASE-14-2026W47": "369.25", "EZPASS-1": "30.75"},
            "Filled by priority: $369.25 that is due, then $30.75 of what comes due on Saturday. Nothing is left over.",
        ),
        (
            "100.00", (TOLL, RENT), {"LEASE-14-2026W47": "100.00"},
            "Filled by priority: $100.00 of the $369.25 that is due. Nothing is left over.",
        ),
        (
            "100.00", (TOLL, LOAN), {"EZPASS-1": "83.00", "LOAN-1-1": "17.00"},
            "Nothing is due today; filled $100.00 of what comes due on Saturday.",
        ),
        (
            "300.00", (TOLL, LOAN, LATER), {"EZPASS-1": "83.00", "LOAN-1-1": "200.00", "MISC-1": "17.00"},
            "Nothing is due today; filled $300.00 of what comes due by Dec 5.",
        ),
        (
            "455.19", (RENT,), {"LEASE-14-2026W47": "369.25"},
            "Filled by priority: $369.25 that is due. $85.94 is more than Anil owes; it stays on account.",
        ),
        ("50.00", (), {}, "Nothing is owed. All of it stays on account."),
    ],
)  # fmt: skip
def test_priority_takes_what_is_due_then_what_comes_due_next_and_says_so(amount, lines, paid, sentence):
    assert fill(amount, *lines) == (paid, sentence)


def test_everything_due_is_what_is_due_by_today():
    filling = fill_due([TOLL, RENT, AHEAD], today=SATURDAY)
    assert filling.amounts == {"EZPASS-1": Decimal("83.00"), "LEASE-14-2026W47": Decimal("369.25")}
    assert filling.sentence == "Filled with everything that is due: $452.25."
    assert fill_due([TOLL, AHEAD], today=WEDNESDAY).sentence == "Nothing is due today. Type what is paid."


def test_a_line_stands_under_when_it_is_due():
    assert [name_part(line, WEDNESDAY) for line in (RENT, TOLL, AHEAD, GONE)] == [
        "Past due",
        "Due Saturday, Nov 28",
        "Not charged yet, can be paid now",
        "No longer open",
    ]
    assert name_part(TOLL, SATURDAY) == "Due today"
