"""Which drivers get no payout: the ledger keeps no lock, so the app that does is asked.

It says so in its AppConfig's ``ready``::

    register_locks(find_lock_reason)
"""

from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured

#: Gets a driver; returns why they are locked, or None where they are not.
FindLockReason = Callable[[int], str | None]

_finders: list[FindLockReason] = []


def register_locks(find: FindLockReason) -> None:
    """Have ``find`` say which drivers are locked.

    :raises ImproperlyConfigured: another app says so
    """
    if _finders and [find] != _finders:
        raise ImproperlyConfigured("Who is locked is said by one app.")
    _finders[:] = [find]


def find_driver_lock(driver_id: int) -> str | None:
    """Return why a driver is locked, or None where they are not."""
    return next((reason for find in _finders if (reason := find(driver_id)) is not None), None)
