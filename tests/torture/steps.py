"""What an act is: a service, its arguments, what it will do, and what spoils it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.torture.books import Change

Foretell = Change | Callable[[Any], Change]

#: No row bears it.
NOBODY = 2_000_000_001
LONG_AGO = date(1999, 12, 31)
BAD_AMOUNTS = (Decimal(0), Decimal("-5.00"), Decimal("0.001"), Decimal("NaN"), Decimal("Infinity"), Decimal(10) ** 15)
AMOUNTS = {"amount", "payment_amount", "principal", "weekly_amount", "gross"}
#: Days of booking; what an act is of (a lease's first day, an `as_of`) says what it does.
DAYS = {"effective_on", "today", "disbursed_on", "invoiced_on"}


@dataclass
class Step:
    """A call to be made. ``change`` foretells it, or is asked with what the call returned."""

    service: str
    call: Callable[..., Any]
    facts: dict[str, Any]
    change: Foretell = field(default_factory=Change)
    #: The call must be refused: with one of these codes, where they are named.
    must_refuse: bool = False
    codes: tuple[str, ...] = ()
    #: Nothing at all may be written: it only looks.
    only_looks: bool = False
    #: A second call with the same facts: returns the same and writes nothing, or is refused.
    again: str = ""
    #: Tables that may differ although the call was refused, each with its reason where the step is made.
    may_note: tuple[str, ...] = ()
    #: Arguments that are never made wrong, since that is not refused.
    sound: tuple[str, ...] = ()
    spoiled: str = ""

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.service}({told})" + (f"  [spoiled: {self.spoiled}]" if self.spoiled else "")

    def run(self) -> Any:
        return self.call(**self.facts)


def list_spoils(step: Step) -> list[str]:
    """The arguments that can be made wrong so that the call has to be refused."""
    found = []
    for name, value in step.facts.items():
        if value is None or name in step.sound:
            continue
        if (
            (name in AMOUNTS and isinstance(value, Decimal))
            or (name == "reason" and value)
            or (name.endswith("_id") and isinstance(value, int))
        ):
            found.append(name)
    return found


def spoil(step: Step, chance: random.Random) -> None:
    """Make one argument wrong; the call must then be refused, and write nothing."""
    names = list_spoils(step)
    if not names:
        return
    name = chance.choice(names)
    if name in AMOUNTS:
        step.facts[name] = chance.choice(BAD_AMOUNTS)
    elif name == "reason":
        step.facts[name] = chance.choice(("", "   ", "\n\t", "x" * 501, "a\x00b"))
    else:
        step.facts[name] = NOBODY
    step.spoiled = name
    step.must_refuse, step.codes, step.again = True, (), ""


def misdate(step: Step, chance: random.Random) -> None:
    """Put one of its days where it may not be: it is refused, or does what was foretold all the same."""
    days = (DAYS & set(step.facts)) - set(step.sound)
    names = sorted(name for name in days if isinstance(step.facts[name], date))
    if names and not step.must_refuse:
        name = chance.choice(names)
        step.facts[name] = chance.choice(
            (LONG_AGO, step.facts[name] - timedelta(21), step.facts[name] + timedelta(1500))
        )
        step.spoiled = f"perhaps {name}"
        step.again = ""
