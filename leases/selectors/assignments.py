"""Who had a vehicle at a moment. Candidates, and one of them only where there is no other: never a guess."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from leases import rules
from leases.models import LeaseDriver, LeaseVehicle


@dataclass(frozen=True, slots=True)
class DriverDays:
    """The days, both ends included, that a driver is on a lease."""

    driver_id: int
    is_primary: bool
    start_on: date
    end_on: date


@dataclass(frozen=True, slots=True)
class VehicleAssignment:
    """A lease's time with a vehicle, its hours, and who drives on it in which days, the primary driver first."""

    lease_id: int
    vehicle_id: int
    shift: str
    hours: rules.Hours | None
    span: rules.Span
    drivers: tuple[DriverDays, ...]

    def covers(self, at: datetime) -> bool:
        """Whether the moment lies in this time, at whatever hour."""
        return self.span.from_at <= at < self.span.until_at

    def is_in_shift(self, at: datetime) -> bool:
        """Whether the moment lies in the hours of the shift; full time has all."""
        return rules.is_in_shift(at, self.hours)

    def list_drivers_at(self, at: datetime) -> list[int]:
        """Return who was on the lease on the day that the moment belongs to, the primary driver first."""
        return self.list_drivers_on(rules.lease_day(at, self.hours))

    def list_drivers_on(self, day: date) -> list[int]:
        """Return who was on the lease on a day, the primary driver first."""
        return [driven.driver_id for driven in self.drivers if driven.start_on <= day <= driven.end_on]


def list_vehicle_assignments(
    *, vehicle_ids: Iterable[int], from_at: datetime, until_at: datetime
) -> list[VehicleAssignment]:
    """Return the leases' times with these vehicles that reach into ``from_at`` to ``until_at``, by two queries."""
    held = LeaseVehicle.objects.filter(vehicle__among=vehicle_ids, from_at__lte=until_at, until_at__gt=from_at)
    rows = list(
        held.order_by("from_at", "id").values_list(
            "lease_id", "vehicle_id", "shift", "lease__shift_from", "lease__shift_until", "from_at", "until_at"
        )
    )
    drivers = _list_driver_days({row[0] for row in rows})
    return [
        VehicleAssignment(
            lease_id=lease_id,
            vehicle_id=vehicle_id,
            shift=shift,
            hours=rules.find_hours(begin, end),
            span=rules.Span(start, until),
            drivers=tuple(drivers.get(lease_id, ())),
        )
        for lease_id, vehicle_id, shift, begin, end, start, until in rows
    ]


def _list_driver_days(lease_ids: set[int]) -> dict[int, list[DriverDays]]:
    """Who drives on these leases, in the order in which a lease lists its drivers."""
    drivers: dict[int, list[DriverDays]] = {}
    if lease_ids:
        spans = LeaseDriver.objects.filter(lease__among=lease_ids)
        rows = spans.values_list("lease_id", "driver_id", "is_primary", "start_on", "end_on")
        for lease_id, driver_id, is_primary, start_on, end_on in rows:
            drivers.setdefault(lease_id, []).append(DriverDays(driver_id, is_primary, start_on, end_on))
    return drivers


def list_leases_of_vehicle_at(vehicle_id: int, at: datetime) -> list[VehicleAssignment]:
    """Return the leases that had the vehicle at a moment, in the hours of their shifts.

    None where nobody had it, and more than one where the hours of two shifts overlap.
    """
    assignments = list_vehicle_assignments(vehicle_ids=[vehicle_id], from_at=at, until_at=at)
    return [assigned for assigned in assignments if assigned.covers(at) and assigned.is_in_shift(at)]


def find_driver_at(vehicle_id: int, at: datetime) -> int | None:
    """Return the only driver who may have driven the vehicle at a moment; None where there is none, or several.

    A lease with a further driver in these days has several: a person decides between the candidates of
    :func:`list_leases_of_vehicle_at`.
    """
    assignments = list_leases_of_vehicle_at(vehicle_id, at)
    candidates = {driver_id for assigned in assignments for driver_id in assigned.list_drivers_at(at)}
    return candidates.pop() if len(candidates) == 1 else None
