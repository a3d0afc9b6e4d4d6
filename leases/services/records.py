"""What the services share: locks in their order, checks, and rows saved in somebody's name.

The order of locks everywhere: the driver's account → lease → driver → vehicle.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TypeVar

from django.contrib.auth.models import User
from django.db.models import Model
from simple_history.utils import bulk_update_with_history

from leases import selectors
from leases.errors import (
    DriverInactive,
    LeaseDateImplausible,
    LeaseEnded,
    MomentWithoutZone,
    NoSuchDriver,
    NoSuchLease,
    NoSuchVehicle,
    ReasonRequired,
    VehicleRetired,
    VehicleTaken,
)
from leases.models import Driver, Lease, LeaseInstallment, Vehicle
from leases.rules import Rate, Span
from ledger.locks import lock_accounts

#: A date of a lease outside these is a slip of the keyboard.
EARLIEST = date(2000, 1, 1)
LATEST = date(2099, 12, 31)
MAX_REASON = 500

Record = TypeVar("Record", bound=Model)


def lock_lease(lease_id: int) -> Lease:
    """Lock the account of the lease's driver, so that no rent is posted meanwhile, then the lease; and return it.

    :raises NoSuchLease: no lease bears this number
    """
    found = Lease.objects.filter(pk=lease_id).first()
    if found is None:
        raise NoSuchLease(f"No lease {lease_id}.")
    # The primary driver of a lease never changes.
    lock_accounts([found.primary_driver_id])
    return Lease.objects.select_for_update(no_key=True).get(pk=lease_id)


# NO KEY: a foreign key elsewhere may go on pointing at the row meanwhile. The locks keep a row as it is until the
# commit, and let the later of two rivals see the earlier.


def lock_active_driver(driver_id: int) -> Driver:
    """:raises NoSuchDriver, DriverInactive: he does not exist, or no longer drives for the fleet"""
    driver = Driver.objects.select_for_update(no_key=True).filter(pk=driver_id).first()
    if driver is None:
        raise NoSuchDriver(f"No driver {driver_id}.")
    if driver.status != Driver.Status.ACTIVE:
        raise DriverInactive(f"{driver} is inactive.")
    return driver


def lock_vehicle(vehicle_id: int) -> Vehicle:
    """:raises NoSuchVehicle: no vehicle bears this number"""
    vehicle = Vehicle.objects.select_for_update(no_key=True).filter(pk=vehicle_id).first()
    if vehicle is None:
        raise NoSuchVehicle(f"No vehicle {vehicle_id}.")
    return vehicle


def lock_vehicle_in_service(vehicle_id: int) -> Vehicle:
    """:raises NoSuchVehicle, VehicleRetired: it does not exist, or is no longer in service"""
    vehicle = lock_vehicle(vehicle_id)
    if vehicle.status != Vehicle.Status.IN_SERVICE:
        raise VehicleRetired(f"Vehicle {vehicle} is retired.")
    return vehicle


def check_vehicle_is_free(vehicle: Vehicle, shift: str, span: Span) -> None:
    """:raises VehicleTaken: a lease holds it at one of these moments, in the same shift"""
    held = selectors.find_conflicting_span(
        vehicle_id=vehicle.pk, shift=shift, from_at=span.from_at, until_at=span.until_at
    )
    if held is not None:
        lease = held.lease
        raise VehicleTaken(
            f"Vehicle {vehicle} is held by {lease} of {lease.primary_driver}, {lease.get_shift_display().lower()}, "
            f"from {lease.start_on} to {lease.end_on}.",
            lease=lease.pk,
        )


def check_not_ended(lease: Lease) -> None:
    """:raises LeaseEnded: it was ended early"""
    if lease.status == Lease.Status.ENDED:
        raise LeaseEnded(f"{lease} was ended early, on {lease.end_on}.")


def check_plausible(day: date, *, field: str) -> None:
    """:raises LeaseDateImplausible: before 2000 or after 2099"""
    if not EARLIEST <= day <= LATEST:
        raise LeaseDateImplausible(f"{day} is not a plausible date of a lease.", field=field)


def check_moment(moment: datetime, *, field: str) -> None:
    """:raises MomentWithoutZone, LeaseDateImplausible: no time zone, or before 2000 or after 2099"""
    if moment.tzinfo is None:
        raise MomentWithoutZone("A moment needs its time zone.", field=field)
    check_plausible(moment.date(), field=field)


def check_reason(reason: str) -> str:
    """:raises ReasonRequired: nothing but blanks, or longer than 500 characters"""
    reason = reason.strip() if isinstance(reason, str) else ""
    if not reason:
        raise ReasonRequired("Say why: a reason is required.")
    if len(reason) > MAX_REASON or not reason.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        raise ReasonRequired(f"A reason has at most {MAX_REASON} characters, all of them visible.")
    return reason


def rates_of(lease: Lease) -> list[Rate]:
    """Return what a week costs, from which day on, in order."""
    return [Rate(row.from_on, row.weekly_amount) for row in lease.rates.order_by("from_on")]


def save(record: Model, *, actor: User | None, force_insert: bool = False) -> None:
    """Save a row with its history row in ``actor``'s name."""
    record._history_user = actor  # type: ignore[attr-defined]  # read by the history that this save writes
    record.save(force_insert=force_insert)


def delete(records: Iterable[Model], *, actor: User | None) -> None:
    """Delete rows; their history says who did it."""
    for record in records:
        record._history_user = actor  # type: ignore[attr-defined]
        record.delete()


def save_rents(rents: Sequence[LeaseInstallment], fields: Sequence[str], *, actor: User | None) -> None:
    """Save changed installments, all in a few statements."""
    if rents:
        bulk_update_with_history(list(rents), LeaseInstallment, list(fields), default_user=actor)
