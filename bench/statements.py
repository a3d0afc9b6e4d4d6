"""Print the DTRs of a week: a hundred trips, rent, tolls and a payment behind each."""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from bench.measure import Row, Timing, compare, measured
from bench.memory import watching_memory
from bench.registry import Asked
from core.clock import week_starts_at
from core.weeks import week_ending
from curb.models import Trip, TripFile
from dtr import exports, selectors
from dtr import services as dtr
from dtr.models import Dtr
from dtr.services import closes
from leases.models import Lease
from ledger import services as ledger

#: A week that no other measurement posts in.
WEEK = week_ending(date(2026, 11, 14))
DRIVERS = 100
TRIPS_EACH = 100
ROUNDS = 3


def run(asked: Asked) -> Iterator[Row]:
    """Measure a week in one file, and each DTR by itself, by this core's own seconds (CPU, not the clock's)."""
    some = dict(list(asked.lease_of.items())[:DRIVERS])
    _make_week(some)
    dtrs = list(selectors.list_dtrs().filter(week=WEEK.end, lease__isnull=False).prefetch_related("lines"))
    rounds = [(time_printing(dtrs, len(dtrs)), time_printing(dtrs[:20], 1)) for _ in range(ROUNDS)]
    what = f"print {len(dtrs)} DTRs of {TRIPS_EACH} trips in one file"
    yield compare(what, "one file for each", rounds, aim="≥ 40/s")
    with watching_memory() as memory:
        exports.print_dtrs(dtrs)
    yield measured(f"{what}: most memory of a process", "MB", [memory.megabytes], aim="≤ 300 MB")


def time_printing(dtrs: list[Dtr], in_a_file: int) -> Timing:
    """Print them, so many in a file; the seconds are those of CPU, the typesetter's too."""
    began = _cpu_seconds()
    for start in range(0, len(dtrs), in_a_file):
        exports.print_dtrs(dtrs[start : start + in_a_file])
    return Timing(len(dtrs), _cpu_seconds() - began)


def time_streaming(dtrs: QuerySet[Dtr]) -> Timing:
    """Print them as the page of a week does, part by part in one file; the seconds as above."""
    began = _cpu_seconds()
    for _ in exports.stream_dtrs(dtrs):
        pass
    return Timing(dtrs.count(), _cpu_seconds() - began)


def _cpu_seconds() -> float:
    """What this process and those it waited for (the typesetter) have used of a core."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _make_week(lease_of: dict[int, int]) -> None:
    file = TripFile.objects.create(file_name="bench", sha256="b" * 64, row_count=0)
    vehicle_of = dict(Lease.objects.filter(pk__in=lease_of.values()).values_list("pk", "vehicle_id"))
    first = week_starts_at(WEEK)
    for driver_id, lease_id in lease_of.items():
        # A hundred at a time: what this process holds at most is asked for afterwards.
        Trip.objects.bulk_create(
            Trip(
                period="202611",
                record_id=f"{driver_id}-{number}",
                file=file,
                raw="<trip/>",
                license="1000000",
                cab="9Z90",
                start_at=first + timedelta(minutes=100 * number),
                payment_type="CASH" if number % 4 == 0 else "CARD",
                fare=Decimal("10.00"),
                tips=Decimal("3.00"),
                extras=Decimal("1.00"),
                tolls=Decimal("0.00"),
                mta_tax=Decimal("0.50"),
                improvement=Decimal("0.30"),
                congestion=Decimal("2.50"),
                airport=Decimal("0.00"),
                cbd=Decimal("0.00"),
                ehail=Decimal("0.00"),
                health=Decimal("0.00"),
                total=Decimal("17.30"),
                driver_id=driver_id,
                vehicle_id=vehicle_of[lease_id],
                lease_id=lease_id,
            )
            for number in range(TRIPS_EACH)
        )
    ledger.create_obligations(
        [
            ledger.Opening(
                category=category,
                amount=Decimal(amount),
                reference_id=f"BENCH-DTR-{category}-{driver_id}",
                driver_id=driver_id,
                lease_id=lease_id,
                due_on=WEEK.end,
                effective_on=WEEK.end,
            )
            for driver_id, lease_id in lease_of.items()
            for category, amount in (("LEASE", "500.00"), ("EZPASS", "9.11"), ("PVB", "115.00"), ("REPAIR", "200.00"))
        ]
    )
    # What a fleet has not yet got ready (audits, CURB) is no part of what is measured.
    closes.check_ready = lambda week, today: None
    dtr.start_week(week=WEEK, today=WEEK.next.start)
    drivers = list(lease_of)
    dtr.credit_earnings(week=WEEK, driver_ids=drivers)
    ledger.apply_weekly_earnings(as_of=WEEK.end, driver_ids=drivers)
    dtr.generate_dtrs(week=WEEK, driver_ids=drivers, today=WEEK.next.start)
