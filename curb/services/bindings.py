"""A person assigns a waiting trip to a driver, where the license and the cab alone did not say whose it was."""

from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.utils import timezone

from core.transactions import bounded_transaction
from curb.errors import LeaseDoesNotFit, TripNotWaiting
from curb.models import CountsAs, Trip, WaitsFor
from curb.selectors import TripMatcher, list_alike_trips
from leases.models import Driver, Vehicle
from leases.selectors import list_leases_in_force
from ledger import services as ledger


@bounded_transaction
def bind_trip(
    *,
    trip_id: int,
    driver_id: int,
    vehicle_id: int,
    lease_id: int | None = None,
    with_alike: bool = False,
    actor: User | None = None,
) -> int:
    """Assign a waiting trip to a driver and a cab, and return how many trips were; the next close counts them.

    One that is under way counts them too where that driver was not credited yet.

    Without ``lease_id`` the lease is found by driver, cab and day, as always; where it stays unclear, it must be named.
    ``with_alike`` assigns every other waiting trip with the same license and cab too, each to the lease of its own day;
    those whose lease is another or unclear go on waiting. What was assigned stands when trips are matched again.

    :raises DriverNotFound, VehicleNotFound: there is no such driver or cab
    :raises TripNotWaiting: it waits for nothing, or a close has counted it
    :raises LeaseDoesNotFit: the lease is not one of that cab on that day, or not the driver's; or which it was is
        unclear and not named
    :raises Busy: somebody is at one of these trips just now
    """
    driver, vehicle = get_driver(driver_id), get_vehicle(vehicle_id)
    trip, alike = _lock_trips(trip_id, with_alike=with_alike)
    matcher = TripMatcher((driver.tlc_license, vehicle.medallion, one.start_at) for one in (trip, *alike))

    def bind(one: Trip) -> bool:
        match = matcher.match(driver.tlc_license, vehicle.medallion, one.start_at)
        if lease_id is not None:
            on = timezone.localdate(one.start_at)
            held = list_leases_in_force(start_on=on, vehicle_id=vehicle_id)
            if not held.filter(pk=lease_id, driver_spans__driver=driver_id).exists():
                return False
        elif match.waits_for:
            return False
        one.driver_id, one.vehicle_id = driver_id, vehicle_id
        one.lease_id = lease_id if lease_id is not None else match.lease_id
        one.waits_for, one.bound_by, one.bound_at = WaitsFor.NOTHING, actor, Now()
        if one.counts_as == CountsAs.NOTHING:
            one.counts_as = CountsAs.AS_PAID
        one.save(update_fields=["driver", "vehicle", "lease", "waits_for", "bound_by", "bound_at", "counts_as"])
        return True

    if not bind(trip):
        raise LeaseDoesNotFit(
            "That lease is not one of this driver with this cab on the day of the trip."
            if lease_id is not None
            else "The driver was on several leases of the cab that day: say which it was.",
            trip_id=trip_id,
        )
    return 1 + sum(bind(one) for one in alike)


def _lock_trips(trip_id: int, *, with_alike: bool) -> tuple[Trip, list[Trip]]:
    """Lock the trip and those alike, all in one order, and return those that still wait."""
    named = Trip.objects.filter(pk=trip_id).first()
    others = list(list_alike_trips(named).values_list("pk", flat=True)) if named and with_alike else []
    locked = Trip.objects.filter(pk__in=[trip_id, *others]).order_by("pk").select_for_update()
    trips = {
        one.pk: one for one in locked if one.is_current and one.week_end is None and (one.waits_for or one.bound_at)
    }
    trip = trips.pop(trip_id, None)
    if trip is None:
        raise TripNotWaiting("This trip does not wait to be assigned to a driver.", trip_id=trip_id)
    return trip, [one for one in trips.values() if one.waits_for]


def get_driver(driver_id: int) -> Driver:
    """:raises DriverNotFound: there is no such driver"""
    driver = Driver.objects.filter(pk=driver_id).first()
    if driver is None:
        raise ledger.DriverNotFound(f"No driver {driver_id}.", driver_id=driver_id)
    return driver


def get_vehicle(vehicle_id: int) -> Vehicle:
    """:raises VehicleNotFound: there is no such cab"""
    vehicle = Vehicle.objects.filter(pk=vehicle_id).first()
    if vehicle is None:
        raise ledger.VehicleNotFound(f"No vehicle {vehicle_id}.", vehicle_id=vehicle_id)
    return vehicle
