"""Which vehicle it was: by what is painted on it, or by what it bore at a moment."""

from datetime import datetime

from django.db.models import Q

from leases.models import Vehicle, VehiclePlate, VehicleTag


def find_vehicle_by_medallion(medallion: str) -> Vehicle | None:
    """Return the vehicle of a medallion, in service or not; ``9z90`` finds ``9Z90``."""
    return Vehicle.objects.filter(medallion=medallion).first()


def find_vehicle_by_plate(plate: str, state: str, at: datetime) -> Vehicle | None:
    """Return the vehicle that bore a state's plate at a moment, in whatever case it is written; None for none."""
    borne = VehiclePlate.objects.filter(_borne_at(at), plate=plate, state=state).select_related("vehicle").first()
    return borne.vehicle if borne else None


def find_vehicle_by_tag(tag: str, at: datetime) -> Vehicle | None:
    """Return the vehicle that an E-ZPass tag was in at a moment; None for none."""
    borne = VehicleTag.objects.filter(_borne_at(at), tag=tag.strip()).select_related("vehicle").first()
    return borne.vehicle if borne else None


def _borne_at(at: datetime) -> Q:
    begun = Q(from_at=None) | Q(from_at__lte=at)
    not_over = Q(until_at=None) | Q(until_at__gt=at)
    return begun & not_over
