"""A small fleet in the week of 2026-03-01 to 2026-03-07, and short words for what tests look at."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from core.weeks import Week, week_of
from curb import services as curb
from curb.models import Trip
from curb.selectors import list_unseen_files
from dtr import selectors
from dtr import services as dtr
from dtr.models import MAY_BE_OVERRULED, Dtr
from leases.models import Driver, Lease
from ledger import selectors as ledger
from ledger.categories import Status
from tests.curb import trip, trip_file
from tests.factories import DriverFactory, LeaseFactory, UserFactory

SATURDAY = date(2026, 3, 7)
SUNDAY = date(2026, 3, 8)
NEXT_SATURDAY = date(2026, 3, 14)
NEXT_SUNDAY = date(2026, 3, 15)
WEEK = week_of(SATURDAY)
NEXT_WEEK = WEEK.next

_record_ids = count(1)


def leased_driver(license_: str = "5000001", medallion: str = "9Z90", **lease: Any) -> Lease:
    """A driver with a cab and a lease of their own, without rent: only what a test posts moves their account."""
    return LeaseFactory.create(
        primary_driver=DriverFactory.create(tlc_license=license_), vehicle__medallion=medallion, **lease
    )


def drive(*records: dict[str, str]) -> list[Trip]:
    """Import these trips, each a record of its own unless it says otherwise, and return them in their order."""
    numbered = [
        {**record, "ID": record["ID"] if record["ID"] != "1" else f"N{next(_record_ids)}"} for record in records
    ]
    curb.import_trips(file_name="trips.xml", content=trip_file(numbered))
    return list(Trip.objects.filter(record_id__in=[record["ID"] for record in numbered]).order_by("id"))


def card(total: str = "17.30", **attributes: str) -> dict[str, str]:
    """A card trip with 3.30 of taxes."""
    return trip(TOTAL_AMOUNT=total, **attributes)


def cash(total: str = "14.30", **attributes: str) -> dict[str, str]:
    """A cash trip with 3.30 of taxes."""
    return trip(T="$", TIPS="0.00", TOTAL_AMOUNT=total, **attributes)


def expect(since: date | None = WEEK.start) -> None:
    curb.expect_card_trips(since=since, reason="Card money comes through the fleet.", actor=None)


def drive_days(*days: date, trips: int = 1, **attributes: str) -> None:
    """Card trips on each of these days."""
    drive(
        *(
            card(START_DATE=f"{day:%m/%d/%Y} 10:{minute:02d}:00", END_DATE=f"{day:%m/%d/%Y} 11:00:00", **attributes)
            for day in days
            for minute in range(trips)
        )
    )


def days_but(*missing: date) -> list[date]:
    return [day for day in WEEK.days if day not in missing]


def start(week: Week = WEEK) -> None:
    """Begin a week's close, so that its steps can be called one by one."""
    dtr.start_week(week=week, today=date(2027, 1, 1))


def close(week: Week = WEEK) -> None:
    make_ready(week)
    dtr.close_week(week=week, today=date(2027, 1, 1))


def make_ready(week: Week = WEEK) -> None:
    """Look at what was not read, and overrule what else stands in the way, as a supervisor would."""
    for file in list_unseen_files(week):
        curb.mark_seen(file_id=file.file_id, reason="Nothing of ours", actor=None)
    today = date(2027, 1, 1)
    for check in {check for check, _ in selectors.read_readiness(week=week, today=today).blocking}:
        if check in MAY_BE_OVERRULED:
            supervisor = UserFactory.create(groups=["Supervisor"])
            dtr.overrule_check(week=week, check=check, reason="Not of this test", today=today, actor=supervisor)


def live_balances(driver: Driver) -> dict[str, tuple[str, str, Decimal, Decimal]]:
    """Reference → side, category, original amount and what remains, of all that is not voided."""
    return {
        balance.reference_id: (
            str(balance.entry_type),
            str(balance.category),
            balance.original_amount,
            balance.remaining,
        )
        for balance in ledger.list_balances(driver_id=driver.pk).exclude(status=Status.VOIDED)
    }


def count_postings() -> int:
    return ledger.list_postings().count()


def lines_of(statement: Dtr) -> dict[str, dict[str, str]]:
    """Side and category → the columns that are not zero, as text."""
    columns = ("opening", *ledger.MOVEMENT_COLUMNS, "closing")
    return {
        f"{line.entry_type} {line.category}": {
            column: str(getattr(line, column)) for column in columns if getattr(line, column)
        }
        for line in statement.lines.all()
    }


def get_dtr(lease: Lease | None, driver: Driver | None = None, week: Week = WEEK) -> Dtr:
    if driver is None:
        assert lease is not None
        driver = lease.primary_driver
    return Dtr.objects.get(driver=driver, lease=lease, week=week.end)


def ids(rows: Iterable[Any]) -> list[int]:
    return [row.pk for row in rows]
