"""Which act corrects a charge: the one on its own page, or one of the module that made it.

An app says in its AppConfig's ``ready`` of which references it knows better::

    register_own_act("LOAN", say_loan_act)  # LOAN-3-4 → "An installment follows its loan's schedule: …"

A charge of which nobody does is corrected, or charged again, on its own page.
"""

from collections.abc import Callable
from typing import Protocol

from django.core.exceptions import ImproperlyConfigured


class Charge(Protocol):
    reference_id: str
    category: str


#: Gets the charge; None where the act on its own page is the right one, or else the sentence that names the right one.
SayAct = Callable[[Charge], str | None]

_SAYERS: dict[str, SayAct] = {}


def register_own_act(prefix: str, say_act: SayAct) -> None:
    """Have ``say_act`` answer for the references whose part before the first hyphen is ``prefix``.

    :raises ImproperlyConfigured: another app answers for them
    """
    if _SAYERS.setdefault(prefix, say_act) is not say_act:
        raise ImproperlyConfigured(f"Charges that start with {prefix}- have two owners.")


def list_prefixes() -> list[str]:
    """Return the parts before the first hyphen of the charges that somebody knows better."""
    return sorted(_SAYERS)


def find_own_act(charge: Charge) -> str | None:
    """Return the sentence that says which other act corrects a charge; None where its own page does."""
    say_act = _SAYERS.get(charge.reference_id.partition("-")[0])
    return say_act(charge) if say_act else None
