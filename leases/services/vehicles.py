"""Vehicles come, bear plates and tags, and go."""

from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from leases.errors import (
    AlreadyRetired,
    InvalidVehicle,
    NothingBorne,
    NotRetired,
    PlateOrTagTaken,
    VehicleLeased,
)
from leases.models import LeaseVehicle, Vehicle, VehiclePlate, VehicleTag
from leases.services.records import check_moment, lock_vehicle, lock_vehicle_in_service, save

Mark = TypeVar("Mark", VehiclePlate, VehicleTag)


@transaction.atomic
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
    """Take a vehicle into service, with the plate and the E-ZPass tag that it bears from ``from_at`` on, if any.

    :raises InvalidVehicle: a VIN, medallion, plate, state or tag that can't be one, or is another vehicle's
    :raises MomentWithoutZone, LeaseDateImplausible: ``from_at`` is no moment
    :raises PlateOrTagTaken: another vehicle bears the plate or the tag at that time
    """
    check_moment(from_at, field="from_at")
    vehicle = Vehicle(vin=vin, medallion=medallion, make_and_model=make_and_model)
    try:
        vehicle.clean_fields()
        vehicle.validate_unique()
    except ValidationError as invalid:
        raise _name(invalid) from None
    try:
        with transaction.atomic():
            save(vehicle, actor=actor, force_insert=True)
    except IntegrityError as twice:  # somebody else was quicker
        raise InvalidVehicle("A vehicle with this VIN or medallion exists already.", field="medallion") from twice
    if plate:
        give_plate(vehicle_id=vehicle.pk, plate=plate, state=state, from_at=from_at, actor=actor)
    if tag:
        give_tag(vehicle_id=vehicle.pk, tag=tag, from_at=from_at, actor=actor)
    vehicle.refresh_from_db()
    return vehicle


@transaction.atomic
def give_plate(
    *, vehicle_id: int, plate: str, state: str = "NY", from_at: datetime, actor: User | None
) -> VehiclePlate:
    """Put a plate on a vehicle from a moment on; the plate that it bore leaves it then.

    :raises NoSuchVehicle, VehicleRetired: no such vehicle, or none in service
    :raises InvalidVehicle: no plate, or no state
    :raises MomentWithoutZone, LeaseDateImplausible: ``from_at`` is no moment
    :raises PlateOrTagTaken: another vehicle bears it at some time from then on, or this one got its plate later
    """
    check_moment(from_at, field="from_at")
    vehicle = lock_vehicle_in_service(vehicle_id)
    given = VehiclePlate(vehicle=vehicle, plate=plate, state=state, from_at=from_at)
    _put_on(given, field="plate", actor=actor)
    vehicle.plate = given.plate
    save(vehicle, actor=actor)
    return given


@transaction.atomic
def give_tag(*, vehicle_id: int, tag: str, from_at: datetime, actor: User | None) -> VehicleTag:
    """Put an E-ZPass tag into a vehicle from a moment on; the tag that was in it leaves it then.

    :raises: as :func:`give_plate`
    """
    check_moment(from_at, field="from_at")
    vehicle = lock_vehicle_in_service(vehicle_id)
    given = VehicleTag(vehicle=vehicle, tag=tag.strip(), from_at=from_at)
    _put_on(given, field="tag", actor=actor)
    return given


@transaction.atomic
def remove_plate(*, vehicle_id: int, until_at: datetime, actor: User | None) -> VehiclePlate:
    """Take a vehicle's plate off at a moment; another vehicle may bear it from then on.

    :raises NoSuchVehicle: no vehicle bears this number
    :raises MomentWithoutZone, LeaseDateImplausible: ``until_at`` is no moment
    :raises NothingBorne: it bears none, or got it later
    """
    check_moment(until_at, field="until_at")
    vehicle = lock_vehicle(vehicle_id)
    removed = _take_off(vehicle.plates.filter(until_at=None).first(), until_at, actor=actor)
    vehicle.plate = ""
    save(vehicle, actor=actor)
    return removed


@transaction.atomic
def remove_tag(*, vehicle_id: int, until_at: datetime, actor: User | None) -> VehicleTag:
    """Take the E-ZPass tag out of a vehicle at a moment; another may have it from then on.

    :raises: as :func:`remove_plate`
    """
    check_moment(until_at, field="until_at")
    vehicle = lock_vehicle(vehicle_id)
    return _take_off(vehicle.tags.filter(until_at=None).first(), until_at, actor=actor)


@transaction.atomic
def retire_vehicle(*, vehicle_id: int, retired_at: datetime, actor: User | None) -> Vehicle:
    """Take a vehicle out of service at a moment, and its plate and tag off it.

    :raises NoSuchVehicle: no vehicle bears this number
    :raises MomentWithoutZone, LeaseDateImplausible: ``retired_at`` is no moment
    :raises AlreadyRetired: it is out of service
    :raises VehicleLeased: a lease holds it after that moment
    :raises NothingBorne: it got its plate or its tag after that moment
    """
    check_moment(retired_at, field="retired_at")
    vehicle = lock_vehicle(vehicle_id)
    if vehicle.status == Vehicle.Status.RETIRED:
        raise AlreadyRetired(f"Vehicle {vehicle} is retired already.")
    held = LeaseVehicle.objects.filter(vehicle=vehicle, until_at__gt=retired_at).select_related("lease").first()
    if held is not None:
        raise VehicleLeased(
            f"Vehicle {vehicle} is held by {held.lease} to {held.lease.end_on}.",
            field="retired_at",
            lease=held.lease_id,
        )
    for plate in vehicle.plates.filter(until_at=None):
        _take_off(plate, retired_at, actor=actor)
    for tag in vehicle.tags.filter(until_at=None):
        _take_off(tag, retired_at, actor=actor)
    vehicle.status, vehicle.plate = Vehicle.Status.RETIRED, ""
    save(vehicle, actor=actor)
    return vehicle


@transaction.atomic
def return_vehicle(*, vehicle_id: int, actor: User | None) -> Vehicle:
    """Take a retired vehicle into service again; it bears neither plate nor tag.

    :raises NoSuchVehicle: no vehicle bears this number
    :raises NotRetired: it is in service
    """
    vehicle = lock_vehicle(vehicle_id)
    if vehicle.status != Vehicle.Status.RETIRED:
        raise NotRetired(f"Vehicle {vehicle} is in service.")
    vehicle.status = Vehicle.Status.IN_SERVICE
    save(vehicle, actor=actor)
    return vehicle


def _put_on(given: Mark, *, field: str, actor: User | None) -> None:
    """Save a plate or tag after ending the one before it; the database has the last word on whose it is."""
    try:
        given.clean_fields()
    except ValidationError as invalid:
        raise _name(invalid) from None
    borne = type(given)._default_manager.filter(vehicle_id=given.vehicle_id, until_at=None).first()
    if borne is not None:
        if borne.from_at is not None and given.from_at is not None and borne.from_at >= given.from_at:
            raise PlateOrTagTaken(
                f"The vehicle bears {borne} from a later moment on.", field="from_at", vehicle=given.vehicle_id
            )
        borne.until_at = given.from_at
        save(borne, actor=actor)
    try:
        with transaction.atomic():
            save(given, actor=actor, force_insert=True)
    except IntegrityError as taken:
        bearer = type(given)._default_manager.filter(**{field: getattr(given, field)}).order_by("from_at").last()
        raise PlateOrTagTaken(
            f"{given} is on vehicle {bearer.vehicle if bearer else 'another'} in this time.",
            field=field,
            vehicle=bearer.vehicle_id if bearer else None,
        ) from taken


def _take_off(borne: Mark | None, until_at: datetime, *, actor: User | None) -> Mark:
    if borne is None:
        raise NothingBorne("The vehicle bears none.")
    if borne.from_at is not None and borne.from_at >= until_at:
        raise NothingBorne(f"The vehicle bears {borne} from a later moment on.", field="until_at")
    borne.until_at = until_at
    save(borne, actor=actor)
    return borne


def _name(invalid: ValidationError) -> InvalidVehicle:
    """The first thing wrong, at its field."""
    field, messages = next(iter(invalid.message_dict.items()))
    return InvalidVehicle(messages[0], field=field)
