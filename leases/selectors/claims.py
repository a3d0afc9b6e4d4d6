"""What may still come in against a lease: leases knows no ticket, so the apps that know some are asked.

An app says so in its AppConfig's ``ready``::

    register_claims(list_claims_on_lease)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PendingClaim:
    """Something that is not charged and may be, in dollars; ``words`` say what it is, ``why`` what it waits for."""

    reference_id: str
    words: str
    amount: Decimal
    why: str


#: Gets a lease, one of its drivers, and the day on which they are told.
FindClaims = Callable[[int, int, date], list[PendingClaim]]

_FINDERS: list[FindClaims] = []


def register_claims(find: FindClaims) -> None:
    """Have ``find`` be asked too, whenever a deposit is settled."""
    if find not in _FINDERS:
        _FINDERS.append(find)


def list_pending_claims(lease_id: int, driver_id: int, *, on: date) -> list[PendingClaim]:
    """Return what may still be charged for a lease's cab in its time to this driver, or to nobody known yet."""
    return [claim for find in _FINDERS for claim in find(lease_id, driver_id, on)]
