"""Which act corrects a charge: the one on its own page, or one of the module that made it.

An app says in its AppConfig's ``ready`` of which references it knows better::

    register_own_act("LOAN", say_loan_act)  # LOAN-3-4 → "An installment follows its loan's schedule: …"

A charge of which nobody does is corrected, or charged again, on its own page. What it comes to when it is charged again
may have changed meanwhile, which the app that made it knows::

    register_price("LEASE", price_rent)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from django.core.exceptions import ImproperlyConfigured


class Charge(Protocol):
    reference_id: str
    category: str


class VoidedCharge(Charge, Protocol):
    amount: Decimal


#: Gets the charge; None where the act on its own page is the right one, or else the sentence that names the right one.
SayAct = Callable[[Charge], str | None]

_SAYERS: dict[str, SayAct] = {}


@dataclass(frozen=True, slots=True)
class Price:
    """What a voided charge comes to now: dollars, zero where nothing is owed; and in words for its driver."""

    amount: Decimal
    description: str
    #: Called once it is charged again as that, with who did it.
    note: Callable[[Any], None]


#: Gets the voided charge and the day on which it is charged again; None where it stays what it was.
FindPrice = Callable[[VoidedCharge, date], Price | None]

_PRICES: dict[str, FindPrice] = {}


def register_own_act(prefix: str, say_act: SayAct) -> None:
    """Have ``say_act`` answer for the references whose part before the first hyphen is ``prefix``.

    :raises ImproperlyConfigured: another app answers for them
    """
    if _SAYERS.setdefault(prefix, say_act) is not say_act:
        raise ImproperlyConfigured(f"Charges that start with {prefix}- have two owners.")


def register_price(prefix: str, price: FindPrice) -> None:
    """Have ``price`` say what charges with this prefix come to when they are charged again.

    :raises ImproperlyConfigured: another app says so
    """
    if _PRICES.setdefault(prefix, price) is not price:
        raise ImproperlyConfigured(f"Charges that start with {prefix}- have two prices.")


def find_price(charge: VoidedCharge, on: date) -> Price | None:
    """Return what a voided charge comes to when it is charged again on a day; None where it stays what it was."""
    price = _PRICES.get(charge.reference_id.partition("-")[0])
    return price(charge, on) if price else None


def list_prefixes() -> list[str]:
    """Return the parts before the first hyphen of the charges that somebody knows better."""
    return sorted(_SAYERS)


def find_own_act(charge: Charge) -> str | None:
    """Return the sentence that says which other act corrects a charge; None where its own page does."""
    say_act = _SAYERS.get(charge.reference_id.partition("-")[0])
    return say_act(charge) if say_act else None
