"""The legal caps on a week, and the weeks above them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.weeks import DAYS, week_of
from core.words import say_full_day
from leases import rules
from leases.models import Lease, WeeklyCap
from leases.selectors.days_away import find_away
from leases.selectors.schedules import ScheduledRent, list_schedule
from ledger.money import format_dollars


@dataclass(frozen=True, slots=True)
class WeekAboveCap:
    """A week that costs more than the cap of its first day of rent allows for its ``days`` of rent; dollars.

    ``cap`` is the cap on a whole week.
    """

    week_start: date
    days: int
    amount: Decimal
    cap: Decimal

    @property
    def allowed(self) -> Decimal:
        """The days' part of the cap."""
        return rules.pro_rate(self.cap, self.days)

    def __str__(self) -> str:
        week = week_of(self.week_start)
        said = f"{rules.say_rent(week)}, due {say_full_day(week.end)}: {format_dollars(self.amount)}"
        if self.days == DAYS:
            return f"{said} is above the cap of {format_dollars(self.cap)}"
        return (
            f"{said} for {self.days} of {DAYS} days is above {format_dollars(self.allowed)}, their part of the cap of "
            f"{format_dollars(self.cap)} a week"
        )


def find_cap(*, lease_type: str, shift: str, on: date) -> WeeklyCap | None:
    """Return the cap in force on a day for leases of a type and shift; None where nobody has entered one."""
    caps = WeeklyCap.objects.filter(lease_type=lease_type, shift=shift, from_on__lte=on)
    return caps.order_by("-from_on").first()


def list_weeks_above_cap(lease: Lease, schedule: Sequence[ScheduledRent] | None = None) -> list[WeekAboveCap]:
    """Return the weeks of a lease whose rent is above the cap in force on their first day of rent, oldest first.

    A part of a week is compared with its part of the cap: 571.43 for four days is above 700.00 a week, which allows
    400.00 for them. ``schedule`` is the lease's, where it was read already.
    """
    caps = list(WeeklyCap.objects.filter(lease_type=lease.lease_type, shift=lease.shift).order_by("-from_on"))
    if not caps:
        return []
    away = find_away(lease.pk)
    found = []
    for rent in list_schedule(lease.pk) if schedule is None else schedule:
        days = rules.list_rent_days(week_of(rent.week_start), start_on=lease.start_on, end_on=lease.end_on, away=away)
        cap = next((cap.amount for cap in caps if days and cap.from_on <= days[0]), None)
        if cap is None:
            continue
        week = WeekAboveCap(rent.week_start, len(days), rent.amount - rent.given_back, cap)
        if week.amount > week.allowed:
            found.append(week)
    return found
