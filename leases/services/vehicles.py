"""Vehicles come, have plates and tags for a time, and go."""

from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.history import save_as
from core.transactions import bounded_transaction
from core.words import say_full_day
from leases.errors import AlreadyRetired, NoPlateOrTag, NotRetired, PlateOrTagTaken, VehicleInvalid, VehicleLeased
from leases.models import LeaseVehicle, Vehicle, VehiclePlate, VehicleTag
from leases.services.records import check_moment, lock_vehicle, lock_vehicle_in_service

Mark = TypeVar("Mark", VehiclePlate, VehicleTag)


@bounded_transaction
def register_vehicle(
    *,
    vin: str,
    medallion: str,
    make_and_model: str = "",
    plate: str = "",
    state: str = "NY",
    tag: str = "",
    from_at: datetime,
    actor: User | None,
) -> Vehicle:
    """Take a vehicle into service, with the plate and the E-ZPass tag that it has from ``from_at`` on, if any.

    :raises VehicleInvalid: a VIN, medallion, plate, state or tag that can't be one, or is another vehicle's
    :raises MomentWithoutZone, core.errors.ValueInvalid: ``from_at`` is no moment
    :raises PlateOrTagTaken: the plate or the tag is on another vehicle at that time
    """
    check_moment(from_at, field="from_at")
    vehicle = Vehicle(vin=vin, medallion=medallion, make_and_model=make_and_model)
    _check(vehicle)
    _save(vehicle, actor=actor, force_insert=True)
    if plate:
        give_plate(vehicle_id=vehicle.pk, plate=plate, state=state, from_at=from_at, actor=actor)
    if tag:
        give_tag(vehicle_id=vehicle.pk, tag=tag, from_at=from_at, actor=actor)
    vehicle.refresh_from_db()
    return vehicle


@bounded_transaction
def change_vehicle(
    *,
    vehicle_id: int,
    vin: str | None = None,
    medallion: str | None = None,
    make_and_model: str | None = None,
    actor: User | None,
) -> Vehicle:
    """Change what is known of a vehicle, in service or not; what is None stays.

    Where nothing differs from what is known, nothing is written.

    :raises ledger.services.VehicleNotFound: no vehicle has this number
    :raises VehicleInvalid: a VIN or medallion that can't be one, or is another vehicle's
    """
    vehicle = lock_vehicle(vehicle_id)
    before = (vehicle.vin, vehicle.medallion, vehicle.make_and_model)
    for name, text in (("vin", vin), ("medallion", medallion), ("make_and_model", make_and_model)):
        if text is not None:
            setattr(vehicle, name, text.strip())
    _check(vehicle)
    if before != (vehicle.vin, vehicle.medallion, vehicle.make_and_model):
        _save(vehicle, actor=actor)
    return vehicle


@bounded_transaction
def give_plate(
    *, vehicle_id: int, plate: str, state: str = "NY", from_at: datetime, actor: User | None
) -> VehiclePlate:
    """Put a plate on a vehicle from a moment on; the plate before it leaves it then.

    :raises ledger.services.VehicleNotFound, VehicleRetired: no such vehicle, or none in service
    :raises VehicleInvalid: no plate, or no state
    :raises MomentWithoutZone, core.errors.ValueInvalid: ``from_at`` is no moment
    :raises PlateOrTagTaken: it is on another vehicle at some time from then on, or this one got its plate later
    """
    check_moment(from_at, field="from_at")
    vehicle = lock_vehicle_in_service(vehicle_id)
    given = VehiclePlate(vehicle=vehicle, plate=plate, state=state, from_at=from_at)
    _put_on(given, field="plate", actor=actor)
    vehicle.plate = given.plate
    save_as(vehicle, actor)
    return given


@bounded_transaction
def give_tag(*, vehicle_id: int, tag: str, from_at: datetime, actor: User | None) -> VehicleTag:
    """Put an E-ZPass tag into a vehicle from a moment on; the tag that was in it leaves it then.

    :raises: as :func:`give_plate`
    """
    check_moment(from_at, field="from_at")
    vehicle = lock_vehicle_in_service(vehicle_id)
    given = VehicleTag(vehicle=vehicle, tag=tag.strip(), from_at=from_at)
    _put_on(given, field="tag", actor=actor)
    return given


@bounded_transaction
def remove_plate(*, vehicle_id: int, until_at: datetime, actor: User | None) -> VehiclePlate:
    """Take a vehicle's plate off at a moment; another vehicle may have it from then on.

    :raises ledger.services.VehicleNotFound: no vehicle has this number
    :raises MomentWithoutZone, core.errors.ValueInvalid: ``until_at`` is no moment
    :raises NoPlateOrTag: it has none, or got it later
    """
    check_moment(until_at, field="until_at")
    vehicle = lock_vehicle(vehicle_id)
    removed = _take_off(vehicle.plates.filter(until_at=None).first(), until_at, actor=actor)
    vehicle.plate = ""
    save_as(vehicle, actor)
    return removed


@bounded_transaction
def remove_tag(*, vehicle_id: int, until_at: datetime, actor: User | None) -> VehicleTag:
    """Take the E-ZPass tag out of a vehicle at a moment; another may have it from then on.

    :raises: as :func:`remove_plate`
    """
    check_moment(until_at, field="until_at")
    vehicle = lock_vehicle(vehicle_id)
    return _take_off(vehicle.tags.filter(until_at=None).first(), until_at, actor=actor)


@bounded_transaction
def retire_vehicle(*, vehicle_id: int, retired_at: datetime, actor: User | None) -> Vehicle:
    """Take a vehicle out of service at a moment, and its plate and tag off it.

    :raises ledger.services.VehicleNotFound: no vehicle has this number
    :raises MomentWithoutZone, core.errors.ValueInvalid: ``retired_at`` is no moment
    :raises AlreadyRetired: it is out of service
    :raises VehicleLeased: a lease holds it after that moment
    :raises NoPlateOrTag: it got its plate or its tag after that moment
    """
    check_moment(retired_at, field="retired_at")
    vehicle = lock_vehicle(vehicle_id)
    if vehicle.status == Vehicle.Status.RETIRED:
        raise AlreadyRetired(f"Vehicle {vehicle} is retired already.")
    held = LeaseVehicle.objects.filter(vehicle=vehicle, until_at__gt=retired_at).select_related("lease").first()
    if held is not None:
        raise VehicleLeased(
            f"Vehicle {vehicle} is held by {held.lease} to {say_full_day(held.lease.end_on)}.",
            field="retired_at",
            lease=held.lease_id,
        )
    for plate in vehicle.plates.filter(until_at=None):
        _take_off(plate, retired_at, actor=actor)
    for tag in vehicle.tags.filter(until_at=None):
        _take_off(tag, retired_at, actor=actor)
    vehicle.status, vehicle.plate = Vehicle.Status.RETIRED, ""
    save_as(vehicle, actor)
    return vehicle


@bounded_transaction
def return_vehicle(*, vehicle_id: int, actor: User | None) -> Vehicle:
    """Take a retired vehicle into service again; it has neither plate nor tag.

    :raises ledger.services.VehicleNotFound: no vehicle has this number
    :raises NotRetired: it is in service
    """
    vehicle = lock_vehicle(vehicle_id)
    if vehicle.status != Vehicle.Status.RETIRED:
        raise NotRetired(f"Vehicle {vehicle} is in service.")
    vehicle.status = Vehicle.Status.IN_SERVICE
    save_as(vehicle, actor)
    return vehicle


def _check(vehicle: Vehicle) -> None:
    """Refuse what can't be a VIN or medallion, and write both as they are kept."""
    try:
        vehicle.clean_fields()
        vehicle.validate_unique()
    except ValidationError as invalid:
        raise _name(invalid) from None


def _save(vehicle: Vehicle, *, actor: User | None, force_insert: bool = False) -> None:
    try:
        with transaction.atomic():
            save_as(vehicle, actor, force_insert=force_insert)
    except IntegrityError as twice:  # somebody else was quicker
        raise VehicleInvalid("A vehicle with this VIN or medallion exists already.", field="medallion") from twice


def _put_on(given: Mark, *, field: str, actor: User | None) -> None:
    """Save a plate or tag after ending the one before it; the database has the last word on whose it is."""
    try:
        given.clean_fields()
    except ValidationError as invalid:
        raise _name(invalid) from None
    present = type(given)._default_manager.filter(vehicle_id=given.vehicle_id, until_at=None).first()
    if present is not None:
        if present.from_at is not None and given.from_at is not None and present.from_at >= given.from_at:
            raise PlateOrTagTaken(
                f"{present} is on the vehicle from a later moment on.", field="from_at", vehicle=given.vehicle_id
            )
        present.until_at = given.from_at
        save_as(present, actor)
    try:
        with transaction.atomic():
            save_as(given, actor, force_insert=True)
    except IntegrityError as taken:
        named = {"tag_key": given.tag} if isinstance(given, VehicleTag) else {"plate": given.plate}
        holder = type(given)._default_manager.filter(**named).order_by("from_at").last()
        raise PlateOrTagTaken(
            f"{given} is on vehicle {holder.vehicle if holder else 'another'} in this time.",
            field=field,
            vehicle=holder.vehicle_id if holder else None,
        ) from taken


def _take_off(present: Mark | None, until_at: datetime, *, actor: User | None) -> Mark:
    if present is None:
        raise NoPlateOrTag("There is none on the vehicle.")
    if present.from_at is not None and present.from_at >= until_at:
        raise NoPlateOrTag(f"{present} is on the vehicle from a later moment on.", field="until_at")
    present.until_at = until_at
    save_as(present, actor)
    return present


def _name(invalid: ValidationError) -> VehicleInvalid:
    """The first thing wrong, at its field."""
    field, messages = next(iter(invalid.message_dict.items()))
    return VehicleInvalid(messages[0], field=field)
