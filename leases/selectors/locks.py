"""Which drivers are locked, and why."""

from leases.models import DriverLock

#: What is added to the name of a driver who is locked, where one is chosen.
LOCKED = " · Locked"


def find_lock(driver_id: int) -> DriverLock | None:
    """Return the lock that a driver has now."""
    return DriverLock.objects.filter(driver_id=driver_id, unlocked_at=None).select_related("locked_by").first()


def find_lock_reason(driver_id: int) -> str | None:
    """Return why a driver is locked, or None where they are not."""
    return DriverLock.objects.filter(driver_id=driver_id, unlocked_at=None).values_list("reason", flat=True).first()
