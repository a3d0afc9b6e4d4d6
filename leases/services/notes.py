"""Notes on a driver, a vehicle or a lease: written once."""

from django.contrib.auth.models import User

from core.checks import check_text
from core.errors import ValueInvalid
from core.transactions import bounded_transaction
from leases.models import MAX_NOTE, Driver, Lease, Note, Vehicle
from ledger import services as ledger


@bounded_transaction
def write_note(
    *,
    driver_id: int | None = None,
    vehicle_id: int | None = None,
    lease_id: int | None = None,
    text: str,
    actor: User | None,
) -> Note:
    """Write a note on the page of a driver, a vehicle or a lease. It can't be edited, only followed by another.

    :raises core.errors.ValueInvalid: nothing, more than 2,000 characters, or characters that can't be seen; or it is
        not on one record
    :raises ledger.services.DriverNotFound, ledger.services.VehicleNotFound: there is no such driver, no such vehicle
    :raises ledger.services.LeaseNotFound: nor such a lease
    """
    text = check_text(text, field="text", longest=MAX_NOTE)
    if sum(record is not None for record in (driver_id, vehicle_id, lease_id)) != 1:
        raise ValueInvalid("A note is on one driver, one vehicle or one lease.", field="text")
    if driver_id is not None and not Driver.objects.filter(pk=driver_id).exists():
        raise ledger.DriverNotFound(f"No driver {driver_id}.")
    if vehicle_id is not None and not Vehicle.objects.filter(pk=vehicle_id).exists():
        raise ledger.VehicleNotFound(f"No vehicle {vehicle_id}.")
    if lease_id is not None and not Lease.objects.filter(pk=lease_id).exists():
        raise ledger.LeaseNotFound(f"No lease {lease_id}.")
    note = Note.objects.create(
        driver_id=driver_id, vehicle_id=vehicle_id, lease_id=lease_id, text=text, written_by=actor
    )
    note.refresh_from_db()
    return note
