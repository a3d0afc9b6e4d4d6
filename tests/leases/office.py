"""What the tests of leases do again and again: start one, charge its rent, look at its books, count all rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from core import clock as new_york
from core.errors import DomainError
from leases import services
from leases.models import Lease, LeaseDriver, LeaseInstallment, LeaseRate, LeaseVehicle, VehiclePlate, VehicleTag
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from tests import refusals
from tests.factories import DriverFactory, VehicleFactory

#: A lease of four weeks, Wednesday to Tuesday: 4 days, two whole weeks, 3 days.
WEDNESDAY = date(2026, 3, 4)
TUESDAY = date(2026, 3, 24)


def start_lease(**changed: Any) -> Lease:
    """500.00 a week from 2026-03-04 to 2026-03-24, with a deposit of 500.00 and a cancellation fee of 250.00."""
    facts: dict[str, Any] = {
        "lease_type": "LONG_TERM",
        "shift": "FULL",
        "start_on": WEDNESDAY,
        "end_on": TUESDAY,
        "weekly_amount": Decimal("500.00"),
        "deposit": Decimal("500.00"),
        "cancellation_fee": Decimal("250.00"),
        "actor": None,
        **changed,
    }
    driver = facts.pop("driver", None) or DriverFactory.create()
    vehicle = facts.pop("vehicle", None) or VehicleFactory.create()
    return services.start_lease(driver_id=driver.pk, vehicle_id=vehicle.pk, **facts)


def charge_rent(until: date) -> None:
    """Post all rent due by that day."""
    ledger.post_scheduled_installments(as_of=until)


def pay(lease: Lease, amount: str, *, deposit: str = "0", on: date = WEDNESDAY, **pays: str) -> None:
    """Cash from the lease's primary driver; ``pays`` gives dollars by the week of a rent (``W10="285.71"``)."""
    ledger.apply_interim_payment(
        payment_amount=Decimal(amount),
        deposit=Decimal(deposit),
        allocations={f"LEASE-{lease.pk}-2026{week}": Decimal(part) for week, part in pays.items()},
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
        payment_method="CASH",
        effective_on=on,
    )


def at(day: date, clock: str = "00:00") -> datetime:
    """That clock time in New York."""
    return new_york.at(day, time.fromisoformat(clock))


def rents_of(lease: Lease) -> list[tuple[str, str]]:
    """The lease's rent: week and amount, and whether it is on hold."""
    rows = lease.installments.order_by("number")
    return [(row.reference_id[-3:], f"{row.amount}{' on hold' if row.on_hold else ''}") for row in rows]


def books_of(lease: Lease) -> list[tuple[str, str, str, str]]:
    """Every balance of the lease in the order in which it was opened: reference, original, remaining, status."""
    return [
        (row.reference_id, str(row.original_amount), str(row.remaining), row.status)
        for row in LedgerBalance.objects.filter(lease=lease).order_by("posting_id")
    ]


def vehicles_of(lease: Lease) -> list[tuple[str, datetime, datetime]]:
    return [(str(row.vehicle), row.from_at, row.until_at) for row in lease.vehicle_spans.order_by("from_at")]


def drivers_of(lease: Lease) -> list[tuple[int, bool, date, date]]:
    return [(row.driver_id, row.is_primary, row.start_on, row.end_on) for row in lease.driver_spans.all()]


def everything() -> list[Any]:
    """All that a service of leases might write, with its history, to compare before and after a refusal."""
    tables = (Lease, LeaseVehicle, LeaseDriver, LeaseRate, LeaseInstallment, VehiclePlate, VehicleTag)
    rows = [list(table.objects.order_by("pk").values_list()) for table in tables]
    histories = [table.history.count() for table in tables]
    return [*rows, *histories, LedgerPosting.objects.count()]


@contextmanager
def refused(error: type[DomainError], *, field: str | None = None) -> Iterator[Any]:
    """Demand exactly this error, and that no row of leases or of the ledger differs afterwards."""
    before = everything()
    with refusals.refused(error, field=field) as refusal:
        yield refusal
    assert everything() == before
