"""Weeks that clocks and calendars make odd, and a cab that two drivers share."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from curb import services as curb
from curb.models import Trip
from dtr.models import Dtr
from leases import services as leases
from leases.models import Lease
from tests.books import assert_books_clean
from tests.curb import trip, trip_file
from tests.factories import DriverFactory
from tests.stories.fleet import SATURDAY, close_week, get_dtr, read_books, read_dtr, rent_cab, table

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")


def ride(lease: Lease, *starts: str, license_: str = "") -> None:
    """A card trip of 17.30 (3.30 of it taxes) from each of these clock times on, ten minutes long."""
    records = []
    for number, start in enumerate(starts):
        moment = datetime.strptime(start, "%Y-%m-%d %H:%M:%S").replace(tzinfo=NEW_YORK)
        records.append(
            trip(
                ID=f"{moment:%d%H%M%S}{number}{license_[-2:]}",
                PERIOD=f"{moment:%Y%m}",
                CABNUMBER=lease.vehicle.medallion,
                DRIVER=license_ or lease.primary_driver.tlc_license,
                START_DATE=f"{moment:%m/%d/%Y %H:%M:%S}",
                END_DATE=f"{moment:%m/%d/%Y %H:%M:%S}",
            )
        )
    done = curb.import_trips(file_name=f"{starts[0]}.xml", content=trip_file(records))
    assert done.file.imported_count == len(records)


def counted_in(week_end: date) -> list[str]:
    rows = Trip.objects.filter(week_end=week_end).order_by("start_at", "id")
    return [f"{row.start_at.astimezone(NEW_YORK):%m-%d %H:%M:%S %Z}" for row in rows]


def test_the_week_in_which_clocks_go_back():
    """2026-11-01 has 25 hours; the week is still Sunday 00:00 to Saturday 23:59:59 by New York's clocks."""
    lease = rent_cab(lease=12, weeks=0, start=date(2026, 10, 26))
    ride(
        lease,
        "2026-10-31 23:59:59",
        "2026-11-01 00:00:00",
        "2026-11-01 01:30:00",
        "2026-11-07 23:59:59",
        "2026-11-08 00:00:00",
    )
    close_week(date(2026, 10, 31))
    close_week(date(2026, 11, 7))
    close_week(date(2026, 11, 14))
    assert counted_in(date(2026, 10, 31)) == ["10-31 23:59:59 EDT"]
    assert counted_in(date(2026, 11, 7)) == ["11-01 00:00:00 EDT", "11-01 01:30:00 EDT", "11-07 23:59:59 EST"]
    assert counted_in(date(2026, 11, 14)) == ["11-08 00:00:00 EST"]
    assert [str(row.card_total) for row in Dtr.objects.order_by("week_id")] == ["17.30", "51.90", "17.30"]
    assert_books_clean()


def test_the_week_in_which_clocks_go_forward():
    """2026-03-08 has 23 hours: a trip that says 02:30 began at what was 03:30, in that week."""
    lease = rent_cab(lease=12, weeks=0, start=date(2026, 3, 2))
    ride(lease, "2026-03-07 23:59:59", "2026-03-08 00:00:00", "2026-03-08 02:30:00", "2026-03-14 23:59:59")
    close_week(date(2026, 3, 7))
    close_week(date(2026, 3, 14))
    assert counted_in(date(2026, 3, 7)) == ["03-07 23:59:59 EST"]
    assert counted_in(date(2026, 3, 14)) == ["03-08 00:00:00 EST", "03-08 03:30:00 EDT", "03-14 23:59:59 EDT"]
    assert_books_clean()


def test_the_week_of_new_year():
    """The week of 2026-12-27 to 2027-01-02 is one week, named by its Saturday, and its rent is of 2026's week 53."""
    lease = rent_cab(lease=12, rent="20.00", weeks=1, start=date(2026, 12, 28))
    ride(lease, "2026-12-31 23:59:59", "2027-01-01 00:00:00")
    close_week(date(2027, 1, 2))
    assert read_books(lease.primary_driver) == table("""
        CURB-2027-01-02-L12   34.60  8.00  OPEN
        TAXES-2027-01-02-L12   6.60  0.00  SETTLED
        LEASE-12-2026W53      20.00  0.00  SETTLED
    """)
    assert_books_clean()


def test_two_drivers_share_a_cab():
    """The lease charges its holder alone; each is credited with their own fares and charged their own taxes.

    holder         17.30 − taxes 3.30 − rent 500.00 = −486.00
    second driver  34.60 − taxes 6.60               =   28.00
    """
    lease = rent_cab(lease=12)
    holder, second = lease.primary_driver, DriverFactory.create()
    leases.add_driver(lease_id=lease.pk, driver_id=second.pk, start_on=lease.start_on, actor=None)
    ride(lease, "2026-11-18 10:00:00")
    ride(lease, "2026-11-18 20:00:00", "2026-11-18 21:00:00", license_=second.tlc_license)
    close_week(SATURDAY)
    assert read_dtr(holder, SATURDAY, lease) == table("""
        owed   opening  charged  paid  applied  closing
        TAXES        -     3.30     -     3.30        -
        LEASE        -   500.00     -    14.00   486.00
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -     17.30          -    17.30         -        -
        net due -486.00
    """)
    assert read_dtr(second, SATURDAY, lease) == table("""
        owed   opening  charged  paid  applied  closing
        TAXES        -     6.60     -     6.60        -
        held      opening  received  allocated  applied  paid-out  closing
        EARNINGS        -     34.60          -     6.60         -    28.00
        net due 28.00
    """)
    assert get_dtr(second, SATURDAY, lease).lease == lease
    assert_books_clean()
