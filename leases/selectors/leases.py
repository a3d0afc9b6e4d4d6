"""Who holds or held which lease, and on which vehicle."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db.models import Exists, Max, OuterRef, QuerySet

from core.clock import at
from leases import rules
from leases.models import Driver, DriverLock, Lease, LeaseDriver, LeaseQuerySet, LeaseVehicle


def find_driver_by_license(tlc_license: str) -> Driver | None:
    """Return the driver of a TLC license number, active or not, with or without zeros before it."""
    key = rules.license_key(tlc_license.strip())
    return Driver.objects.filter(license_key=key).first()


def list_drivers() -> QuerySet[Driver]:
    """Return all drivers, each with whether they are locked (``is_locked``)."""
    locks = DriverLock.objects.filter(driver=OuterRef("pk"), unlocked_at=None)
    return Driver.objects.annotate(is_locked=Exists(locks))


def list_leases(*, driver_id: int | None = None, vehicle_id: int | None = None) -> LeaseQuerySet:
    """Return the leases that a driver is or was on, as primary or further driver, and that ever had a vehicle."""
    leases = Lease.objects.all()
    if driver_id is not None:
        leases = leases.filter(Exists(LeaseDriver.objects.filter(lease=OuterRef("pk"), driver_id=driver_id)))
    if vehicle_id is not None:
        leases = leases.filter(Exists(LeaseVehicle.objects.filter(lease=OuterRef("pk"), vehicle_id=vehicle_id)))
    return leases


def list_leases_in_force(
    *, start_on: date, end_on: date | None = None, driver_id: int | None = None, vehicle_id: int | None = None
) -> LeaseQuerySet:
    """Return the leases with a day from ``start_on`` to ``end_on`` (default: that one day), newest first.

    ``driver_id`` is the primary driver's; ``vehicle_id`` a vehicle's that the lease held in one of these days. With
    its driver and its last vehicle at hand: naming them costs no further query.
    """
    end_on = end_on or start_on
    leases = Lease.objects.overlapping(start_on, end_on).select_related("primary_driver", "vehicle")
    if driver_id is not None:
        leases = leases.filter(primary_driver_id=driver_id)
    if vehicle_id is not None:
        held = LeaseVehicle.objects.filter(
            lease=OuterRef("pk"),
            vehicle_id=vehicle_id,
            from_at__lt=at(end_on + timedelta(days=1)),
            until_at__gt=at(start_on),
        )
        leases = leases.filter(Exists(held))
    return leases


def find_lease_in_force(*, on: date, driver_id: int, vehicle_id: int | None = None) -> Lease | None:
    """Return the one lease a driver held on a day (of that vehicle, when given); None where there is none or several.

    Never a guess: a driver with a lease by day and another by night has no *one* lease.
    """
    found = list(list_leases_in_force(start_on=on, driver_id=driver_id, vehicle_id=vehicle_id)[:2])
    return found[0] if len(found) == 1 else None


def list_leases_of_driver(driver_id: int) -> LeaseQuerySet:
    """Return the leases that a driver is or was on, as primary or further driver, newest first, with their vehicles."""
    return list_leases(driver_id=driver_id).select_related("vehicle").order_by("-start_on", "-id")


def list_spans_on(driver_id: int, on: date) -> list[LeaseDriver]:
    """Return what the driver drives on a day: their own lease before others, each with its lease and its vehicle."""
    spans = LeaseDriver.objects.filter(driver=driver_id, start_on__lte=on, end_on__gte=on)
    return list(spans.select_related("lease__vehicle").order_by("-is_primary", "-lease_id"))


def list_vehicles_of_lease(lease_id: int) -> QuerySet[LeaseVehicle]:
    """Return which vehicle a lease held when, oldest first."""
    return LeaseVehicle.objects.filter(lease_id=lease_id).select_related("vehicle").order_by("from_at")


def list_drivers_of_lease(lease_id: int) -> QuerySet[LeaseDriver]:
    """Return who drives on a lease in which days, the primary driver first."""
    return LeaseDriver.objects.filter(lease_id=lease_id).select_related("driver")


def was_driver_on(lease: Lease, driver_id: int, *, from_at: datetime, to_at: datetime) -> bool:
    """Whether a driver was on a lease on a day that one of these moments, both included, belongs to.

    The small hours of a night belong to the day on which it began.
    """
    hours = hours_of(lease)
    days = lease.driver_spans.filter(driver_id=driver_id)
    return days.filter(
        start_on__lte=rules.lease_day(to_at, hours), end_on__gte=rules.lease_day(from_at, hours)
    ).exists()


def list_drivers_who_left(driver_ids: Collection[int], on: date) -> set[int]:
    """Return those among the drivers whose last lease is over by a day; who never had one is not among them."""
    spans = LeaseDriver.objects.filter(driver_id__in=driver_ids).order_by()
    ended = spans.values("driver_id").annotate(last_on=Max("end_on")).filter(last_on__lt=on)
    return set(ended.values_list("driver_id", flat=True))


def find_conflicting_assignment(
    *, vehicle_id: int, shift: str, from_at: datetime, until_at: datetime
) -> LeaseVehicle | None:
    """Return the earliest assignment of a vehicle at one of these moments and in the same shift, if there is one."""
    in_the_way = LeaseVehicle.objects.filter(vehicle_id=vehicle_id, from_at__lt=until_at, until_at__gt=from_at)
    if shift != Lease.Shift.FULL:
        in_the_way = in_the_way.filter(shift__in=[shift, Lease.Shift.FULL])
    return in_the_way.select_related("lease__primary_driver").order_by("from_at", "id").first()


def hours_of(lease: Lease) -> rules.Hours | None:
    """Return the hours of a lease's shift; None for full time."""
    return rules.find_hours(lease.shift_from, lease.shift_until)
