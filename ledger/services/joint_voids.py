"""Postings that are voided together or not at all, by the word of the module that made them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User

from core.checks import check_reason
from core.corrections import find_own_act
from ledger.errors import BalanceInUse
from ledger.locks import lock_accounts
from ledger.models import LedgerPosting
from ledger.services.reversals import list_live_movements, reverse
from ledger.services.transactions import money_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidOrder:
    """The void of a posting that opens a balance, as it was asked for; the account of its driver is locked."""

    opening: LedgerPosting
    reason: str
    actor: User | None
    effective_on: date


#: Voids what was asked for in its own way and returns the opposites; None where the posting is none of its business.
JointVoid = Callable[[VoidOrder], list[LedgerPosting] | None]

#: Each with how the references begin that it is asked about.
_RULES: dict[JointVoid, tuple[str, ...]] = {}


def register_joint_void(rule: JointVoid, *prefixes: str) -> None:
    """Have a module void its own postings in its own way: those whose references begin so; called once."""
    _RULES[rule] = prefixes


def list_joint_prefixes() -> list[str]:
    """Return how the references begin of what may be voided in a module's own way."""
    return [prefix for prefixes in _RULES.values() for prefix in prefixes]


def void_jointly(order: VoidOrder) -> list[LedgerPosting] | None:
    """Do what a module has laid down for a void of this posting; None where none has."""
    for rule, prefixes in _RULES.items():
        written = rule(order) if order.opening.reference_id.startswith(prefixes) else None
        if written is not None:
            return written
    return None


@money_transaction
def void_untouched(
    *, reference_ids: Collection[str], driver_id: int, reason: str, actor: User | None, effective_on: date
) -> list[LedgerPosting]:
    """Cancel what opened the driver's live balances of these references, all or none, and return the opposites.

    :raises ReasonRequired: no reason given
    :raises BalanceInUse: something of one was paid, used, written off or paid out
    """
    reason = check_reason(reason)
    lock_accounts([driver_id])
    openings = list(
        LedgerPosting.objects.filter(
            driver=driver_id, reference_id__in=reference_ids, balance=None, reversals=None
        ).order_by("pk")
    )
    for opening in openings:
        movements = list_live_movements(opening)
        if movements:
            told = f"{opening.reference_id} was paid or used ({len(movements)} times), so it can't be voided any more."
            raise BalanceInUse(
                " ".join(filter(None, [told, find_own_act(opening)])),
                reference_id=opening.reference_id,
                movements=[movement.pk for movement in movements],
            )
    return reverse(openings, reason=reason, actor=actor, effective_on=effective_on)
