"""Which vehicle it was: by what is painted on it, or by the plate and tag it had at a moment."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from leases.models import Lease, LeaseVehicle, Vehicle, VehiclePlate, VehicleTag
from leases.selectors.finding import describe_drivers, list_found_drivers, list_found_vehicles, split_words


@dataclass(frozen=True, slots=True)
class CabCount:
    """Vehicles in service, and of them those that a lease has at a moment, and those whose every lease is on hold."""

    in_service: int
    leased: int
    on_hold: int

    @property
    def idle(self) -> int:
        return self.in_service - self.leased


def count_cabs(at: datetime) -> CabCount:
    """Return how the cabs are used at a moment; by one statement."""
    spans = LeaseVehicle.objects.filter(vehicle=OuterRef("pk"), from_at__lte=at, until_at__gt=at)
    runs = Exists(spans.exclude(lease__status=Lease.Status.HELD))
    cabs = Vehicle.objects.filter(status=Vehicle.Status.IN_SERVICE).annotate(has_lease=Exists(spans), runs=runs)
    found = cabs.aggregate(
        in_service=Count("pk"),
        leased=Count("pk", filter=Q(has_lease=True)),
        on_hold=Count("pk", filter=Q(has_lease=True, runs=False)),
    )
    return CabCount(**found)


def is_leased_at(at: datetime) -> Q:
    """Whether a lease has a vehicle at a moment, as a condition on vehicles."""
    return Q(Exists(LeaseVehicle.objects.filter(vehicle=OuterRef("pk"), from_at__lte=at, until_at__gt=at)))


def list_named_vehicles(typed: str, *, at: datetime) -> list[int]:
    """Return the vehicles that the words name by what is on them, or else those of the drivers whom the words name.

    At most one more than ``MAX_FOUND``.
    """
    words = split_words(typed)
    found = list_found_vehicles(words)
    if found:
        return found
    held = describe_drivers(list_found_drivers(words, at=at), at=at).values()
    medallions = [driver.medallion for driver in held if driver.medallion]
    return list(Vehicle.objects.filter(medallion__in=medallions).values_list("pk", flat=True))


def find_vehicle_by_medallion(medallion: str) -> Vehicle | None:
    """Return the vehicle of a medallion, in service or not; ``9z90`` finds ``9Z90``."""
    return Vehicle.objects.filter(medallion=medallion).first()


def find_vehicle_by_plate(plate: str, state: str, at: datetime) -> Vehicle | None:
    """Return the vehicle that had a state's plate at a moment, in whatever case it is written; None for none."""
    found = VehiclePlate.objects.filter(_on_vehicle_at(at), plate=plate, state=state).select_related("vehicle").first()
    return found.vehicle if found else None


def find_vehicle_by_tag(tag: str, at: datetime) -> Vehicle | None:
    """Return the vehicle that an E-ZPass tag was in at a moment, with or without zeros before it; None for none."""
    found = VehicleTag.objects.filter(_on_vehicle_at(at), tag_key=tag.strip()).select_related("vehicle").first()
    return found.vehicle if found else None


def _on_vehicle_at(at: datetime) -> Q:
    begun = Q(from_at=None) | Q(from_at__lte=at)
    not_over = Q(until_at=None) | Q(until_at__gt=at)
    return begun & not_over
