"""What the services share: locks in their order, and checks.

The order of locks everywhere: the driver's account → lease → driver → vehicle.
"""

from collections.abc import Iterable
from datetime import datetime

from core.checks import check_date
from core.words import say_full_day
from leases import selectors
from leases.errors import DriverNotActive, LeaseEnded, MomentWithoutZone, VehicleRetired, VehicleTaken
from leases.models import Driver, Lease, Vehicle
from leases.rules import Rate, Span
from ledger import services as ledger
from ledger.locks import lock_accounts


def lock_lease(lease_id: int, *, driver_ids: Iterable[int] = ()) -> Lease:
    """Lock the account of the lease's driver, so that no rent is posted meanwhile, then the lease; and return it.

    The accounts of ``driver_ids`` are locked with it, all at once.

    Whoever calls it is a money transaction, also where it posts nothing: it may have to wait for somebody who moves
    this driver's money, and then says so in the ledger's words.

    :raises ledger.services.LeaseNotFound: no lease has this number
    """
    found = Lease.objects.filter(pk=lease_id).first()
    if found is None:
        raise ledger.LeaseNotFound(f"No lease {lease_id}.")
    # The primary driver of a lease never changes.
    lock_accounts({found.primary_driver_id, *driver_ids})
    return Lease.objects.select_for_update(no_key=True).get(pk=lease_id)


# NO KEY: a foreign key elsewhere may go on pointing at the row meanwhile. The locks keep a row as it is until the
# commit, and let the later of two rivals see the earlier.


def lock_active_driver(driver_id: int) -> Driver:
    """Lock a driver who drives for the fleet, and return them.

    :raises ledger.services.DriverNotFound: no driver has this number
    :raises DriverNotActive: the driver no longer drives for the fleet
    :raises ledger.services.DriverLocked: no lease is started with them
    """
    driver = lock_driver_row(driver_id)
    if driver.status != Driver.Status.ACTIVE:
        raise DriverNotActive(f"{driver} is inactive.")
    reason = selectors.find_lock_reason(driver_id)
    if reason is not None:
        raise ledger.DriverLocked(f"{driver} is locked, and no lease is started with them: {reason}")
    return driver


def lock_driver_row(driver_id: int) -> Driver:
    """:raises ledger.services.DriverNotFound: no driver has this number"""
    driver = Driver.objects.select_for_update(no_key=True).filter(pk=driver_id).first()
    if driver is None:
        raise ledger.DriverNotFound(f"No driver {driver_id}.")
    return driver


def lock_lease_row(lease_id: int) -> Lease:
    """:raises ledger.services.LeaseNotFound: no lease has this number"""
    lease = Lease.objects.select_for_update(no_key=True).filter(pk=lease_id).first()
    if lease is None:
        raise ledger.LeaseNotFound(f"No lease {lease_id}.")
    return lease


def lock_vehicle(vehicle_id: int) -> Vehicle:
    """:raises ledger.services.VehicleNotFound: no vehicle has this number"""
    vehicle = Vehicle.objects.select_for_update(no_key=True).filter(pk=vehicle_id).first()
    if vehicle is None:
        raise ledger.VehicleNotFound(f"No vehicle {vehicle_id}.")
    return vehicle


def lock_vehicle_in_service(vehicle_id: int) -> Vehicle:
    """:raises ledger.services.VehicleNotFound, VehicleRetired: it does not exist, or is no longer in service"""
    vehicle = lock_vehicle(vehicle_id)
    if vehicle.status != Vehicle.Status.IN_SERVICE:
        raise VehicleRetired(f"Vehicle {vehicle} is retired.")
    return vehicle


def check_vehicle_is_free(vehicle: Vehicle, shift: str, span: Span) -> None:
    """:raises VehicleTaken: a lease holds it at one of these moments, in the same shift"""
    held = selectors.find_conflicting_assignment(
        vehicle_id=vehicle.pk, shift=shift, from_at=span.from_at, until_at=span.until_at
    )
    if held is not None:
        lease = held.lease
        raise VehicleTaken(
            f"Vehicle {vehicle} is held by {lease} of {lease.primary_driver}, {lease.get_shift_display().lower()}, "
            f"from {say_full_day(lease.start_on)} to {say_full_day(lease.end_on)}.",
            lease=lease.pk,
        )


def check_not_ended(lease: Lease) -> None:
    """:raises LeaseEnded: it was ended early"""
    if lease.status == Lease.Status.ENDED:
        raise LeaseEnded(f"{lease} was ended early, on {say_full_day(lease.end_on)}.")


def check_moment(moment: datetime, *, field: str) -> None:
    """:raises MomentWithoutZone, core.errors.ValueInvalid: no time zone, or before 2000 or after 2099"""
    if moment.tzinfo is None:
        raise MomentWithoutZone("A moment needs its time zone.", field=field)
    check_date(moment.date(), field=field)


def rates_of(lease: Lease) -> list[Rate]:
    """Return what a week costs, from which day on, in order."""
    return [Rate(row.from_on, row.weekly_amount) for row in lease.rates.order_by("from_on")]
