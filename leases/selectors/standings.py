"""How a vehicle or a lease stands now, as its page tells it and offers acts."""

from dataclasses import dataclass
from datetime import date, datetime

from core.clock import NEW_YORK
from core.words import say_full_day
from leases.models import (
    Driver,
    Lease,
    LeaseDriver,
    LeaseInstallment,
    LeaseVehicle,
    Vehicle,
    VehiclePlate,
    VehicleTag,
)
from leases.selectors.days_away import list_days_away
from leases.selectors.deposits import DepositState, get_deposit_state, say_unsettled
from leases.selectors.leases import list_drivers_of_lease
from ledger.money import ZERO, format_dollars

_SHIFTS = {Lease.Shift.FULL: "", Lease.Shift.DAY: " by day", Lease.Shift.NIGHT: " by night"}


@dataclass(frozen=True, slots=True)
class Holder:
    """A lease that has a vehicle now, to the last day that it has it, and who drives on it that day."""

    lease: Lease
    last_on: date
    drivers: tuple[Driver, ...]

    def __str__(self) -> str:
        names = [f"{driver.first_name} {driver.last_name}" for driver in self.drivers]
        who = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0] if names else "Nobody"
        verb = "drive" if len(names) > 1 else "drives"
        shift = _SHIFTS[Lease.Shift(self.lease.shift)]
        held = ", which is on hold" if self.lease.status == Lease.Status.HELD else ""
        return f"{who} {verb} it{shift}, on {self.lease} to {say_full_day(self.last_on)}{held}"


@dataclass(frozen=True, slots=True)
class VehicleStanding:
    """Who has a vehicle now, who has it next, and what is on it."""

    vehicle: Vehicle
    holders: tuple[Holder, ...]
    next_span: LeaseVehicle | None
    plate: VehiclePlate | None
    tag: VehicleTag | None

    @property
    def pk(self) -> int:
        return self.vehicle.pk

    @property
    def name(self) -> str:
        return f"cab {self.vehicle.medallion}"

    @property
    def is_in_service(self) -> bool:
        return self.vehicle.status == Vehicle.Status.IN_SERVICE

    def say(self) -> str:
        """Return ``Anil Jeudy drives it, on Lease 14 to Sep 25, 2027.``"""
        if not self.is_in_service:
            return "It is out of service."
        if self.holders:
            return f"{'; '.join(str(holder) for holder in self.holders)}."
        return f"Nobody has it now.{self._say_next()}"

    def _say_next(self) -> str:
        if self.next_span is None:
            return ""
        from_on = self.next_span.from_at.astimezone(NEW_YORK).date()
        return f" {self.next_span.lease} has it from {say_full_day(from_on)}."

    def say_retired(self) -> str:
        """Return why nothing new is begun with it, or nothing."""
        return "" if self.is_in_service else "It is out of service"

    def say_leased(self) -> str:
        """Return why it can't be taken out of service, or nothing."""
        if self.holders:
            return f"{self.holders[0].lease} has it to {say_full_day(self.holders[0].last_on)}"
        return self._say_next().strip().removesuffix(".")


@dataclass(frozen=True, slots=True)
class LeaseStanding:
    """Who drives on a lease, what is on hold of it, and its deposit."""

    lease: Lease
    today: date
    drivers: tuple[LeaseDriver, ...]
    deposit: DepositState
    has_days_away: bool
    has_rent_on_hold: bool

    @property
    def pk(self) -> int:
        return self.lease.pk

    @property
    def name(self) -> str:
        return str(self.lease)

    @property
    def goes_on(self) -> bool:
        """Whether it was not ended early."""
        return self.lease.status != Lease.Status.ENDED

    @property
    def is_held(self) -> bool:
        return self.lease.status == Lease.Status.HELD or self.has_rent_on_hold

    @property
    def is_active(self) -> bool:
        return self.lease.status == Lease.Status.ACTIVE

    @property
    def has_further(self) -> bool:
        return any(not span.is_primary for span in self.drivers)

    def label(self) -> str:
        """Return how it stands today, in a word or two."""
        if self.lease.status != Lease.Status.ACTIVE:
            return self.lease.get_status_display()
        if self.lease.start_on > self.today:
            return "Not begun"
        return "Over" if self.lease.end_on < self.today else "Active"

    def say(self) -> str:
        """Return ``Anil pays $575.00 a week for cab 8H59, to Sep 25, 2027.``"""
        lease = self.lease
        ends, pays = say_full_day(lease.end_on), f"{format_dollars(lease.weekly_amount)} a week"
        name, cab = lease.primary_driver.first_name, f"cab {lease.vehicle.medallion}"
        if lease.end_on < self.today or not self.goes_on:
            return f"{name} paid {pays} for {cab}, to {ends}."
        if lease.start_on > self.today:
            return f"{name} pays {pays} for {cab}, from {say_full_day(lease.start_on)} to {ends}."
        return f"{name} pays {pays} for {cab}, to {ends}."

    def say_over(self) -> str:
        """Return why nothing more changes on it, or nothing."""
        return "" if self.goes_on else "The lease was ended early"

    def say_unsettled(self) -> str:
        """Return why its deposit can't be settled now, or nothing."""
        if self.deposit.held == ZERO:
            return "No deposit is held"
        return say_unsettled(self.deposit.settle_from, self.today)


def get_vehicle_standing(vehicle: Vehicle, *, at: datetime) -> VehicleStanding:
    """Return how a vehicle stands at a moment, by five statements."""
    today = at.astimezone(NEW_YORK).date()
    spans = LeaseVehicle.objects.filter(vehicle=vehicle, until_at__gt=at).select_related("lease").order_by("from_at")
    now = list(spans.filter(from_at__lte=at))
    driven: dict[int, list[Driver]] = {}
    days = LeaseDriver.objects.filter(
        lease__in=[span.lease_id for span in now], start_on__lte=today, end_on__gte=today
    ).select_related("driver")
    for row in days:
        driven.setdefault(row.lease_id, []).append(row.driver)
    return VehicleStanding(
        vehicle,
        tuple(
            Holder(span.lease, min(span.lease.end_on, _last_day(span)), tuple(driven.get(span.lease_id, ())))
            for span in now
        ),
        spans.filter(from_at__gt=at).first(),
        vehicle.plates.filter(until_at=None).first(),
        vehicle.tags.filter(until_at=None).first(),
    )


def get_lease_standing(lease: Lease, *, today: date) -> LeaseStanding:
    """Return how a lease stands on a day, by four statements; it comes with its driver and its vehicle."""
    return LeaseStanding(
        lease,
        today,
        tuple(list_drivers_of_lease(lease.pk)),
        get_deposit_state(lease),
        list_days_away(lease.pk).exists(),
        LeaseInstallment.objects.filter(lease=lease, on_hold=True).exists(),
    )


def _last_day(span: LeaseVehicle) -> date:
    """Return the last day of which a span has a moment."""
    until = span.until_at.astimezone(NEW_YORK)
    return date.fromordinal(until.date().toordinal() - 1) if until.time().isoformat() == "00:00:00" else until.date()
