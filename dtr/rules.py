"""The pay week's arithmetic: which trips earn, which are taxed, and what a driver's week on a lease becomes.

Pure: no Django, no clock, no table.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from config.kit.weeks import week_of
from ledger.money import ZERO

NEW_YORK = ZoneInfo("America/New_York")


class PaymentType(StrEnum):
    """How the passenger paid."""

    CARD = "CARD"
    CASH = "CASH"
    PRIVATE = "PRIVATE"
    NO_CHARGE = "NO_CHARGE"
    DISPUTE = "DISPUTE"


class TransactionState(StrEnum):
    """The list in which CURB tells a card transaction."""

    APPROVED = "AP"
    DECLINED = "DC"
    DUPLICATE = "DUP"


#: The fleet received these fares and owes them to the driver, gross.
EARNING_TYPES = (PaymentType.CARD,)
#: The fleet remits the taxes of these trips, and charges them to the driver, once.
TAXED_TYPES = (PaymentType.CARD, PaymentType.CASH)
#: The columns of a trip that are taxes to remit, as the trip states them; never recomputed from a rate.
TAX_COLUMNS = ("mta_tax", "improvement", "congestion", "airport", "cbd")


class EntryKind(StrEnum):
    """What a driver's week on a lease becomes in the ledger."""

    EARNINGS = "EARNINGS"
    RECOVERY = "RECOVERY"
    TAXES = "TAXES"
    TAX_REFUND = "TAX_REFUND"


@dataclass(frozen=True, slots=True)
class Share:
    """What a driver's counted trips on a lease (or no lease) sum to, in dollars; ``vehicle_id`` when it was one cab."""

    driver_id: int
    lease_id: int | None
    vehicle_id: int | None
    #: Whether the lease is his own: a further driver's references name him besides the lease.
    is_lease_holder: bool
    card_total: Decimal
    taxes_total: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry of a share; the amount is above zero."""

    kind: EntryKind
    amount: Decimal
    reference_id: str


def credited_reference_of(share: Share, week_end: date) -> str:
    """The reference that credits the share's card fares: ``CURB-2026-11-21-L12``."""
    return f"CURB-{week_end}-{_share_name(share)}"


def taxes_reference_of(share: Share, week_end: date) -> str:
    """The reference that charges the share's trip taxes: ``TAXES-2026-11-21-L12``."""
    return f"TAXES-{week_end}-{_share_name(share)}"


def list_entries(share: Share, week_end: date) -> list[Entry]:
    """Return what to post for a share: nothing for a sum of zero, and the opposite for a sum below zero.

    More card money taken back than earned is to be won back from the driver; more tax taken back than charged is owed
    to him.
    """
    entries = []
    if share.card_total != ZERO:
        kind = EntryKind.EARNINGS if share.card_total > 0 else EntryKind.RECOVERY
        entries.append(Entry(kind, abs(share.card_total), credited_reference_of(share, week_end)))
    if share.taxes_total != ZERO:
        kind = EntryKind.TAXES if share.taxes_total > 0 else EntryKind.TAX_REFUND
        entries.append(Entry(kind, abs(share.taxes_total), taxes_reference_of(share, week_end)))
    return entries


def week_starts_at(week_end: date) -> datetime:
    """The first moment of the week that ends on the Saturday ``week_end``: Sunday 00:00 in New York."""
    return datetime.combine(week_of(week_end).start, time.min, tzinfo=NEW_YORK)


def week_ends_at(week_end: date) -> datetime:
    """The first moment after the week: the next Sunday 00:00 in New York."""
    return datetime.combine(week_of(week_end).next.start, time.min, tzinfo=NEW_YORK)


def in_new_york(wall_clock: datetime, *, not_before: datetime | None = None) -> datetime:
    """Return the moment that a wall clock in New York showed.

    On the autumn Sunday 01:00-02:00 is shown twice: the first time is meant, unless that lies before ``not_before``
    (a trip's end before its start). On the spring Sunday 02:00-03:00 is shown by no clock that was put forward: it is
    read as by one that was not yet, so 02:30 is the moment 03:30.
    """
    # By way of UTC: it turns the hour that does not exist into the one that does.
    first = wall_clock.replace(tzinfo=NEW_YORK, fold=0).astimezone(UTC)
    second = wall_clock.replace(tzinfo=NEW_YORK, fold=1).astimezone(UTC)
    # In the skipped hour the "second" reading is the earlier moment, and never meant.
    chosen = second if not_before is not None and first < not_before <= second else first
    return chosen.astimezone(NEW_YORK)


def _share_name(share: Share) -> str:
    if share.lease_id is None:
        return f"D{share.driver_id}"
    if share.is_lease_holder:
        return f"L{share.lease_id}"
    return f"L{share.lease_id}-D{share.driver_id}"
