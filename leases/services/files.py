"""Files kept of drivers, vehicles and leases: stored under the digest of their bytes, and known by these alone."""

import hashlib

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from core.checks import check_text
from core.errors import ValueInvalid
from core.transactions import bounded_transaction
from leases.errors import FileAddedBefore, FileInvalid
from leases.models import KeptFile
from leases.selectors import get_file_name
from leases.services.records import lock_driver_row, lock_lease_row, lock_vehicle
from ledger import selectors as ledger

MAX_BYTES = 10 * 1024 * 1024
_BEGINNINGS = {
    b"%PDF-": KeptFile.Kind.PDF,
    b"\xff\xd8\xff": KeptFile.Kind.JPEG,
    b"\x89PNG\r\n\x1a\n": KeptFile.Kind.PNG,
}


@bounded_transaction
def add_file(
    *,
    driver_id: int | None = None,
    vehicle_id: int | None = None,
    lease_id: int | None = None,
    about: str = "",
    name: str,
    content: bytes,
    actor: User | None,
) -> KeptFile:
    """Keep a file of a driver, a vehicle or a lease. What it is its first bytes say, whatever it is called.

    ``about`` names what of the driver's it belongs to: a receipt (``PAY-000155``), a charge, a plan (``REPAIR-6``).

    :raises FileInvalid: neither a PDF nor a picture (JPEG, PNG); empty, or of more than 10 MB; not of one owner
    :raises core.errors.ValueInvalid: a name of more than 120 characters, or with some that can't be seen; or ``about``
        names nothing of this driver's
    :raises ledger.services.DriverNotFound, ledger.services.VehicleNotFound: there is no such owner
    :raises ledger.services.LeaseNotFound: nor such a lease
    :raises FileAddedBefore: the owner has these very bytes already
    """
    name = check_text(name, field="file", longest=120)
    kind = next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), None)
    if kind is None:
        raise FileInvalid("This is neither a PDF nor a picture (JPEG or PNG).")
    if len(content) > MAX_BYTES:
        raise FileInvalid("A file has at most 10 MB.")
    digest = hashlib.sha256(content).hexdigest()
    owner = {"driver_id": driver_id, "vehicle_id": vehicle_id, "lease_id": lease_id}
    _lock_owner(driver_id, vehicle_id, lease_id)
    about = _check_about(about, driver_id)
    there = KeptFile.objects.filter(**owner, sha256=digest, about=about).first()
    if there is not None:
        raise FileAddedBefore(f"This file is there already, as {there.name}.")
    _store(digest, content)
    kept = KeptFile.objects.create(
        **owner, about=about, name=name, sha256=digest, content_type=kind, size=len(content), added_by=actor
    )
    kept.refresh_from_db()
    return kept


def _lock_owner(driver_id: int | None, vehicle_id: int | None, lease_id: int | None) -> None:
    if sum(owner is not None for owner in (driver_id, vehicle_id, lease_id)) != 1:
        raise FileInvalid("A file is of one driver, one vehicle or one lease.")
    if driver_id is not None:
        lock_driver_row(driver_id)
    elif vehicle_id is not None:
        lock_vehicle(vehicle_id)
    elif lease_id is not None:
        lock_lease_row(lease_id)


def _check_about(about: str, driver_id: int | None) -> str:
    about = about.strip().upper()
    if not about:
        return ""
    if driver_id is None or not ledger.is_reference_of(driver_id, about):
        raise ValueInvalid("No receipt, charge or plan of this driver has that number.", field="about")
    return about


def _store(digest: str, content: bytes) -> None:
    name = get_file_name(digest)
    if default_storage.save(name, ContentFile(content)) != name:
        raise RuntimeError(f"Other bytes are stored as {name}.")
