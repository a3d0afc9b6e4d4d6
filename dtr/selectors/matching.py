"""Whose trip it was: the license names the driver, the cab and the day name the lease. Never guessed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from dtr.models import WaitsFor
from leases.models import Driver, Vehicle
from leases.selectors import list_leases_in_force


@dataclass(frozen=True, slots=True)
class Match:
    """What is known of a trip; it counts for nobody while it waits for something."""

    driver_id: int | None
    vehicle_id: int | None
    lease_id: int | None
    waits_for: WaitsFor


@dataclass(frozen=True, slots=True)
class _LeaseSpan:
    lease_id: int
    holder_id: int
    start_on: date
    end_on: date


class TripMatcher:
    """Matches many trips after three statements: reads the drivers, cabs and leases that the given trips name."""

    def __init__(self, trips: Iterable[tuple[str, str, datetime]]) -> None:
        named = list(trips)
        licenses = {license_ for license_, _, _ in named}
        cabs = {cab for _, cab, _ in named}
        self._drivers = dict(Driver.objects.filter(tlc_license__in=licenses).values_list("tlc_license", "pk"))
        self._vehicles = dict(Vehicle.objects.filter(medallion__in=cabs).values_list("medallion", "pk"))
        self._leases: dict[int, list[_LeaseSpan]] = defaultdict(list)
        if named and self._vehicles:
            self._read_leases([start_at for _, _, start_at in named])

    def match(self, license_: str, cab: str, start_at: datetime) -> Match:
        """Return whose trip it was, by the New York day on which it started.

        Of several leases of the cab on that day (a day and a night shift), the driver's own is meant; a driver who
        holds none of them, or more than one, makes it unclear. A cab without a lease that day leaves the trip to its
        driver alone.
        """
        driver_id = self._drivers.get(license_)
        vehicle_id = self._vehicles.get(cab)
        if driver_id is None:
            return Match(None, vehicle_id, None, WaitsFor.DRIVER)
        if vehicle_id is None:
            return Match(driver_id, None, None, WaitsFor.VEHICLE)
        day = timezone.localdate(start_at)
        in_force = [lease for lease in self._leases[vehicle_id] if lease.start_on <= day <= lease.end_on]
        meant = [lease for lease in in_force if lease.holder_id == driver_id] or in_force
        if len(meant) > 1:
            return Match(driver_id, vehicle_id, None, WaitsFor.LEASE)
        return Match(driver_id, vehicle_id, meant[0].lease_id if meant else None, WaitsFor.NOTHING)

    def _read_leases(self, moments: list[datetime]) -> None:
        leases = list_leases_in_force(
            start_on=timezone.localdate(min(moments)), end_on=timezone.localdate(max(moments))
        ).filter(vehicle_id__in=self._vehicles.values())
        for lease in leases:
            self._leases[lease.vehicle_id].append(
                _LeaseSpan(lease.pk, lease.primary_driver_id, lease.start_on, lease.end_on)
            )
