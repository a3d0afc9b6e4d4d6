"""What is carried over from another system is called for its driver. Pure: no store, no clock."""

from datetime import date

from core.words import make_line, say_day
from ledger.categories import say_category


def say_debt(*, cut_on: date, category: str, due_on: date, words: str = "") -> str:
    """Return ``From before Oct 4: rent, due Oct 3``; the workbook's own words instead, where it has any."""
    due = say_day(due_on, told_on=cut_on)
    return make_line(_say_before(cut_on), words or f"{say_category(category)}, due {due}")


def say_credit(*, cut_on: date, category: str, words: str = "") -> str:
    """Return ``From before Oct 4: tolls``; the workbook's own words instead, where it has any."""
    return make_line(_say_before(cut_on), words or say_category(category))


def say_deposit(*, cut_on: date) -> str:
    """Return ``From before Oct 4: lease deposit``."""
    return make_line(_say_before(cut_on), "lease deposit")


def _say_before(cut_on: date) -> str:
    return f"From before {say_day(cut_on, told_on=cut_on)}"
