"""What the counter's money and the ledger's own charges are called for their driver. Pure: no store, no clock.

What a module charges, it words itself (its own ``words.py``); movements are worded when they are shown, by
``ledger/narration.py``.
"""

from datetime import date
from decimal import Decimal

from core.words import lower_first, make_line, make_sentence, say_amount, say_day
from ledger.categories import PaymentMethod, say_category


def say_payment(*, method: str, instrument: str, received_on: date, number: int) -> str:
    """Return ``Your check 555 of Oct 7, receipt 000002``."""
    return make_sentence(f"Your {_money_of(method, instrument, received_on)}", f"receipt {number:06d}")


def say_deposit(*, method: str, instrument: str, received_on: date, number: int) -> str:
    """Return ``Lease deposit, bank payment of Oct 26, receipt 000005``."""
    return make_sentence("Lease deposit", _money_of(method, instrument, received_on), f"receipt {number:06d}")


def say_returned(*, method: str, instrument: str, received_on: date, told_on: date, paid_out: Decimal) -> str:
    """Return ``Check 555 of Oct 7 came back: 100.00 of it had been paid out to you``."""
    money = _money_of(method, instrument, received_on, told_on=told_on)
    head = f"{money[:1].upper()}{money[1:]} came back"
    return make_line(head, f"{say_amount(paid_out)} of it had been paid out to you")


def say_win_back(credit: str) -> str:
    """Return what winning back a credit is called, by the words of the credit: ``Paid to you by mistake: …``."""
    return make_line("Paid to you by mistake", lower_first(credit))


def say_memo(category: str, reason: str) -> str:
    """Return ``Credit for repairs: charged twice``."""
    return make_line(f"Credit for {say_category(category)}", lower_first(reason))


def say_how_paid(method: str, instrument: str) -> str:
    """Return how a payout left: ``check 1003``, ``bank``, ``cash``."""
    if method == PaymentMethod.CHECK:
        return f"check {instrument}".strip()
    return "bank" if method == PaymentMethod.ACH else "cash"


def _money_of(method: str, instrument: str, received_on: date, *, told_on: date | None = None) -> str:
    day = say_day(received_on, told_on=told_on or received_on)
    if method == PaymentMethod.CHECK:
        return f"check {instrument} of {day}"
    return f"{'bank payment' if method == PaymentMethod.ACH else 'cash'} of {day}"
