"""Every write of leases, and the errors they raise. Functions are keyword-only and own their transaction.

Drivers and vehicles are plain records: a form saves them, with history. A lease is made here, since its rent follows
from it.
"""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from config.kit.errors import DomainError
from leases import rules, selectors
from leases.models import Driver, Lease, LeaseInstallment, Vehicle
from ledger.money import parse_amount

#: A lease outside these dates, or longer, is a slip of the keyboard.
EARLIEST = date(2000, 1, 1)
LATEST = date(2099, 12, 31)
MAX_DAYS = 3_660  # ten years


class LeaseError(DomainError):
    """The base: the lease was refused, and nothing was written."""

    code = "lease_refused"


class LeaseDatesReversed(LeaseError):
    code = "lease_dates_reversed"
    field = "end_on"
    http_status = 400


class LeaseDateImplausible(LeaseError):
    """A date before 2000 or after 2099."""

    code = "lease_date_implausible"
    http_status = 400


class LeaseTooLong(LeaseError):
    """More than ten years."""

    code = "lease_too_long"
    field = "end_on"
    http_status = 400


class UnknownLeaseType(LeaseError):
    code = "unknown_lease_type"
    field = "lease_type"
    http_status = 400


class UnknownShift(LeaseError):
    code = "unknown_shift"
    field = "shift"
    http_status = 400


class NoSuchDriver(LeaseError):
    code = "driver_not_found"
    field = "driver"
    http_status = 404


class NoSuchVehicle(LeaseError):
    code = "vehicle_not_found"
    field = "vehicle"
    http_status = 404


class DriverInactive(LeaseError):
    code = "driver_inactive"
    field = "driver"


class VehicleRetired(LeaseError):
    code = "vehicle_retired"
    field = "vehicle"


class VehicleTaken(LeaseError):
    """Another lease holds the vehicle in these days and shift; ``facts["lease"]`` is its number."""

    code = "vehicle_taken"
    field = "vehicle"


@transaction.atomic
def start_lease(
    *,
    driver_id: int,
    vehicle_id: int,
    lease_type: str,
    shift: str,
    start_on: date,
    end_on: date,
    weekly_amount: Decimal,
    actor: User | None,
) -> Lease:
    """Lease a vehicle to a driver from ``start_on`` to ``end_on``, both included, and lay down its weekly rent.

    Nothing is charged yet: each installment is posted when it is due. A second call with the same facts is refused by
    name (the vehicle is taken), so a retry never leases twice.

    :raises LeaseDatesReversed: it would end before it starts
    :raises LeaseDateImplausible: a date before 2000 or after 2099
    :raises LeaseTooLong: more than ten years
    :raises UnknownLeaseType: not one of ``Lease.Type``
    :raises UnknownShift: not one of ``Lease.Shift``
    :raises ledger.services.InvalidAmount: the weekly amount is not a positive number of whole cents
    :raises NoSuchDriver: no driver bears this number
    :raises NoSuchVehicle: no vehicle bears this number
    :raises DriverInactive: the driver no longer drives for the fleet
    :raises VehicleRetired: the vehicle is no longer in service
    :raises VehicleTaken: another lease holds the vehicle in these days and shift
    """
    _check_dates(start_on, end_on)
    _check_choices(lease_type, shift)
    weekly_amount = parse_amount(weekly_amount, field="weekly_amount")
    driver = _lock_driver(driver_id)
    vehicle = _lock_vehicle(vehicle_id)
    if driver.status != Driver.Status.ACTIVE:
        raise DriverInactive(f"{driver} is inactive.")
    if vehicle.status != Vehicle.Status.IN_SERVICE:
        raise VehicleRetired(f"Vehicle {vehicle} is retired.")
    _check_vehicle_is_free(vehicle, shift, start_on, end_on)
    lease = Lease(
        primary_driver=driver,
        vehicle=vehicle,
        lease_type=lease_type,
        shift=shift,
        start_on=start_on,
        end_on=end_on,
        weekly_amount=weekly_amount,
    )
    lease._history_user = actor  # type: ignore[attr-defined]  # read by the history that this save writes
    lease.save(force_insert=True)
    _lay_down_rent(lease, actor=actor)
    return lease


def _check_dates(start_on: date, end_on: date) -> None:
    for field, day in (("start_on", start_on), ("end_on", end_on)):
        if not EARLIEST <= day <= LATEST:
            raise LeaseDateImplausible(f"{day} is not a plausible date of a lease.", field=field)
    if end_on < start_on:
        raise LeaseDatesReversed(f"The lease would end on {end_on}, before it starts on {start_on}.")
    if (end_on - start_on).days >= MAX_DAYS:
        raise LeaseTooLong("A lease lasts ten years at most.")


def _check_choices(lease_type: str, shift: str) -> None:
    if lease_type not in Lease.Type.values:
        raise UnknownLeaseType(f"{lease_type!r} is not a type of lease.")
    if shift not in Lease.Shift.values:
        raise UnknownShift(f"{shift!r} is not a shift: FULL, DAY or NIGHT.")


# The locks (driver, then vehicle) keep both as they are until the commit, and let the later of two rival leases see the
# earlier. NO KEY: a foreign key elsewhere may go on pointing at the row meanwhile.


def _lock_driver(driver_id: int) -> Driver:
    driver = Driver.objects.select_for_update(no_key=True).filter(pk=driver_id).first()
    if driver is None:
        raise NoSuchDriver(f"No driver {driver_id}.")
    return driver


def _lock_vehicle(vehicle_id: int) -> Vehicle:
    vehicle = Vehicle.objects.select_for_update(no_key=True).filter(pk=vehicle_id).first()
    if vehicle is None:
        raise NoSuchVehicle(f"No vehicle {vehicle_id}.")
    return vehicle


def _check_vehicle_is_free(vehicle: Vehicle, shift: str, start_on: date, end_on: date) -> None:
    holder = selectors.find_conflicting_lease(vehicle_id=vehicle.pk, shift=shift, start_on=start_on, end_on=end_on)
    if holder is not None:
        raise VehicleTaken(
            f"Vehicle {vehicle} is held by {holder} of {holder.primary_driver}, {holder.get_shift_display().lower()}, "
            f"from {holder.start_on} to {holder.end_on}.",
            lease=holder.pk,
        )


def _lay_down_rent(lease: Lease, *, actor: User | None) -> None:
    schedule = rules.schedule_rent(start_on=lease.start_on, end_on=lease.end_on, weekly_amount=lease.weekly_amount)
    bulk_create_with_history(
        [
            LeaseInstallment(
                lease=lease,
                number=rent.number,
                week_start=rent.week.start,
                due_on=rent.due_on,
                amount=rent.amount,
                reference_id=rules.name_rent(lease.pk, rent.week),
            )
            for rent in schedule
        ],
        LeaseInstallment,
        default_user=actor,
    )
