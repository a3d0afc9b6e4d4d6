"""Which vehicle it was: by what is painted on it, or by the plate and tag it had at a moment."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from leases.models import Lease, LeaseVehicle, Vehicle, VehiclePlate, VehicleTag


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
