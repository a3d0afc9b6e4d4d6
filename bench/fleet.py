"""A throw-away database with many drivers, and the bare table that ours is measured beside."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.conf import settings
from django.db import connection

from core.clock import week_starts_at
from core.weeks import Week
from leases.models import Driver, Lease, LeaseDriver, LeaseVehicle, Vehicle
from leases.rules import span_of_days

DRIVERS = 20_000
DUE_ON = date(2026, 11, 7)

_runs = itertools.count(1)


_MAKE_TRIPS = """
INSERT INTO curb_trips (file_id, period, record_id, raw, license, cab, service_number, start_at, end_at, payment_type,
    fare, tips, extras, tolls, mta_tax, improvement, congestion, airport, cbd, ehail, health, total,
    driver_id, vehicle_id, lease_id, waits_for, counts_as)
SELECT %(file)s, to_char(%(start)s::date, 'YYYYMM'), l.id || '-' || n || '-' || %(start)s::date,
    '<RECORD ID="' || n || '"/>', '', '', n::text,
    %(start)s + n * interval '7 hours', %(start)s + n * interval '7 hours' + interval '20 minutes',
    CASE WHEN n %% 10 < 7 THEN 'CARD' ELSE 'CASH' END, 12.50, 3.10, 1.00, 0, 0.50, 1.00, 2.50, 0, 0.75, 0, 0, 21.35,
    l.primary_driver_id, l.vehicle_id, l.id, '', ''
FROM generate_series(1, %(trips)s) AS n CROSS JOIN leases_lease l ORDER BY n, l.id
"""
_MAKE_RENTS = """
INSERT INTO leases_leaseinstallment (reference_id, number, due_on, amount, on_hold, lease_id, week_start, relief, memos)
SELECT 'LEASE-' || id || '-' || to_char(%(start)s + 1, 'IYYY"W"IW'), extract(doy FROM %(start)s), %(end)s, 500, false,
    id, %(start)s, 0, 0
FROM leases_lease
"""


@contextmanager
def bench_database() -> Iterator[None]:
    """Make a database of its own, migrated and empty, and drop it in the end; as the owner, who may do all that."""
    connection.settings_dict |= {name: value for name, value in settings.OWNER_DATABASE.items() if name != "OPTIONS"}
    connection.settings_dict["TEST"]["NAME"] = "bench"
    old_name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(old_name, verbosity=0)


def make_fleet(first: int = 0, until: int | None = None) -> dict[int, int]:
    """Make the drivers (of these numbers), a vehicle for each and a lease of both; return the lease of each driver."""
    numbers = range(first, DRIVERS if until is None else until)
    drivers = Driver.objects.bulk_create(
        Driver(first_name="Bench", last_name=f"Driver {n}", tlc_license=f"{1_000_000 + n}") for n in numbers
    )
    vehicles = Vehicle.objects.bulk_create(Vehicle(vin=f"{n:017d}", medallion=f"{n:06d}") for n in numbers)
    leases = Lease.objects.bulk_create(
        Lease(
            primary_driver=driver,
            vehicle=vehicle,
            start_on=date(2026, 1, 4),
            end_on=date(2027, 1, 2),
            weekly_amount=500,
        )
        for driver, vehicle in zip(drivers, vehicles, strict=True)
    )
    spans = [(lease, span_of_days(lease.start_on, lease.end_on, None)) for lease in leases]
    LeaseVehicle.objects.bulk_create(
        LeaseVehicle(
            lease=lease, vehicle_id=lease.vehicle_id, shift="FULL", from_at=span.from_at, until_at=span.until_at
        )
        for lease, span in spans
    )
    LeaseDriver.objects.bulk_create(
        LeaseDriver(
            lease=lease,
            driver_id=lease.primary_driver_id,
            is_primary=True,
            start_on=lease.start_on,
            end_on=lease.end_on,
        )
        for lease in leases
    )
    return {lease.primary_driver_id: lease.pk for lease in leases}


def make_trips(week: Week, *, a_driver: int) -> None:
    """Give each lease's driver so many trips of that week (at most 23), seven of ten by card; no close counted them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO curb_trip_files (file_name, origin, sha256, row_count, imported_count, known_count, "
            "amended_count, amended_by, remarked_count, error_count) "
            "VALUES ('bench.xml', 'FILE', %s, 0, 0, 0, 0, 0, 0, 0) RETURNING id",
            [str(week)],
        )
        (file_id,) = cursor.fetchone()
        cursor.execute(_MAKE_TRIPS, {"file": file_id, "trips": a_driver, "start": week_starts_at(week)})


def make_rents(week: Week) -> None:
    """Have each lease's rent of that week wait to be charged."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_RENTS, {"start": week.start, "end": week.end})


def next_run() -> int:
    """A number no reference of this database bears yet."""
    return next(_runs)


def empty_copy_of_postings() -> None:
    """(Re)make ``bare_postings``: the postings table with its columns, defaults and indexes, and none of its guards."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_postings")
        cursor.execute(
            "CREATE TABLE bare_postings (LIKE ledger_postings INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)"
        )


def copy_newest(kind: str, rows: int) -> None:
    """Insert as many rows as ours did, and the same, by one bare INSERT … SELECT."""
    columns = (
        "kind, entry_type, category, amount, reference_id, driver_id, lease_id, vehicle_id, balance_id, funding_id, "
        "due_on, effective_on, reason, posted_by_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO bare_postings ({columns}) SELECT {columns} FROM "
            "(SELECT * FROM ledger_postings WHERE kind = %s ORDER BY id DESC LIMIT %s) AS newest",
            [kind, rows],
        )
