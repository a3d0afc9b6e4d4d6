"""What the buttons of the payment page fill in, and what they say of it. Nothing is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.words import say_day
from ledger.forms import PayableLine, sum_typed
from ledger.money import format_dollars
from ledger.waterfall import OpenDebt, suggest_allocations

_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Filling:
    """Dollars by reference, and the sentence that tells what they are for."""

    amounts: dict[str, Decimal]
    sentence: str


def list_due(lines: Iterable[PayableLine], today: date) -> list[PayableLine]:
    """Return the lines that are due by today."""
    return [line for line in _list_charged(lines) if line.due_on is not None and line.due_on <= today]


def fill_by_priority(
    available: Decimal, lines: Sequence[PayableLine], *, order: Sequence[str], today: date, name: str
) -> Filling:
    """Lay money out over what is due, in priority order, and then over what comes due next, day by day."""
    due = list_due(lines, today)
    coming = [line for line in _list_charged(lines) if line not in due]
    amounts = suggest_allocations(available, _as_debts(due), order)
    for_due = sum_typed(amounts.values())
    last_day = None
    for day in sorted({line.due_on for line in coming if line.due_on is not None}):
        left = available - sum_typed(amounts.values())
        of_day = suggest_allocations(left, _as_debts(line for line in coming if line.due_on == day), order)
        last_day = day if of_day else last_day
        amounts |= of_day
    filled = sum_typed(amounts.values())
    return Filling(
        amounts,
        _say(
            due=sum_typed(line.remaining for line in due),
            for_due=for_due,
            for_coming=filled - for_due,
            left=available - filled,
            day=_say_due(last_day, today) if last_day else "",
            name=name,
        ),
    )


def fill_due(lines: Sequence[PayableLine], *, today: date) -> Filling:
    """Pay all that is due by today."""
    amounts = {line.reference_id: line.remaining for line in list_due(lines, today)}
    if not amounts:
        return Filling({}, "Nothing is due today. Type what is paid.")
    return Filling(amounts, f"Filled with everything that is due: {format_dollars(sum_typed(amounts.values()))}.")


def name_part(line: PayableLine, today: date) -> str:
    """Return the head under which the page shows a line."""
    if line.is_closed:
        return "No longer open"
    if not line.is_posted or line.due_on is None:
        return "Not charged yet, can be paid now"
    if line.due_on < today:
        return "Past due"
    return f"Due {line.due_on:%A}, {say_day(line.due_on, told_on=today)}" if line.due_on > today else "Due today"


def _list_charged(lines: Iterable[PayableLine]) -> list[PayableLine]:
    return [line for line in lines if line.is_posted and not line.is_closed]


def _as_debts(lines: Iterable[PayableLine]) -> list[OpenDebt]:
    return [
        OpenDebt(place, line.category, line.due_on, line.remaining, line.reference_id)
        for place, line in enumerate(lines)
        if line.due_on is not None
    ]


def _say(*, due: Decimal, for_due: Decimal, for_coming: Decimal, left: Decimal, day: str, name: str) -> str:
    if not for_due and not for_coming:
        return "Nothing is owed. All of it stays on account."
    rest = f" {format_dollars(left)} is more than {name} owes; it stays on account." if left else ""
    coming = f"{format_dollars(for_coming)} of what comes due {day}"
    if not for_due:
        return f"Nothing is due today; filled {coming}.{rest}"
    of_all = f" of the {format_dollars(due)}" if for_due < due else ""
    told = f"{format_dollars(for_due)}{of_all} that is due" + (f", then {coming}" if for_coming else "")
    return f"Filled by priority: {told}.{rest or ' Nothing is left over.'}"


def _say_due(day: date, today: date) -> str:
    return f"on {day:%A}" if (day - today).days < _A_WEEK else f"by {say_day(day, told_on=today)}"
