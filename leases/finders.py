"""What Find anything finds of leases: drivers, vehicles and leases, and who a driver is."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from core.dossier import driver_url, lease_url, vehicle_url
from core.finders import MAX_ROWS, Found, FoundGroup, Person, cut
from leases import selectors
from leases.models import Lease, LeaseVehicle, Vehicle


def find_fleet(term: str, user: Any, at: datetime) -> Iterator[FoundGroup]:
    """Find drivers by whatever names them, vehicles by what is on them, and leases by number or by either."""
    words = selectors.split_words(term)
    drivers = selectors.list_found_drivers(words, at=at) if user.has_perm("leases.view_driver") else []
    vehicles = selectors.list_found_vehicles(words) if user.has_perm("leases.view_vehicle") else []
    yield FoundGroup(
        "Drivers",
        "badge",
        [Found(driver_url(pk), driver_id=pk, is_driver=True) for pk in drivers[: selectors.MAX_FOUND]],
        reverse("admin:leases_driver_changelist"),
        is_cut=len(drivers) > selectors.MAX_FOUND,
    )
    yield FoundGroup(
        "Vehicles",
        "local_taxi",
        list(_tell_vehicles(vehicles[: selectors.MAX_FOUND], at)),
        reverse("admin:leases_vehicle_changelist"),
        is_cut=len(vehicles) > selectors.MAX_FOUND,
    )
    if user.has_perm("leases.view_lease"):
        rows, is_cut = cut(_tell_leases(selectors.find_lease_number(term), drivers, vehicles))
        yield FoundGroup("Leases", "contract", rows, reverse("admin:leases_lease_changelist"), is_cut)


def describe_people(driver_ids: Collection[int], at: datetime) -> dict[int, Person]:
    """Tell who drivers are, and what they have at that moment."""
    return selectors.describe_drivers(driver_ids, at=at)


def _tell_vehicles(vehicle_ids: list[int], at: datetime) -> Iterator[Found]:
    held = LeaseVehicle.objects.filter(vehicle=OuterRef("pk"), from_at__lte=at, until_at__gt=at)
    vehicles = Vehicle.objects.filter(pk__in=vehicle_ids).annotate(
        held_by=Subquery(held.order_by("-from_at").values("lease__primary_driver")[:1])
    )
    for vehicle in vehicles.order_by("medallion"):
        yield Found(
            vehicle_url(vehicle.pk),
            f"Cab {vehicle.medallion}",
            vehicle.held_by,
            " · ".join(part for part in (vehicle.plate and f"plate {vehicle.plate}", vehicle.make_and_model) if part),
            "" if vehicle.held_by else vehicle.get_status_display().lower(),
        )


def _tell_leases(number: int | None, driver_ids: list[int], vehicle_ids: list[int]) -> Iterator[Found]:
    named = Q(pk=number or 0) | Q(primary_driver__in=driver_ids) | Q(vehicle__in=vehicle_ids)
    leases = Lease.objects.filter(named).select_related("vehicle").order_by("-pk")[: MAX_ROWS + 1]
    # The one of that number before those of whom it names otherwise.
    for lease in sorted(leases, key=lambda lease: lease.pk != number):
        yield Found(
            lease_url(lease.pk),
            f"{lease}, cab {lease.vehicle.medallion}",
            lease.primary_driver_id,
            f"{lease.start_on:%b %-d, %Y} to {lease.end_on:%b %-d, %Y}",
        )
