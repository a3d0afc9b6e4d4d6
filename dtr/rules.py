"""The pay week's arithmetic: what a driver's week on a lease becomes in the ledger.

Pure: no Django, no clock, no table.
"""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum

from curb.rules import Share, credited_reference_of, taxes_reference_of
from ledger.money import ZERO

#: From this hour of a Sunday on, the week before it is closed by the schedule.
FIRST_HOUR = time(5)


class EntryKind(StrEnum):
    """What a driver's week on a lease becomes in the ledger."""

    EARNINGS = "EARNINGS"
    RECOVERY = "RECOVERY"
    TAXES = "TAXES"
    TAX_REFUND = "TAX_REFUND"


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry of a share; the amount is above zero."""

    kind: EntryKind
    amount: Decimal
    reference_id: str


def list_entries(share: Share) -> list[Entry]:
    """Return what to post for a share: nothing for a sum of zero, and the opposite for a sum below zero.

    More card money taken back than earned is to be won back from the driver; more tax taken back than charged is owed
    to the driver.
    """
    entries = []
    if share.card_total != ZERO:
        kind = EntryKind.EARNINGS if share.card_total > 0 else EntryKind.RECOVERY
        entries.append(Entry(kind, abs(share.card_total), credited_reference_of(share.name)))
    if share.taxes_total != ZERO:
        kind = EntryKind.TAXES if share.taxes_total > 0 else EntryKind.TAX_REFUND
        entries.append(Entry(kind, abs(share.taxes_total), taxes_reference_of(share.name)))
    return entries
