"""Which drivers have left the fleet: the ledger knows no lease's days, so the app that does is asked.

It says so in its AppConfig's ``ready``::

    register_leavers(list_drivers_who_left)
"""

from collections.abc import Callable, Collection
from datetime import date

from django.core.exceptions import ImproperlyConfigured

#: Gets drivers and a day; returns those among them whose last lease is over by then.
FindLeavers = Callable[[Collection[int], date], set[int]]

_FINDERS: list[FindLeavers] = []


def register_leavers(find: FindLeavers) -> None:
    """Have ``find`` say which drivers have no lease any more.

    :raises ImproperlyConfigured: another app says so
    """
    if _FINDERS and [find] != _FINDERS:
        raise ImproperlyConfigured("Who has left the fleet is said by one app.")
    _FINDERS[:] = [find]


def list_leavers(driver_ids: Collection[int], on: date) -> set[int]:
    """Return those among the drivers whose last lease is over by a day; who never had one has not left."""
    return {driver_id for find in _FINDERS for driver_id in find(driver_ids, on)}
