"""Whose trip it was: the license names the driver, the cab and the time name the lease. Never guessed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.clock import NEW_YORK
from curb.models import WaitsFor
from leases.models import Driver, Vehicle
from leases.rules import license_key
from leases.selectors import VehicleAssignment, list_vehicle_assignments


@dataclass(frozen=True, slots=True)
class Match:
    """What is known of a trip; it counts for nobody while it waits for something."""

    driver_id: int | None
    vehicle_id: int | None
    lease_id: int | None
    waits_for: WaitsFor


#: How far beyond the moments of the first trips the leases of their cabs are read, so that later ones find them.
_MARGIN = timedelta(days=35)


class TripMatcher:
    """Matches many trips after four statements: reads the drivers, cabs and leases that the given trips name.

    It may be told of further trips (:meth:`learn`), and reads only what it does not know yet.
    """

    def __init__(self, trips: Iterable[tuple[str, str, datetime]] = ()) -> None:
        self._drivers: dict[str, int | None] = {}
        self._vehicles: dict[str, int | None] = {}
        #: By cab: the day on which a lease first had it, and the lease's time with it.
        self._holds: dict[int, list[tuple[date, VehicleAssignment]]] = defaultdict(list)
        self._span: tuple[datetime, datetime] | None = None
        self.learn(trips)

    def learn(self, trips: Iterable[tuple[str, str, datetime]]) -> None:
        """Read what these trips name and is not known yet."""
        named = list(trips)
        licenses = {license_key(license_) for license_, _, _ in named} - self._drivers.keys()
        if licenses:
            found = Driver.objects.filter(license_key__in=licenses).values_list("license_key", "pk")
            self._drivers |= {**dict.fromkeys(licenses), **dict(found)}
        cabs = {cab for _, cab, _ in named} - self._vehicles.keys()
        vehicles = dict(Vehicle.objects.filter(medallion__in=cabs).values_list("medallion", "pk")) if cabs else {}
        self._vehicles |= {**dict.fromkeys(cabs), **vehicles}
        if named:
            self._learn_holds([start_at for _, _, start_at in named], list(vehicles.values()))

    def match(self, license_: str, cab: str, start_at: datetime) -> Match:
        """Return whose trip it was, by the moment and the New York day on which it started.

        Of the leases of the cab (a day and a night shift, one before a swap and one after), the one that the driver is
        on is meant, as its primary or a further driver; a driver who is on more than one makes it unclear. A lease
        that is not the driver's gets none of their money: where they are on none, as where the cab has none, the trip
        is left to its driver alone.
        """
        driver_id = self._drivers.get(license_key(license_))
        vehicle_id = self._vehicles.get(cab)
        if driver_id is None:
            return Match(None, vehicle_id, None, WaitsFor.DRIVER)
        if vehicle_id is None:
            return Match(driver_id, None, None, WaitsFor.VEHICLE)
        day = start_at.astimezone(NEW_YORK).date()
        # A night driver may begin before the first night does: the license says who it was.
        in_force = [
            hold for first_day, hold in self._holds[vehicle_id] if first_day <= day and start_at < hold.span.until_at
        ]
        own = [h for h in in_force if driver_id in h.list_drivers_on(day) or driver_id in h.list_drivers_at(start_at)]
        if len(own) > 1:
            return Match(driver_id, vehicle_id, None, WaitsFor.LEASE)
        return Match(driver_id, vehicle_id, own[0].lease_id if own else None, WaitsFor.NOTHING)

    def _learn_holds(self, moments: list[datetime], new_vehicles: list[int]) -> None:
        first, last = min(moments), max(moments)
        if self._span is None or first < self._span[0] or last > self._span[1]:
            # A day on at the least, for what begins later on the day of the last trip.
            self._span = first - _MARGIN, last + _MARGIN
            self._holds.clear()
            new_vehicles = [vehicle_id for vehicle_id in self._vehicles.values() if vehicle_id is not None]
        if not new_vehicles:
            return
        from_at, until_at = self._span
        for hold in list_vehicle_assignments(
            vehicle_ids=new_vehicles, from_at=from_at, until_at=until_at + timedelta(days=1)
        ):
            first_day = hold.span.from_at.astimezone(NEW_YORK).date()
            self._holds[hold.vehicle_id].append((first_day, hold))
