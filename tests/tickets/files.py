"""Made-up files of tickets, and the cabs and drivers that they meet."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from core.clock import NEW_YORK
from leases.models import Driver, Lease, Vehicle
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from tests.factories import LeaseFactory, VehicleFactory, VehiclePlateFactory, VehicleTagFactory
from tickets import services
from tickets.importers import READERS
from tickets.models import Ticket, TicketImport
from tickets.selectors import count_parts

TODAY = date(2026, 11, 18)
SATURDAY = date(2026, 11, 21)

EZPASS_HEAD = "Lane Txn ID,Tag/Plate #,Agency,Entry Plaza,Exit Plaza,Class,Date,Exit Time,Amount"
PVB_HEAD = (
    "Plate,State,License Type,Summons Number,Issue Date,Violation Time,Violation,Judgment Entry Date,Fine Amount,"
    "Penalty Amount,Interest Amount,Reduction Amount,Payment Amount,Amount Due,Precinct,County,Issuing Agency,"
    "Violation Status,Summons Image"
)

FLEET_HEAD = (
    "PLATE,STATE,TYPE,TERMINATED,SUMMONS,NON PROGRAM,ISSUE DATE,ISSUE TIME,SYS ENTRY,NEW ISSUE,VC,HEARING IND,"
    "PENALTY WARNING,JUDGMENT,FINE,PENALTY,INTEREST,REDUCTION,PAYMENT,NG PMT,AMOUNT DUE,VIO COUNTY,FRONT OR OPP,"
    "HOUSE NUMBER,STREET NAME,INTERSECT STREET,GEO LOC,STREET CODE1,STREET CODE2,STREET CODE3"
)
NJ_HEAD = (
    "POSTING DATE,TRANSACTION DATE,TAG/PLATE NUMBER,AGENCY,DESCRIPTION,ENTRY TIME,ENTRY PLAZA,ENTRY LANE,EXIT TIME,"
    "EXIT PLAZA,EXIT LANE,VEHICLE TYPE CODE,AMOUNT,PREPAID,PLAN/RATE,FARE TYPE,BALANCE"
)
ACTIVITY_HEAD = (
    "POSTING DATE,TRANSACTION DATE,TAG/PLATE NUMBER,AGENCY,ACTIVITY,PLAZA ID,ENTRY TIME,ENTRY PLAZA,ENTRY LANE,"
    "EXIT TIME,EXIT PLAZA,EXIT LANE,VEHICLE TYPE CODE,AMOUNT,PREPAID,PLAN/RATE,FARE TYPE,BALANCE"
)
LATER_HEAD = "Posted Date,Lane Txn ID,Amount,Date,Time,Agency,Entry Plaza,Exit Plaza,Tag/Plate #,Post Txn Balance,Class"
TLC_HEAD = "Summons Number,Type,Issue Date,Issue Time,TLC License,Medallion,Plate,State,Amount,Due Date,Note"

#: What a service needs to know of its call.
HOW: dict[str, Any] = {"today": TODAY, "actor": None}

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


def summed_violation(
    number: int | str,
    plate: str = "T100001C",
    *,
    money: str = "40.00,0.00,0.00,0.00,0.00",
    due: str = "40.00",
    status: str = "",
) -> str:
    """A row of the city's open data; ``money`` is fine, penalty, interest, reduction and payment."""
    return f"{plate},NY,OMT,{number},11/16/2026,10:02A,DOUBLE PARKING,,{money},{due},032,NY,TRAFFIC,{status},"


def fleet_violation(
    number: int | str = "1400000001",
    plate: str = "9Z90B",
    *,
    on: str = "11/16/2026",
    at: str = "0752A",
    money: str = "65.00,10.00,0.00,0.00,25.00",
    due: str = "50.00",
) -> str:
    """A row of the fleet program; ``money`` is fine, penalty, interest, reduction and payment."""
    return f"{plate},NY,OMT,,{number},,{on},{at},,,21,,,,{money},,{due},NY,F,12,BROADWAY,,,1,2,3"


def nj_toll(
    tag: str = "00412345678",
    *,
    on: str = "11/16/2026",
    at: str = "17:05:01",
    amount: str = "($14.06)",
    lane: str = "03",
) -> str:
    """A row of a New Jersey statement, which has no number."""
    return f"11/17/2026,{on},{tag},PANYNJ,TOLL,,,,{at},GWB,{lane},1,{amount},N,STANDARD,F,$85.94"


def activity(
    words: str = "TOLL",
    *,
    tag: str = "00470002743",
    on: str = "11/16/2026",
    at: str = "09:05:00",
    amount: str = "($7.89)",
) -> str:
    """A row of a later New Jersey statement, which says in a column of its own what it is."""
    return f"11/17/2026,{on},{tag},PANYNJ,{words},45,,,,{at},GWB,4,1,{amount},NO,EZ-PASS,PEAK,$235.00"


def summons(
    number: str = "FN1",
    *,
    type: str = "Directive",  # noqa: A002  (what the template calls it)
    on: str = "11/16/2026",
    at: str = "",
    license: str = "",  # noqa: A002  (the same)
    medallion: str = "",
    plate: str = "",
    state: str = "",
    amount: str = "100.00",
    due: str = "",
    note: str = "",
) -> str:
    """A row of our template of TLC summonses."""
    return ",".join([number, type, on, at, license, medallion, plate, state, amount, due, note])


def workbook(*rows: Sequence[Any], **others: Sequence[Sequence[Any]]) -> bytes:
    """An XLSX file with these rows on its first sheet, and others by their names; one called *hidden* is not shown."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for name, its_rows in others.items():
        other = book.create_sheet(name)
        other.sheet_state = "hidden" if name == "hidden" else "visible"
        for row in its_rows:
            other.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def text(head: str, rows: Sequence[str], *, end: str = "\n") -> bytes:
    return (end.join([head, *rows]) + end).encode()


def read(content: bytes, kind: str = "ezpass") -> list[Any]:
    """What the reader of this kind makes of each row; nothing is written."""
    return list(READERS[kind](io.BytesIO(content), latest_on=TODAY))


def read_one(content: bytes, kind: str = "ezpass") -> Any:
    (row,) = read(content, kind)
    return row


def stage(content: bytes, kind: str = "ezpass", name: str = "file.csv") -> services.StagedFile:
    return services.stage_file(kind=kind, file_name=name, file=io.BytesIO(content), today=TODAY)


def bring_in(content: bytes, kind: str = "ezpass", *, today: date = TODAY) -> TicketImport:
    """Stage a file and confirm it."""
    return services.confirm_import(import_id=stage(content, kind).file.pk, today=today)


def counts(file: TicketImport) -> tuple[int, ...]:
    """A file's rows: all, new, unmatched among these, known before, nobody's, with errors."""
    return (
        file.row_count,
        file.new_count,
        file.unmatched_count,
        file.known_count,
        file.nobodys_count,
        file.error_count,
    )


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


def ticket_of(number: int | str) -> Ticket:
    return Ticket.objects.get(number=str(number))


def waits(number: int | str = "1") -> str:
    """What a ticket in review waits for."""
    ticket = ticket_of(number)
    assert ticket.state == "WAITING", ticket.state
    assert ticket.driver_id is None
    return ticket.waits_for


def pay(driver: Driver, amount: str, reference: str = "EZPASS-1") -> None:
    """Take cash for one charge over the counter."""
    ledger.apply_interim_payment(
        payment_amount=Decimal(amount),
        allocations={reference: Decimal(amount)},
        driver_id=driver.pk,
        payment_method="CASH",
        effective_on=TODAY,
    )


def count_postings() -> int:
    return LedgerPosting.objects.count()


def import_lot(file: TicketImport, *, refunds: bool = False) -> bool:
    """Import the next lot of a confirmed file, of whichever part has one; return whether there was any."""
    parts = range(count_parts(file))
    return any(services.import_next_lot(import_id=file.pk, part=part, refunds=refunds) for part in parts)
