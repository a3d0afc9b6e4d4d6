"""What other apps and pages ask about drivers, vehicles and leases."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from leases.models import Driver, Lease, LeaseInstallment, LeaseQuerySet, Vehicle
from ledger import selectors as ledger
from ledger.categories import Status
from ledger.money import ZERO


def find_driver_by_license(tlc_license: str) -> Driver | None:
    """Return the driver of a TLC license number, active or not."""
    return Driver.objects.filter(tlc_license=tlc_license.strip()).first()


def find_vehicle_by_medallion(medallion: str) -> Vehicle | None:
    """Return the vehicle of a medallion, in service or not; ``9z90`` finds ``9Z90``."""
    return Vehicle.objects.filter(medallion=medallion).first()


def list_leases_in_force(
    *, start_on: date, end_on: date | None = None, driver_id: int | None = None, vehicle_id: int | None = None
) -> LeaseQuerySet:
    """Return the leases with a day from ``start_on`` to ``end_on`` (default: that one day), newest first.

    With its driver and vehicle at hand: naming them costs no further query.
    """
    leases = Lease.objects.overlapping(start_on, end_on or start_on).select_related("primary_driver", "vehicle")
    if driver_id is not None:
        leases = leases.filter(primary_driver_id=driver_id)
    if vehicle_id is not None:
        leases = leases.filter(vehicle_id=vehicle_id)
    return leases


def find_lease_in_force(*, on: date, driver_id: int, vehicle_id: int | None = None) -> Lease | None:
    """Return the one lease a driver held on a day (of that vehicle, when given); None where there is none or several.

    Never a guess: a driver with a lease by day and another by night has no *one* lease.
    """
    found = list(list_leases_in_force(start_on=on, driver_id=driver_id, vehicle_id=vehicle_id)[:2])
    return found[0] if len(found) == 1 else None


def list_leases_of_driver(driver_id: int) -> LeaseQuerySet:
    """Return the leases a driver holds or held, newest first, with their vehicles."""
    return Lease.objects.filter(primary_driver_id=driver_id).select_related("vehicle").order_by("-start_on", "-id")


def find_conflicting_lease(*, vehicle_id: int, shift: str, start_on: date, end_on: date) -> Lease | None:
    """Return the earliest lease that holds the vehicle in one of these days and in the same shift, if any does."""
    in_the_way = list_leases_in_force(start_on=start_on, end_on=end_on, vehicle_id=vehicle_id)
    if shift != Lease.Shift.FULL:
        in_the_way = in_the_way.filter(shift__in=[shift, Lease.Shift.FULL])
    return in_the_way.order_by("start_on", "id").first()


@dataclass(frozen=True, slots=True)
class ScheduledRent:
    """One week's rent with what the ledger says of it, in dollars. ``balance_id`` is None until it is posted."""

    number: int
    week_start: date
    due_on: date
    amount: Decimal
    reference_id: str
    state: str
    settled: Decimal
    remaining: Decimal
    balance_id: int | None


def list_schedule(lease_id: int) -> list[ScheduledRent]:
    """Return a lease's rent week by week, and how far each is settled, by two queries however long the lease."""
    rents = list(LeaseInstallment.objects.filter(lease_id=lease_id).order_by("number"))
    balances = ledger.list_balances_by_reference(rent.reference_id for rent in rents)
    posted = {balance.reference_id: balance for balance in balances}
    schedule = []
    for rent in rents:
        balance = posted.get(rent.reference_id)
        is_live = balance is not None and balance.status != Status.VOIDED
        schedule.append(
            ScheduledRent(
                number=rent.number,
                week_start=rent.week_start,
                due_on=rent.due_on,
                amount=rent.amount,
                reference_id=rent.reference_id,
                state=_name_state(rent, balance.get_status_display() if balance else None),
                settled=balance.original_amount - balance.remaining if balance and is_live else ZERO,
                remaining=balance.remaining if balance else ZERO,
                balance_id=balance.pk if balance else None,
            )
        )
    return schedule


def _name_state(rent: LeaseInstallment, posted_as: str | None) -> str:
    """Say for people where an installment stands: the ledger's word once it is posted."""
    return posted_as or ("On hold" if rent.on_hold else "Scheduled")
