"""How a movement is written: it repeats the balance it moves, and says what moved it."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from ledger.categories import EntryType, Kind
from ledger.models import LedgerBalance, LedgerPosting


def make_movement(
    kind: Kind | str,
    balance: LedgerBalance | LedgerPosting,
    amount: Decimal,
    *,
    effective_on: date,
    actor: User | None,
    funding_id: int | None = None,
    payment_id: int | None = None,
    payout_id: int | None = None,
    reason: str = "",
) -> LedgerPosting:
    """Return an unsaved movement of ``amount`` dollars on ``balance``, or on the balance that a posting opened."""
    return LedgerPosting(
        kind=kind,
        entry_type=EntryType.DEBIT if kind == Kind.PAYOUT else EntryType.CREDIT,
        category=balance.category,
        amount=amount,
        reference_id=balance.reference_id,
        driver_id=balance.driver_id,
        lease_id=balance.lease_id,
        vehicle_id=balance.vehicle_id,
        balance_id=balance.pk,
        funding_id=funding_id,
        payment_id=payment_id,
        payout_id=payout_id,
        effective_on=effective_on,
        reason=reason,
        posted_by=actor,
    )
