"""A lease goes on with another vehicle."""

from datetime import date, datetime

from django.contrib.auth.models import User

from core.history import delete_as, save_as
from leases import rules, selectors
from leases.errors import OutsideLease, SameVehicle
from leases.models import Lease, LeaseVehicle
from leases.rules import Span
from leases.services.charged_rents import Recharge
from leases.services.days_away import end_days_away
from leases.services.records import (
    check_moment,
    check_not_ended,
    check_vehicle_is_free,
    lock_lease,
    lock_vehicle_in_service,
)
from ledger import services as ledger


@ledger.money_transaction
def swap_vehicle(
    *, lease_id: int, vehicle_id: int, swapped_at: datetime, effective_on: date, actor: User | None
) -> LeaseVehicle:
    """Give a lease another vehicle from a moment on; the one before is free from then on. Returns the new
    assignment.

    Rent posted from now on names the new vehicle. Days without a cab end with the swap: those from its day on are taken
    back, and their rent is owed again as of ``effective_on``. Swaps are recorded in their order: a moment before the
    last swap is refused.

    :raises ledger.services.LeaseNotFound, ledger.services.VehicleNotFound: one of them does not exist
    :raises LeaseEnded: the lease was ended early
    :raises MomentWithoutZone, core.errors.ValueInvalid: the moment is none
    :raises OutsideLease: not a moment in which the lease has the vehicle that it got last
    :raises SameVehicle: it has this vehicle already
    :raises VehicleRetired, VehicleTaken: the vehicle is not to be had
    """
    check_moment(swapped_at, field="swapped_at")
    lease = lock_lease(lease_id)
    check_not_ended(lease)
    held = lease.vehicle_spans.order_by("from_at").last()
    if held is None or not held.from_at < swapped_at < held.until_at:
        raise OutsideLease(
            f"{lease} has {lease.vehicle} after its start or last swap and before its end only.", field="swapped_at"
        )
    if held.vehicle_id == vehicle_id:
        raise SameVehicle(f"{lease} has {lease.vehicle} already.")
    vehicle = lock_vehicle_in_service(vehicle_id)
    until_at = held.until_at
    check_vehicle_is_free(vehicle, lease.shift, Span(swapped_at, until_at))
    held.until_at = swapped_at
    save_as(held, actor)
    swapped = LeaseVehicle(lease=lease, vehicle=vehicle, shift=lease.shift, from_at=swapped_at, until_at=until_at)
    save_as(swapped, actor, force_insert=True)
    lease.vehicle = vehicle
    save_as(lease, actor)
    how = Recharge(f"Swapped to {vehicle}", effective_on, actor, keeps_payments=True, undoes_memos=True)
    end_days_away(lease, rules.lease_day(swapped_at, selectors.hours_of(lease)), lease.end_on, how)
    return swapped


def end_assignments(lease: Lease, until_at: datetime, *, actor: User | None) -> None:
    """Free the lease's vehicles from a moment on; a swap that would have come after it never does."""
    for held in lease.vehicle_spans.filter(until_at__gt=until_at).order_by("from_at"):
        if held.from_at >= until_at:
            delete_as([held], actor)
        else:
            held.until_at = until_at
            save_as(held, actor)
    last = lease.vehicle_spans.order_by("from_at").last()
    if last is not None:
        lease.vehicle = last.vehicle
