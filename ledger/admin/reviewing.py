"""What the payment page says of a payment before it is taken: how, from whom, what it pays, and what is owed then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.categories import PaymentMethod
from ledger.forms import PayableLine, sum_typed
from ledger.money import ZERO, format_dollars


@dataclass(frozen=True, slots=True)
class Paid:
    """A line that is paid: dollars open before, paid, and open after."""

    line: PayableLine
    amount: Decimal

    @property
    def after(self) -> Decimal:
        return self.line.remaining - self.amount


@dataclass(frozen=True, slots=True)
class Together:
    """The sums of what is paid."""

    open: Decimal
    amount: Decimal

    @property
    def after(self) -> Decimal:
        return self.open - self.amount


def sum_paid(paid: Sequence[Paid]) -> Together:
    return Together(sum_typed(one.line.remaining for one in paid), sum_typed(one.amount for one in paid))


def say_how(method: str, number: str) -> str:
    """Return ``in cash``, ``by check 1611`` or ``by ACH 77``."""
    if method == PaymentMethod.CASH:
        return "in cash"
    return f"by {'check' if method == PaymentMethod.CHECK else 'ACH'} {number}".strip()


def say_use(amount: Decimal, *, pays: Decimal, deposit: Decimal, lease: str) -> str:
    """Return what becomes of the money: ``All of it pays charges; nothing is left on account.``"""
    left = amount - pays - deposit
    parts = []
    if pays:
        parts.append(f"{'All' if pays == amount else format_dollars(pays)} of it pays charges")
    if deposit:
        parts.append(f"{'all' if deposit == amount else format_dollars(deposit)} of it is a deposit on {lease}")
    if not parts:
        return f"It pays no charge; all of it, {format_dollars(left)}, is left on account."
    parts.append(f"{format_dollars(left) if left else 'nothing'} is left on account")
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}."


def say_owed_then(name: str, open_after: Iterable[tuple[date | None, Decimal]], today: date) -> str:
    """Return what is owed after it, of what is open on which due day: ``Anil will owe $252.25, due on Saturday, …``"""
    left = [(due_on or today, amount) for due_on, amount in open_after if amount]
    owed = sum_typed(amount for _, amount in left)
    if not owed:
        return f"{name} will owe nothing."
    past, days = sum_typed(amount for day, amount in left if day < today), sorted({day for day, _ in left})
    if past == owed:
        return f"{name} will owe {format_dollars(owed)}, all of it past due."
    if past:
        return f"{name} will owe {format_dollars(owed)}, {format_dollars(past)} of it past due."
    until = f"on {_say(days[0])}" if len(days) == 1 else f"from {_say(days[0])} to {_say(days[-1])}"
    return f"{name} will owe {format_dollars(owed)}, due {until}."


def list_open_after(lines: Iterable[PayableLine], paid: Sequence[Paid]) -> list[tuple[date | None, Decimal]]:
    """Return what of the charged lines stays open, by the day on which it is due."""
    amounts = {one.line.reference_id: one.amount for one in paid}
    charged = [line for line in lines if line.is_posted and not line.is_closed]
    return [(line.due_on, line.remaining - amounts.get(line.reference_id, ZERO)) for line in charged]


def _say(day: date) -> str:
    return f"{day:%A, %b} {day.day}"
