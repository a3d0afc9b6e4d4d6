"""Further drivers on a lease."""

from datetime import date

from django.contrib.auth.models import User

from core.history import delete_as, save_as
from core.words import say_full_day
from leases.errors import AlreadyOnLease, LeaseDatesReversed, OutsideLease, PrimaryDriverStays
from leases.models import Lease, LeaseDriver
from leases.services.records import check_not_ended, lock_active_driver, lock_lease
from ledger import services as ledger


@ledger.money_transaction
def add_driver(
    *, lease_id: int, driver_id: int, start_on: date, end_on: date | None = None, actor: User | None
) -> LeaseDriver:
    """Let a further driver drive on a lease from ``start_on`` to ``end_on``, both included; to its end when left out.

    Each driver is credited with their own trips; the rent stays the primary driver's.

    :raises ledger.services.LeaseNotFound, ledger.services.DriverNotFound: one of them does not exist
    :raises LeaseEnded: the lease was ended early
    :raises DriverNotActive: the driver no longer drives for the fleet
    :raises ledger.services.DriverLocked: the driver is locked
    :raises LeaseDatesReversed: the last day would be before the first
    :raises OutsideLease: a day that is not in the lease
    :raises AlreadyOnLease: the driver is on it in one of these days
    """
    lease = lock_lease(lease_id)
    check_not_ended(lease)
    end_on = lease.end_on if end_on is None else end_on
    for field, day in (("start_on", start_on), ("end_on", end_on)):
        if not lease.start_on <= day <= lease.end_on:
            raise OutsideLease(
                f"{lease} runs from {say_full_day(lease.start_on)} to {say_full_day(lease.end_on)}.", field=field
            )
    if end_on < start_on:
        raise LeaseDatesReversed(
            f"The driver would drive until {say_full_day(end_on)}, and from {say_full_day(start_on)} on only."
        )
    driver = lock_active_driver(driver_id)
    earlier = lease.driver_spans.filter(driver=driver, start_on__lte=end_on, end_on__gte=start_on).first()
    if earlier is not None:
        raise AlreadyOnLease(
            f"{driver} is on {lease} from {say_full_day(earlier.start_on)} to {say_full_day(earlier.end_on)}."
        )
    driven = LeaseDriver(lease=lease, driver=driver, start_on=start_on, end_on=end_on)
    save_as(driven, actor, force_insert=True)
    return driven


@ledger.money_transaction
def end_driver(*, lease_id: int, driver_id: int, last_on: date, actor: User | None) -> LeaseDriver:
    """Let a further driver leave a lease: ``last_on`` is the last day on it.

    :raises ledger.services.LeaseNotFound: no lease has this number
    :raises ledger.services.DriverNotFound: the driver is not on it on that day
    :raises PrimaryDriverStays: the primary driver leaves with the end of the lease
    """
    lease = lock_lease(lease_id)
    driven = lease.driver_spans.filter(driver_id=driver_id, start_on__lte=last_on, end_on__gte=last_on).first()
    if driven is None:
        raise ledger.DriverNotFound(f"The driver is not on {lease} on {say_full_day(last_on)}.")
    if driven.is_primary:
        raise PrimaryDriverStays(f"{driven.driver} is the primary driver of {lease}, and stays to its end.")
    driven.end_on = last_on
    save_as(driven, actor)
    return driven


def end_drivers(lease: Lease, last_on: date, *, actor: User | None) -> None:
    """Let every driver of a lease leave with its end; one who would have come later never does."""
    delete_as(lease.driver_spans.filter(start_on__gt=last_on), actor)
    for driven in lease.driver_spans.filter(end_on__gt=last_on):
        driven.end_on = last_on
        save_as(driven, actor)
