"""The legal caps on a week, and the weeks above them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.weeks import week_of
from leases import rules
from leases.models import Lease, WeeklyCap
from ledger.money import format_dollars


@dataclass(frozen=True, slots=True)
class WeekAboveCap:
    """A week that costs more than the cap of its first day allows; dollars."""

    week_start: date
    amount: Decimal
    cap: Decimal

    def __str__(self) -> str:
        week = week_of(self.week_start)
        return (
            f"{rules.say_rent(week)}, due {week.end}: {format_dollars(self.amount)} is above the cap of "
            f"{format_dollars(self.cap)}"
        )


def find_cap(*, lease_type: str, shift: str, on: date) -> WeeklyCap | None:
    """Return the cap in force on a day for leases of a type and shift; None where nobody has entered one."""
    caps = WeeklyCap.objects.filter(lease_type=lease_type, shift=shift, from_on__lte=on)
    return caps.order_by("-from_on").first()


def list_weeks_above_cap(lease: Lease) -> list[WeekAboveCap]:
    """Return the weeks of a lease whose rent is above the cap in force on their first day, oldest first."""
    caps = list(WeeklyCap.objects.filter(lease_type=lease.lease_type, shift=lease.shift).order_by("-from_on"))
    if not caps:
        return []
    found = []
    for week_start, amount in lease.installments.order_by("number").values_list("week_start", "amount"):
        cap = next((cap.amount for cap in caps if cap.from_on <= week_start), None)
        if cap is not None and amount > cap:
            found.append(WeekAboveCap(week_start, amount, cap))
    return found
