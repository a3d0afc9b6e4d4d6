"""Made-up files of tickets, and the cabs and drivers that they meet."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.clock import NEW_YORK
from leases.models import Driver, Lease, Vehicle
from ledger.models import LedgerBalance, LedgerPosting
from tests.factories import LeaseFactory, VehicleFactory, VehiclePlateFactory, VehicleTagFactory
from tickets import services
from tickets.models import TicketImport

TODAY = date(2026, 11, 18)
SATURDAY = date(2026, 11, 21)

EZPASS_HEAD = "Lane Txn ID,Tag/Plate #,Agency,Entry Plaza,Exit Plaza,Class,Date,Exit Time,Amount"
PVB_HEAD = (
    "Plate,State,License Type,Summons Number,Issue Date,Violation Time,Violation,Judgment Entry Date,Fine Amount,"
    "Penalty Amount,Interest Amount,Reduction Amount,Payment Amount,Amount Due,Precinct,County,Issuing Agency,"
    "Violation Status,Summons Image"
)

#: The shared samples beside the checkout.
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data"


def sample(name: str) -> Path:
    """A shared sample file; without it the test is skipped, and says so."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"The shared sample {name} is not beside this checkout.")
    return path


def toll(
    number: int | str,
    plate_or_tag: str = "NY T100001C",
    *,
    on: str = "11/16/2026",
    at: str = "10:00:00 AM",
    amount: str = "$-9.11",
    agency: str = "MTAB&T",
    plaza: str = "RKB",
) -> str:
    """A row of an E-ZPass statement."""
    return f'{number},{plate_or_tag},{agency},,{plaza},31,{on},{at},"{amount}"'


def violation(number: int | str, plate: str = "T100001C", *, fine: str = "50.00", due: str | None = None) -> str:
    """A row of the city's open data: a camera violation of Monday, 2026-11-16, 10:00."""
    return (
        f"{plate},NY,OMT,{number},11/16/2026,10:00A,PHTO SCHOOL ZN SPEED VIOLATION,,{fine},0.00,0.00,0.00,0.00,"
        f"{due or fine},000,BX,DEPARTMENT OF TRANSPORTATION,,"
    )


def text(head: str, rows: Sequence[str], *, end: str = "\n") -> bytes:
    return (end.join([head, *rows]) + end).encode()


def stage(content: bytes, kind: str = "ezpass", name: str = "file.csv") -> services.StagedFile:
    return services.stage_file(kind=kind, file_name=name, file=io.BytesIO(content), today=TODAY)


def bring_in(content: bytes, kind: str = "ezpass", *, today: date = TODAY) -> TicketImport:
    """Stage a file and confirm it."""
    return services.confirm_import(import_id=stage(content, kind).file.pk, today=today)


def bring_in_tolls(*rows: str) -> TicketImport:
    return bring_in(text(EZPASS_HEAD, rows))


def leased_cab(plate: str = "T100001C", *, tag: str = "", **facts: Any) -> Lease:
    """A cab with this New York plate, leased to a driver all year."""
    lease = LeaseFactory.create(**facts)
    VehiclePlateFactory.create(vehicle=lease.vehicle, plate=plate)
    if tag:
        VehicleTagFactory.create(vehicle=lease.vehicle, tag=tag)
    return lease


def plated_cab(plate: str = "T100001C") -> Vehicle:
    """A cab with this New York plate that nobody leases."""
    vehicle = VehicleFactory.create()
    VehiclePlateFactory.create(vehicle=vehicle, plate=plate)
    return vehicle


def noon(day: int, hour: int = 12) -> datetime:
    """An hour in New York of a day of November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=NEW_YORK)


def owed(driver: Driver) -> dict[str, Decimal]:
    """What the driver owes by reference."""
    open_ = LedgerBalance.objects.filter(driver=driver, entry_type="DEBIT", status="OPEN")
    return dict(open_.values_list("reference_id", "remaining"))


def held(driver: Driver) -> dict[str, Decimal]:
    """What is held for the driver by reference."""
    open_ = LedgerBalance.objects.filter(driver=driver, entry_type="CREDIT", status="OPEN")
    return dict(open_.values_list("reference_id", "remaining"))


def count_postings() -> int:
    return LedgerPosting.objects.count()
