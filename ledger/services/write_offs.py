"""Forgiving what a driver owes."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_reason
from ledger import errors
from ledger.categories import Kind, Status
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import format_dollars, parse_amount
from ledger.services.movements import make_movement
from ledger.services.reversals import lock_and_read
from ledger.services.transactions import money_transaction


@money_transaction
def write_off_obligation(
    *,
    posting_id: int,
    reason: str,
    amount: Decimal | None = None,
    effective_on: date,
    actor: User | None,
) -> LedgerPosting:
    """Forgive ``amount`` dollars of an obligation, all that remains of it when left out. Void the write-off to undo it.

    :raises ReasonRequired, AmountInvalid: an argument is not what it should be
    :raises PostingNotFound, NotAnObligation: the posting did not open an obligation
    :raises ObligationClosed: nothing remains of it
    :raises OverAllocation: more than what remains
    """
    reason = check_reason(reason)
    asked = None if amount is None else parse_amount(amount)
    opening = lock_and_read(posting_id)
    if opening.kind != Kind.OBLIGATION:
        raise errors.NotAnObligation(f"Posting {posting_id} is not a charge.", posting_id=posting_id)
    balance = LedgerBalance.objects.get(pk=posting_id)
    if balance.status != Status.OPEN:
        raise errors.ObligationClosed(
            f"{balance.reference_id} is {balance.get_status_display().lower()}.", field="posting_id"
        )
    if asked is not None and asked > balance.remaining:
        raise errors.OverAllocation(
            f"Only {format_dollars(balance.remaining)} remains on {balance.reference_id}.",
            field="amount",
            remaining=str(balance.remaining),
        )
    written_off = make_movement(
        Kind.WRITE_OFF,
        balance,
        balance.remaining if asked is None else asked,
        effective_on=effective_on,
        reason=reason,
        actor=actor,
    )
    written_off.save(force_insert=True)
    return written_off
