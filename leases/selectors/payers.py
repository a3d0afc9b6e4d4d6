"""Who pays, as the ledger's papers name them."""

from datetime import datetime

from core.clock import NEW_YORK
from leases.models import Driver, Lease, LeaseVehicle, VehiclePlate
from leases.selectors.deposits import get_deposit_state
from leases.selectors.leases import find_lease_in_force
from ledger.selectors import Payer


def describe_payer(driver_id: int, lease_id: int | None, at: datetime) -> Payer:
    """Return a driver, their lease and the cab and plate that it had at that moment, or has where it had none then.

    Without ``lease_id`` it is the one lease that the driver held on that day; none where there were several.
    """
    driver = Driver.objects.get(pk=driver_id)
    name = f"{driver.first_name} {driver.last_name}"
    if lease_id is None:
        lease = find_lease_in_force(on=at.astimezone(NEW_YORK).date(), driver_id=driver_id)
    else:
        lease = Lease.objects.select_related("vehicle").get(pk=lease_id)
    if lease is None:
        return Payer(name, driver.tlc_license)
    medallion, plate = _find_cab(lease, at)
    deposit = get_deposit_state(lease)
    return Payer(name, driver.tlc_license, str(lease), medallion, plate, deposit.asked, deposit.held)


def _find_cab(lease: Lease, at: datetime) -> tuple[str, str]:
    held = LeaseVehicle.objects.filter(lease=lease, from_at__lte=at, until_at__gt=at).select_related("vehicle")
    span = held.order_by("-from_at").first()
    vehicle = span.vehicle if span else lease.vehicle
    marks = VehiclePlate.objects.filter(vehicle=vehicle, from_at__lte=at).order_by("-from_at")
    mark = marks.first()
    return vehicle.medallion, mark.plate if mark else vehicle.plate
