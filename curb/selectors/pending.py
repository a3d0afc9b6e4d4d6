"""What the next close is going to do with a trip: count it back where it was counted, and count it as it is now."""

from dataclasses import dataclass
from decimal import Decimal

from curb import rules
from curb.models import CountsAs, Trip, WaitsFor
from curb.models.trips import PAYMENT_TYPE_LABELS
from curb.selectors.trips import find_live_count
from ledger.money import ZERO, format_dollars


@dataclass(frozen=True, slots=True)
class PendingCount:
    """One row that the next close is going to write of a trip, in dollars; counted back, they are below zero."""

    sign: int
    driver: str
    lease: str
    payment_type: str
    total: Decimal
    taxes: Decimal

    @property
    def words(self) -> str:
        act = "Counted" if self.sign > 0 else "Counted back"
        whose = f"{self.driver}, {self.lease}" if self.lease else f"{self.driver}, without a lease"
        money = f"{format_dollars(self.total)} {PAYMENT_TYPE_LABELS[self.payment_type].lower()}"
        taxes = f", taxes {format_dollars(self.taxes)}" if self.taxes else ""
        return f"{act} for {whose}: {money}{taxes}"


def list_pending(trip: Trip) -> list[PendingCount]:
    """What the next close is going to count of a trip, back first; nothing where it stays as it was counted."""
    if not trip.awaits_count:
        return []
    live, now = find_live_count(trip), _count_of(trip)
    before = None
    if live is not None:
        before = PendingCount(
            -1, str(live.driver), str(live.lease or ""), live.payment_type, -live.total, -live.taxes_total
        )
        same = (live.driver_id, live.vehicle_id, live.lease_id, live.payment_type)
        if now is not None and same == (trip.driver_id, trip.vehicle_id, trip.lease_id, trip.paid_by):
            return []
    return [row for row in (before, now) if row is not None]


def _count_of(trip: Trip) -> PendingCount | None:
    counts = trip.is_current and trip.waits_for == WaitsFor.NOTHING and trip.counts_as != CountsAs.NOTHING
    if not counts or trip.is_left_out:
        return None
    is_taxed = trip.paid_by in rules.TAXED_TYPES
    taxes = sum((getattr(trip, column) for column in rules.TAX_COLUMNS), ZERO) if is_taxed else ZERO
    return PendingCount(1, str(trip.driver), str(trip.lease or ""), trip.paid_by, trip.total, taxes)
