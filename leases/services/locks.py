"""Locking a driver, and lifting the lock: while it is there, nothing is paid out to them and no lease is started."""

from django.contrib.auth.models import User
from django.db.models.functions import Now

from core.checks import check_reason
from leases.errors import AlreadyLocked, DriverNotLocked
from leases.models import DriverLock
from leases.services.records import lock_driver_row
from ledger import services as ledger
from ledger.locks import lock_accounts


@ledger.money_transaction
def lock_driver(*, driver_id: int, reason: str, actor: User | None) -> DriverLock:
    """Lock a driver. They owe and pay as always, and the leases that they have go on.

    :raises core.errors.ReasonRequired: no reason given
    :raises ledger.services.DriverNotFound: no driver has this number
    :raises AlreadyLocked: they are locked already
    """
    reason = check_reason(reason)
    there = _find_lock(driver_id)
    if there is not None:
        raise AlreadyLocked(f"The driver is locked already: {there.reason}")
    lock = DriverLock.objects.create(driver_id=driver_id, reason=reason, locked_by=actor)
    lock.refresh_from_db()
    return lock


@ledger.money_transaction
def unlock_driver(*, driver_id: int, reason: str, actor: User | None) -> DriverLock:
    """Lift a driver's lock; it stays in their history.

    :raises core.errors.ReasonRequired: no reason given
    :raises ledger.services.DriverNotFound: no driver has this number
    :raises DriverNotLocked: they are not locked
    """
    reason = check_reason(reason)
    lock = _find_lock(driver_id)
    if lock is None:
        raise DriverNotLocked("The driver is not locked.")
    lock.unlocked_at, lock.unlocked_by, lock.unlock_reason = Now(), actor, reason
    lock.save(update_fields=["unlocked_at", "unlocked_by", "unlock_reason"])
    lock.refresh_from_db()
    return lock


def _find_lock(driver_id: int) -> DriverLock | None:
    """Lock the driver's account and row, so that no payout and no lease of theirs is written meanwhile, and look."""
    lock_accounts([driver_id])
    lock_driver_row(driver_id)
    return DriverLock.objects.filter(driver_id=driver_id, unlocked_at=None).first()
