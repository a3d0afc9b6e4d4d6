"""A deposit, thirty days after its lease is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_reason
from leases import rules, selectors
from leases.errors import DepositStillHeld, NoDepositHeld
from leases.services.records import lock_lease
from ledger import services as ledger
from ledger.money import ZERO


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a deposit, in dollars: installments posted, what it paid, what went back to the driver."""

    posted: int
    applied: Decimal
    released: Decimal
    payouts: Sequence[str]


@ledger.money_transaction
def settle_deposit(
    *,
    lease_id: int,
    as_of: date,
    reason: str,
    method: str = "CASH",
    instrument_number: str = "",
    actor: User | None,
) -> Settlement:
    """Settle what is held as deposit on a lease: it pays what the driver owes, and the rest goes back to them.

    First, what is left of the driver's plans is posted, due at once: all of them, or those on this lease only where
    another lease of theirs goes on. Then the deposit pays what is due by ``as_of``, by the waterfall. ``method`` is how
    the rest leaves: CASH, CHECK (with its number) or ACH.

    :raises ledger.services.LeaseNotFound: no lease has this number
    :raises DepositStillHeld: the lease has not been over for thirty days on ``as_of``
    :raises NoDepositHeld: nothing is held as deposit on it
    :raises core.errors.ReasonRequired: no reason given
    :raises ledger.services.ValueInvalid: an unknown method, or a check without its number
    """
    reason = check_reason(reason)
    lease = lock_lease(lease_id)
    earliest = rules.earliest_settlement(lease.end_on)
    if as_of < earliest:
        raise DepositStillHeld(
            f"{lease} ends on {lease.end_on}: its deposit is held until tickets have come in, to {earliest}.",
            **{"from": earliest.isoformat()},
        )
    deposits = list(selectors.list_deposits_held(lease.pk))
    if not deposits:
        raise NoDepositHeld(f"Nothing is held as deposit on {lease}.")
    goes_on = selectors.list_leases_in_force(start_on=as_of, driver_id=lease.primary_driver_id).exists()
    posted = ledger.post_remaining_installments(
        driver_id=lease.primary_driver_id, lease_id=lease.pk if goes_on else None, due_on=as_of, actor=actor
    )
    applied, released, payouts = ZERO, ZERO, []
    for deposit in deposits:
        paid = ledger.apply_deposit(posting_id=deposit.pk, as_of=as_of, reason=reason, actor=actor)
        used = sum((posting.amount for posting in paid), start=ZERO)
        applied += used
        if used < deposit.remaining:
            payout = ledger.release_deposit(
                posting_id=deposit.pk,
                method=method,
                instrument_number=instrument_number,
                effective_on=as_of,
                actor=actor,
            )
            released += payout.amount
            payouts.append(payout.reference_id)
    return Settlement(posted.posted, applied, released, payouts)
