"""Fleets made by a few statements, whatever their size: drivers, a cab and a lease for each, trips, rents, tolls."""

from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from core.clock import week_starts_at
from core.weeks import Week
from leases.rules import span_of_days

#: The drivers of the fleet that most measurements begin with.
DRIVERS = 20_000
DUE_ON = date(2026, 11, 7)
_FIRST_DAY, _LAST_DAY = date(2026, 1, 4), date(2027, 1, 2)

_MAKE_FLEET = """
INSERT INTO leases_driver (first_name, last_name, tlc_license, phone, email, status)
SELECT 'Bench', 'Driver ' || n, 1000000 + n, '', '', 'ACTIVE' FROM generate_series(%(first)s, %(last)s) AS n;

INSERT INTO leases_vehicle (vin, medallion, plate, make_and_model, status)
SELECT lpad(n::text, 17, '0'), lpad(n::text, 6, '0'), '', '', 'IN_SERVICE'
FROM generate_series(%(first)s, %(last)s) AS n;

INSERT INTO leases_lease (primary_driver_id, vehicle_id, lease_type, shift, start_on, end_on, weekly_amount, deposit,
    cancellation_fee, status, status_reason)
SELECT d.id, v.id, 'LONG_TERM', 'FULL', %(from_on)s, %(until_on)s, 500, 0, 0, 'ACTIVE', ''
FROM leases_driver d JOIN leases_vehicle v ON v.medallion = lpad((d.tlc_license::int - 1000000)::text, 6, '0')
WHERE NOT EXISTS (SELECT FROM leases_lease l WHERE l.vehicle_id = v.id) ORDER BY d.id;

INSERT INTO leases_leasevehicle (lease_id, vehicle_id, shift, from_at, until_at)
SELECT l.id, l.vehicle_id, 'FULL', %(from_at)s, %(until_at)s
FROM leases_lease l WHERE NOT EXISTS (SELECT FROM leases_leasevehicle s WHERE s.lease_id = l.id);

INSERT INTO leases_leasedriver (lease_id, driver_id, is_primary, start_on, end_on)
SELECT l.id, l.primary_driver_id, true, %(from_on)s, %(until_on)s
FROM leases_lease l WHERE NOT EXISTS (SELECT FROM leases_leasedriver s WHERE s.lease_id = l.id)
"""
_MAKE_FILE = """
INSERT INTO curb_trip_files (file_name, origin, sha256, row_count, imported_count, known_count, amended_count,
    amended_by, remarked_count, error_count)
VALUES ('bench.xml', 'FILE', %s, 0, 0, 0, 0, 0, 0, 0) RETURNING id
"""
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
_MAKE_TOLLS = """
INSERT INTO ledger_accounts (driver_id) SELECT DISTINCT primary_driver_id FROM leases_lease ON CONFLICT DO NOTHING;
INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id, due_on,
    effective_on, reason, description, posted_by_id)
SELECT 'OBLIGATION', 'DEBIT', 'EZPASS', 14.06, 'TOLL-' || l.id || '-' || n || '-' || %(start)s, l.primary_driver_id,
    l.id, %(end)s, %(start)s, '', '', %(by)s
FROM generate_series(1, %(tolls)s) AS n CROSS JOIN leases_lease l ORDER BY l.id, n
"""


def make_fleet(drivers: int) -> None:
    """Make so many drivers, a vehicle for each, and a lease of both that runs all year."""
    span = span_of_days(_FIRST_DAY, _LAST_DAY, None)
    _execute(
        _MAKE_FLEET,
        {
            "first": 0,
            "last": drivers - 1,
            "from_on": _FIRST_DAY,
            "until_on": _LAST_DAY,
            "from_at": span.from_at,
            "until_at": span.until_at,
        },
    )


def list_leases() -> dict[int, int]:
    """Return the lease of each driver."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT primary_driver_id, id FROM leases_lease ORDER BY id")
        return dict(cursor.fetchall())


def make_trips(week: Week, *, a_driver: int) -> None:
    """Give each lease's driver so many trips of that week (at most 23), seven of ten by card; no close counted them."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_FILE, [str(week)])
        (file_id,) = cursor.fetchone()
    _execute(_MAKE_TRIPS, {"file": file_id, "trips": a_driver, "start": week_starts_at(week)})


def make_rents(week: Week) -> None:
    """Have each lease's rent of that week wait to be charged."""
    _execute(_MAKE_RENTS, {"start": week.start, "end": week.end})


def make_tolls(week: Week, *, a_driver: int) -> None:
    """Charge each lease's driver so many tolls of that week, through the ledger's guards."""
    # A charge that no module answers for is somebody's, or an audit asks.
    office, _ = User.objects.get_or_create(username="bench-office")
    _execute(_MAKE_TOLLS, {"start": week.start, "end": week.end, "tolls": a_driver, "by": office.pk})


def _execute(statements: str, given: dict[str, Any]) -> None:
    """Run statements that share their parameters: one at a time, as parameters are for one."""
    with connection.cursor() as cursor:
        for statement in statements.split(";\n"):
            cursor.execute(statement, given)
