"""A lease starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_date
from core.history import create_all_as, save_as
from core.previews import rolled_back
from core.transactions import bounded_transaction
from core.words import say_full_day
from leases import rules, selectors
from leases.errors import HoursInvalid, LeaseDatesReversed, LeaseTooLong, LeaseTypeInvalid, ShiftInvalid
from leases.models import Driver, Lease, LeaseDriver, LeaseInstallment, LeaseRate, LeaseVehicle, Vehicle
from leases.rules import Hours, WeeklyRent
from leases.services.records import check_vehicle_is_free, lock_active_driver, lock_vehicle_in_service
from ledger.money import ZERO, parse_amount

MAX_DAYS = 3_660  # ten years


@dataclass(frozen=True, slots=True)
class LeasePreview:
    """What starting a lease would lay down: its rent week by week in dollars, and the weeks above the legal cap."""

    driver: str
    vehicle: str
    hours: Hours | None
    rents: Sequence[WeeklyRent]
    total: Decimal
    deposit: Decimal
    cap_warnings: Sequence[str]


@bounded_transaction
def start_lease(
    *,
    driver_id: int,
    vehicle_id: int,
    lease_type: str,
    shift: str,
    start_on: date,
    end_on: date,
    weekly_amount: Decimal,
    deposit: Decimal = ZERO,
    cancellation_fee: Decimal = ZERO,
    shift_from: time | None = None,
    shift_until: time | None = None,
    rent_from: date | None = None,
    actor: User | None,
) -> Lease:
    """Lease a vehicle to a driver from ``start_on`` to ``end_on``, both included, and lay down its weekly rent.

    Nothing is charged yet: each installment is posted when it is due. ``deposit`` is what is asked; a payment brings
    it in. The hours of a day or night shift are the usual ones unless given. ``rent_from`` is for a lease carried
    over from another system, which has charged the weeks before that day's. A second call with the same facts is
    refused by name (the vehicle is taken), so a retry never leases twice.

    :raises LeaseDatesReversed: it would end before it starts
    :raises core.errors.ValueInvalid: a date before 2000 or after 2099
    :raises LeaseTooLong: more than ten years
    :raises LeaseTypeInvalid: not one of ``Lease.Type``
    :raises ShiftInvalid: not one of ``Lease.Shift``
    :raises HoursInvalid: hours of a full-time lease, one without the other, or both the same
    :raises ledger.services.AmountInvalid: the weekly amount is not a positive number of whole cents, or the deposit or
        the fee is not one or zero
    :raises ledger.services.DriverNotFound: no driver has this number
    :raises ledger.services.VehicleNotFound: no vehicle has this number
    :raises DriverNotActive: the driver no longer drives for the fleet
    :raises ledger.services.DriverLocked: the driver is locked
    :raises VehicleRetired: the vehicle is no longer in service
    :raises VehicleTaken: another lease holds the vehicle in these days and shift
    """
    check_dates(start_on, end_on)
    _check_choices(lease_type, shift)
    hours = _agree_hours(shift, shift_from, shift_until)
    lease = Lease(
        lease_type=lease_type,
        shift=shift,
        shift_from=hours.begin if hours else None,
        shift_until=hours.end if hours else None,
        start_on=start_on,
        end_on=end_on,
        weekly_amount=parse_amount(weekly_amount, field="weekly_amount"),
        deposit=parse_amount(deposit, field="deposit", allow_zero=True),
        cancellation_fee=parse_amount(cancellation_fee, field="cancellation_fee", allow_zero=True),
    )
    lease.primary_driver = lock_active_driver(driver_id)
    lease.vehicle = lock_vehicle_in_service(vehicle_id)
    check_vehicle_is_free(lease.vehicle, shift, rules.span_of_days(start_on, end_on, hours))
    save_as(lease, actor, force_insert=True)
    _lay_down_assignments(lease, hours, actor=actor)
    _lay_down_rent(lease, rent_from or start_on, actor=actor)
    return lease


def preview_lease(
    *,
    driver_id: int,
    vehicle_id: int,
    lease_type: str,
    shift: str,
    start_on: date,
    end_on: date,
    weekly_amount: Decimal,
    deposit: Decimal = ZERO,
    cancellation_fee: Decimal = ZERO,
    shift_from: time | None = None,
    shift_until: time | None = None,
) -> LeasePreview:
    """Return what :func:`start_lease` would lay down, and write nothing.

    :raises: what :func:`start_lease` raises
    """
    with rolled_back():
        lease = start_lease(
            driver_id=driver_id,
            vehicle_id=vehicle_id,
            lease_type=lease_type,
            shift=shift,
            start_on=start_on,
            end_on=end_on,
            weekly_amount=weekly_amount,
            deposit=deposit,
            cancellation_fee=cancellation_fee,
            shift_from=shift_from,
            shift_until=shift_until,
            actor=None,
        )
        rents = rules.schedule_rent(start_on=start_on, end_on=end_on, weekly_amount=lease.weekly_amount)
        warnings = selectors.list_weeks_above_cap(lease)
    return LeasePreview(
        driver=str(lease.primary_driver),
        vehicle=str(lease.vehicle),
        hours=selectors.hours_of(lease),
        rents=rents,
        total=sum((rent.amount for rent in rents), start=ZERO),
        deposit=lease.deposit,
        cap_warnings=[str(week) for week in warnings],
    )


def check_dates(start_on: date, end_on: date) -> None:
    """:raises core.errors.ValueInvalid, LeaseDatesReversed, LeaseTooLong: these are no dates of a lease"""
    check_date(start_on, field="start_on")
    check_date(end_on, field="end_on")
    if end_on < start_on:
        raise LeaseDatesReversed(
            f"The lease would end on {say_full_day(end_on)}, before it starts on {say_full_day(start_on)}."
        )
    if (end_on - start_on).days >= MAX_DAYS:
        raise LeaseTooLong("A lease lasts ten years at most.")


def _check_choices(lease_type: str, shift: str) -> None:
    if lease_type not in Lease.Type.values:
        raise LeaseTypeInvalid(f"{lease_type!r} is not a type of lease.")
    if shift not in Lease.Shift.values:
        raise ShiftInvalid(f"{shift!r} is not a shift: FULL, DAY or NIGHT.")


def _agree_hours(shift: str, shift_from: time | None, shift_until: time | None) -> Hours | None:
    if shift_from is None and shift_until is None:
        return rules.USUAL_HOURS.get(shift)
    if shift == Lease.Shift.FULL:
        raise HoursInvalid("A full-time lease has the vehicle at all hours.")
    if shift_from is None:
        raise HoursInvalid("Say when the shift begins as well.", field="shift_from")
    if shift_until is None or shift_until == shift_from:
        raise HoursInvalid("Say when the shift ends, which is not when it begins.", field="shift_until")
    return Hours(shift_from, shift_until)


def _lay_down_assignments(lease: Lease, hours: Hours | None, *, actor: User | None) -> None:
    span = rules.span_of_days(lease.start_on, lease.end_on, hours)
    vehicle: Vehicle = lease.vehicle
    driver: Driver = lease.primary_driver
    held = LeaseVehicle(lease=lease, vehicle=vehicle, shift=lease.shift, from_at=span.from_at, until_at=span.until_at)
    driven = LeaseDriver(lease=lease, driver=driver, is_primary=True, start_on=lease.start_on, end_on=lease.end_on)
    rate = LeaseRate(lease=lease, from_on=lease.start_on, weekly_amount=lease.weekly_amount)
    for row in (held, driven, rate):
        save_as(row, actor, force_insert=True)


def _lay_down_rent(lease: Lease, rent_from: date, *, actor: User | None) -> None:
    schedule = rules.schedule_rent(start_on=lease.start_on, end_on=lease.end_on, weekly_amount=lease.weekly_amount)
    rents = [
        LeaseInstallment(
            lease=lease,
            number=rent.number,
            week_start=rent.week.start,
            due_on=rent.due_on,
            amount=rent.amount,
            reference_id=rules.name_rent(lease.pk, rent.week),
        )
        for rent in schedule
        if rent.week.end >= rent_from
    ]
    create_all_as(rents, actor)
