"""A held credit is used for certain charges, by an act of somebody's choice."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User

from core.checks import check_reason
from core.errors import ValueInvalid
from ledger.categories import Category, EntryType, Kind
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import ZERO
from ledger.services.movements import make_movement
from ledger.services.reversals import lock_and_read
from ledger.services.transactions import money_transaction


@money_transaction
def use_credit(
    *, posting_id: int, reference_ids: Sequence[str], reason: str, effective_on: date, actor: User | None
) -> list[LedgerPosting]:
    """Pay the driver's named open charges from a held credit, in the order given, as far as it reaches.

    Due or not: it is somebody's choice, which ``reason`` tells, and not the priority order's. Charges that are closed,
    and another driver's, are passed over, so a second call applies nothing more than what is left. A deposit has acts
    of its own.

    :raises ReasonRequired: no reason given
    :raises PostingNotFound: no such posting
    :raises ValueInvalid: it did not open a held credit, or it is a deposit
    """
    reason = check_reason(reason)
    opening = lock_and_read(posting_id)
    if not opening.is_opening or opening.entry_type != EntryType.CREDIT or opening.category == Category.DEPOSIT:
        raise ValueInvalid("Only money held for a driver can be used, and no deposit.", field="posting_id")
    left = LedgerBalance.objects.get(pk=posting_id).remaining
    debts = LedgerBalance.objects.open().obligations().filter(driver_id=opening.driver_id)
    named = {debt.reference_id: debt for debt in debts.filter(reference_id__in=list(reference_ids))}
    uses = []
    for reference_id in dict.fromkeys(reference_ids):
        part = min(left, named[reference_id].remaining) if reference_id in named else ZERO
        if part:
            left -= part
            uses.append(
                make_movement(
                    Kind.APPLICATION,
                    named[reference_id],
                    part,
                    funding_id=posting_id,
                    effective_on=effective_on,
                    reason=reason,
                    actor=actor,
                )
            )
    return LedgerPosting.objects.bulk_create(uses)
