"""A deposit, thirty days after its lease is over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from core.checks import check_reason
from core.previews import rolled_back
from core.words import say_full_day
from leases import rules, selectors
from leases.errors import DepositStillHeld, NoDepositHeld
from leases.models import DepositSettlement, Lease
from leases.selectors.deposits import SettlementItem
from leases.services.records import lock_lease
from ledger import services as ledger
from ledger.money import ZERO


@ledger.money_transaction
def settle_deposit(
    *,
    lease_id: int,
    as_of: date,
    reason: str,
    method: str = "CASH",
    instrument_number: str = "",
    keeps_for_claims: bool = True,
    actor: User | None,
) -> DepositSettlement:
    """Settle what is held as deposit on a lease: it pays what its driver owes, and the rest goes back to them.

    What is left of the driver's plans on this lease is posted, due at once; and of plans on no lease, where no other
    lease of theirs goes on. First the driver's own credits pay: what is due anywhere, then whatever is open on this
    lease. Then the deposit pays what is open on this lease, due or not, and so on no lease where no other goes on. Kept
    as deposit is what they owe elsewhere and is due, or is open on a lease that is over; and, with
    ``keeps_for_claims``, what is on hold, and what is disputed or waits and may still be charged for the lease's cab.
    The rest leaves in one payout by ``method``: CASH, CHECK (with its number) or ACH.

    A deposit kept back may be settled again. A further driver's deposit on the lease is settled after the primary's.

    :raises ledger.services.LeaseNotFound: no lease has this number
    :raises DepositStillHeld: the lease has not been over for thirty days on ``as_of``
    :raises NoDepositHeld: nothing is held as deposit on it
    :raises core.errors.ReasonRequired: no reason given
    :raises ledger.services.ValueInvalid: an unknown method, or a check without its number
    """
    reason = check_reason(reason)
    lease, deposits = _lock_deposits(lease_id, as_of)
    driver_id = deposits[0].driver_id
    goes_on = selectors.has_other_lease(driver_id, lease.pk, on=as_of)
    posted = ledger.post_remaining_installments(
        driver_id=driver_id, lease_id=lease.pk, without_lease=not goes_on, due_on=as_of, actor=actor
    )
    facts: dict[str, Any] = {"as_of": as_of, "reason": reason, "without_lease": not goes_on, "actor": actor}
    due = ledger.apply_weekly_earnings(driver_ids=[driver_id], as_of=as_of, actor=actor)
    used = ledger.apply_credits_to_lease(driver_id=driver_id, lease_id=lease.pk, **facts)
    applications = [posting for deposit in deposits for posting in ledger.apply_deposit(posting_id=deposit.pk, **facts)]
    owed = selectors.list_owed_at_settlement(lease, driver_id, goes_on=goes_on, on=as_of)
    kept_for = list(owed.kept)
    if keeps_for_claims:
        kept_for += selectors.describe_paused(lease, driver_id, goes_on=goes_on, on=as_of)
        kept_for += selectors.describe_claims(lease.pk, driver_id, on=as_of)

    settlement = DepositSettlement(
        lease=lease, driver_id=driver_id, settled_on=as_of, settled_by=actor, reason=reason, posted=posted.posted
    )
    settlement.held = _sum(deposit.remaining for deposit in deposits)
    settlement.from_credits = due.amount + _sum(posting.amount for posting in used)
    settlement.applied = _sum(posting.amount for posting in applications)
    settlement.kept = min(settlement.held - settlement.applied, _sum(item.amount for item in kept_for))
    settlement.released = settlement.held - settlement.applied - settlement.kept
    if settlement.released:
        payout = ledger.release_deposit(
            posting_ids=[deposit.pk for deposit in deposits],
            amount=settlement.released,
            method=method,
            instrument_number=instrument_number,
            effective_on=as_of,
            actor=actor,
        )
        settlement.payout_reference = payout.reference_id
    received, paid = selectors.describe_deposits(lease.pk, driver_id), selectors.describe_payments(applications)
    settlement.received = _sum(item.amount for item in received)
    items = [*received, *paid, *owed.open, *kept_for, *owed.listed, *owed.of_others]
    settlement.items = [item.as_json() for item in items]
    settlement.save(force_insert=True)
    return settlement


@dataclass(frozen=True, slots=True)
class SettlementPreview:
    """What settling would do now, in dollars: whose deposit it is, every line, and every amount."""

    driver: str
    held: Decimal
    posted: int
    from_credits: Decimal
    applied: Decimal
    released: Decimal
    kept: Decimal
    items: Sequence[SettlementItem]


def preview_settlement(
    *,
    lease_id: int,
    as_of: date,
    reason: str,
    method: str = "CASH",
    instrument_number: str = "",
    keeps_for_claims: bool = True,
) -> SettlementPreview:
    """Say what :func:`settle_deposit` would do now; and write nothing.

    :raises: what :func:`settle_deposit` raises
    """
    with rolled_back():
        settlement = settle_deposit(
            lease_id=lease_id,
            as_of=as_of,
            reason=reason,
            method=method,
            instrument_number=instrument_number,
            keeps_for_claims=keeps_for_claims,
            actor=None,
        )
        return SettlementPreview(
            driver=str(settlement.driver),
            held=settlement.held,
            posted=settlement.posted,
            from_credits=settlement.from_credits,
            applied=settlement.applied,
            released=settlement.released,
            kept=settlement.kept,
            items=selectors.list_settlement_items(settlement),
        )


def _lock_deposits(lease_id: int, as_of: date) -> tuple[Lease, Sequence[Any]]:
    """Lock the accounts of all who hold a deposit on the lease, then the lease; return it, and one driver's deposits.

    They are the primary driver's, or where that one has none, of the further driver whose deposit is the oldest.

    :raises ledger.services.LeaseNotFound, DepositStillHeld, NoDepositHeld: there is nothing to settle on ``as_of``
    """
    depositors = selectors.list_deposits_held(lease_id).values_list("driver_id", flat=True)
    lease = lock_lease(lease_id, driver_ids=set(depositors))
    earliest = rules.earliest_settlement(lease.end_on)
    if as_of < earliest:
        raise DepositStillHeld(
            f"{lease} ends on {say_full_day(lease.end_on)}: its deposit is held until tickets have come in, "
            f"to {say_full_day(earliest)}.",
            **{"from": earliest.isoformat()},
        )
    held = list(selectors.list_deposits_held(lease.pk))
    if not held:
        raise NoDepositHeld(f"Nothing is held as deposit on {lease}.")
    of_primary = [deposit for deposit in held if deposit.driver_id == lease.primary_driver_id]
    return lease, of_primary or [deposit for deposit in held if deposit.driver_id == held[0].driver_id]


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, start=ZERO)
