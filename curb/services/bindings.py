"""A person says whose a waiting trip was, where the license and the cab alone did not."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from curb.errors import LeaseDoesNotFit, TripNotWaiting
from curb.models import Trip, WaitsFor
from curb.selectors import TripMatcher, list_alike_trips
from leases.models import Driver, Vehicle
from leases.selectors import list_leases_in_force


@transaction.atomic
def bind_trip(
    *,
    trip_id: int,
    driver_id: int,
    vehicle_id: int,
    lease_id: int | None = None,
    with_alike: bool = False,
    actor: User | None = None,
) -> int:
    """Say whose a waiting trip was, and return how many trips were bound; they count in the next close.

    Without ``lease_id`` the lease is found by driver, cab and day, as always; where it stays unclear, it must be said.
    ``with_alike`` binds every other waiting trip with the same license and cab too, each to the lease of its own day;
    those whose lease is another or unclear go on waiting. What was bound stands when trips are matched again.

    :raises TripNotWaiting: it waits for nothing, or a close has counted it
    :raises LeaseDoesNotFit: the lease is not one of that cab on that day, or which it was is unclear and not said
    """
    trip = Trip.objects.select_for_update().filter(pk=trip_id).first()
    if trip is None or trip.week_end is not None or not (trip.waits_for or trip.bound_at):
        raise TripNotWaiting("This trip does not wait for anybody to say whose it was.", trip_id=trip_id)
    alike = list(list_alike_trips(trip).select_for_update()) if with_alike else []
    driver, vehicle = Driver.objects.get(pk=driver_id), Vehicle.objects.get(pk=vehicle_id)
    matcher = TripMatcher((driver.tlc_license, vehicle.medallion, one.start_at) for one in (trip, *alike))

    def bind(one: Trip) -> bool:
        match = matcher.match(driver.tlc_license, vehicle.medallion, one.start_at)
        if lease_id is not None:
            on = timezone.localdate(one.start_at)
            if not list_leases_in_force(start_on=on, vehicle_id=vehicle_id).filter(pk=lease_id).exists():
                return False
        elif match.waits_for:
            return False
        one.driver_id, one.vehicle_id = driver_id, vehicle_id
        one.lease_id = lease_id if lease_id is not None else match.lease_id
        one.waits_for, one.bound_by, one.bound_at = WaitsFor.NOTHING, actor, Now()
        one.save(update_fields=["driver", "vehicle", "lease", "waits_for", "bound_by", "bound_at"])
        return True

    if not bind(trip):
        raise LeaseDoesNotFit(
            "That lease is not one of this cab on the day of the trip."
            if lease_id is not None
            else "The cab had several leases that day: say which it was.",
            trip_id=trip_id,
        )
    return 1 + sum(bind(one) for one in alike)
