"""A week of the whole city: 180,000 drivers and 3.6 million trips, from CURB's files to the DTRs of all of them.

It is some two million postings. Each step is told as it ends, beside the same step of a sixtieth of the city.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.db import connection

from bench import closing, fleet, statements, trips
from bench.databases import EMPTY, RUN, copy_database, settle, work_in
from bench.measure import Row, seconds
from bench.memory import watching_memory
from bench.registry import Asked
from bench.standing import read_standing
from bench.tables import say_number
from core.clock import week_starts_at
from dtr import exports, selectors
from leases.models import Lease
from ledger import services as ledger

DRIVERS = 180_000
PART = 60
#: Cabs whose trips are in one file: 50,000 of them.
CABS_IN_A_FILE = 2_500
HOURS_BETWEEN = 8
TOLLS = 4
#: DTRs that are printed; all of the city's are nine times as many of the same.
PRINTED = 20_000
WEEK = closing.WEEK
MEMORY = "≤ 300 MB"


@dataclass
class City:
    """What the steps of one city took: rows and seconds by what was done, and the most memory of a process."""

    drivers: int
    steps: dict[str, tuple[int, float]] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)
    standing: list[Row] = field(default_factory=list)

    def tell(self, what: str, rows: int, took: float, megabytes: float = 0.0) -> None:
        """Note a step, and print it for whoever waits."""
        self.steps[what] = (rows, took)
        told = f"{rows:,} in {took:,.1f} s, {say_number(rows / took, '/s')}"
        if megabytes:
            self.megabytes[what] = megabytes
            told += f", {megabytes:,.0f} MB at most"
        print(f"    {what}: {told}", flush=True)


def run(asked: Asked) -> Iterator[Row]:
    """Live through the week of a part of the city, and then of all of it."""
    drivers = asked.drivers if asked.drivers_given else DRIVERS
    small, city = (_live_through(size) for size in (max(drivers // PART, 500), drivers))
    yield from city.standing
    for what, (rows, took) in city.steps.items():
        few, took_small = small.steps[what]
        yield Row(
            what=f"{drivers:,} drivers: {what}",
            beside=f"of {small.drivers:,}",
            rows=rows,
            ours=rows / took,
            yardstick=few / took_small,
            ratio=(rows / took) / (few / took_small),
        )
    for what, megabytes in city.megabytes.items():
        name = f"{drivers:,} drivers: {what}, memory"
        yield Row(name, f"of {small.drivers:,}", 0, megabytes, small.megabytes[what],
                  megabytes / small.megabytes[what], aim=MEMORY, unit="MB")  # fmt: skip


def _live_through(drivers: int) -> City:
    city = City(drivers)
    print(f"  {drivers:,} drivers", flush=True)
    copy_database(EMPTY, RUN)
    work_in(RUN)
    city.tell("drivers, cabs and leases made", drivers, seconds(lambda: fleet.make_fleet(drivers)))
    settle()
    _import_trips(city)
    tolls = seconds(lambda: fleet.make_tolls(WEEK, a_driver=TOLLS))
    city.tell("tolls charged by one statement", TOLLS * drivers, tolls)
    fleet.make_rents(WEEK)
    settle()
    for row in read_standing(drivers):
        city.standing.append(row)
        print(f"    {row.what}: {say_number(row.ours, row.unit)}", flush=True)
    closed = closing.close_in(RUN, drivers, 2)
    took = sum(phase.clock for phase in closed.phases)
    city.tell("the close by two workers", drivers, took, closed.megabytes)
    settle()
    postings = _count("ledger_postings")
    city.tell("postings sealed", postings, seconds(ledger.seal_rows))
    _print_dtrs(city)
    _write_week(city)
    return city


def _import_trips(city: City) -> None:
    """Import the week's trips by CURB's files, each as it comes, in a process of its own."""
    pairs = list(Lease.objects.order_by("pk").values_list("primary_driver__tlc_license", "vehicle__medallion"))
    rows, took, megabytes, said = 0, 0.0, 0.0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trips.xml"
        for number, start in enumerate(range(0, len(pairs), CABS_IN_A_FILE)):
            some = pairs[start : start + CABS_IN_A_FILE]
            trips.ROWS = len(some) * closing.TRIPS
            path.write_bytes(trips.make_file(_in_the_week(number, some)))
            command = [sys.executable, "-m", "bench.import_trips", str(path), RUN]
            told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
            rows, took, megabytes = rows + trips.ROWS, took + told[0], max(megabytes, told[-2])
            if time.monotonic() - said > 30:
                said = time.monotonic()
                print(f"      {rows:,} trips so far, {rows / took:,.0f} a second", flush=True)
    matched = _count("curb_trips WHERE driver_id IS NOT NULL AND week_end IS NULL")
    if matched != rows:
        raise SystemExit(f"Of {rows:,} trips {matched:,} wait for the close.")
    city.tell("trips imported from files", rows, took, megabytes)


def _in_the_week(number: int, pairs: list[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """Trips as the bench of files has them, each of a driver some hours after the one before."""
    first = week_starts_at(WEEK).replace(tzinfo=None)
    for n, record in enumerate(trips.make_records(number, pairs)):
        begins = first + timedelta(hours=1 + HOURS_BETWEEN * (n // len(pairs)), seconds=n % 3000)
        ends = begins + timedelta(minutes=9)
        yield {
            **record,
            "ID": f"NY{number}-{n}",
            "START_DATE": f"{begins:%m/%d/%Y %H:%M:%S}",
            "END_DATE": f"{ends:%m/%d/%Y %H:%M:%S}",
        }


def _print_dtrs(city: City) -> None:
    """Print so many of the DTRs (PRINTED) in one file, by the seconds of CPU that it costs one core."""
    dtrs = selectors.list_dtrs().filter(week=WEEK.end, lease__isnull=False)[:PRINTED]
    with watching_memory() as memory:
        timing = statements.time_streaming(dtrs)
    city.tell("DTRs printed, one core", timing.rows, timing.seconds, memory.megabytes)
    minutes = city.drivers * timing.seconds / timing.rows / 60
    print(f"      all {city.drivers:,} of them: {minutes:,.0f} minutes of one core", flush=True)


def _write_week(city: City) -> None:
    """Write the week's DTRs as one table."""
    took = seconds(lambda: exports.week_as_csv(WEEK))
    city.tell("DTRs as one CSV", selectors.list_dtrs().filter(week=WEEK.end).count(), took)


def _count(what: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {what}")
        return int(cursor.fetchone()[0])
