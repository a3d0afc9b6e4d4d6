"""Preview and import an E-ZPass statement of 100,000 rows, beside a bare COPY of the same rows."""

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection

from bench.measure import Row, Timing, compare, seconds
from leases.models import Lease, LeaseDriver, LeaseVehicle, VehiclePlate
from leases.rules import span_of_days

ROWS = 100_000
CABS = 2_000
ROUNDS = 3
HEAD = "Lane Txn ID,Tag/Plate #,Agency,Entry Plaza,Exit Plaza,Class,Date,Exit Time,Amount"
MAX_MEGABYTES = 300


def run(lease_of: dict[int, int]) -> list[Row]:
    """Measure both steps, and say how much memory the whole process had taken in the end."""
    plates = _plate_cabs(dict(islice(lease_of.items(), CABS)))
    previews: list[tuple[Timing, Timing]] = []
    imports: list[tuple[Timing, Timing]] = []
    with tempfile.TemporaryDirectory() as folder:
        settings.MEDIA_ROOT = Path(folder)
        for number in range(ROUNDS):
            path = Path(folder) / f"tolls-{number}.csv"
            path.write_text("\n".join([HEAD, *_make_rows(number, plates)]))
            bare = Timing(ROWS, seconds(lambda: _copy_bare(path)))  # noqa: B023 - called at once
            preview, import_, megabytes = _in_a_process(path)
            previews.append((Timing(ROWS, preview), bare))
            imports.append((Timing(ROWS, import_), bare))
            print(f"  {megabytes:,.0f} MB at most in the process that imported {ROWS:,} tolls (aim ≤ {MAX_MEGABYTES})")
    return [
        compare(f"preview a statement of {ROWS:,} tolls", "bare COPY of the same rows", previews),
        compare(f"import and charge {ROWS:,} tolls", "bare COPY of the same rows", imports),
    ]


def _in_a_process(path: Path) -> list[float]:
    """Preview and import in a fresh process, whose memory is its own; seconds of each, and megabytes at most."""
    command = [sys.executable, "-m", "bench.import_tolls", path, connection.settings_dict["NAME"], settings.MEDIA_ROOT]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    figures: list[float] = json.loads(done.stdout)
    return figures


def _plate_cabs(lease_of: dict[int, int]) -> list[str]:
    """Give these leases' cabs a plate, and their leases and drivers a hold on them."""
    leases = list(Lease.objects.filter(pk__in=lease_of.values()).order_by("pk"))
    plates = [VehiclePlate(vehicle_id=lease.vehicle_id, plate=f"T{lease.pk:06d}C", state="NY") for lease in leases]
    VehiclePlate.objects.bulk_create(plates)
    spans = [(lease, span_of_days(lease.start_on, lease.end_on, None)) for lease in leases]
    LeaseVehicle.objects.bulk_create(
        LeaseVehicle(
            lease=lease, vehicle_id=lease.vehicle_id, shift="FULL", from_at=span.from_at, until_at=span.until_at
        )
        for lease, span in spans
        if not lease.vehicle_spans.exists()
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
        if not lease.driver_spans.exists()
    )
    return [plate.plate for plate in plates]


def _make_rows(number: int, plates: list[str]) -> Iterator[str]:
    for n in range(ROWS):
        plate = plates[n % len(plates)]
        second = f"{n % 60:02d}"
        yield f"{number}{n:09d},NY {plate},MTAB&T,,RKB,31,11/{n % 17 + 1:02d}/2026,11:10:{second} AM,$-9.11"


def _copy_bare(path: Path) -> None:
    """Copy the file's columns into a table without indexes, as PostgreSQL reads them."""
    with connection.cursor() as cursor, path.open("rb") as file:
        cursor.execute(
            "CREATE TEMPORARY TABLE bare_tolls "
            "(id text, worn text, agency text, entry text, leave text, class text, day text, clock text, amount text)"
        )
        with cursor.copy("COPY bare_tolls FROM STDIN WITH (FORMAT csv, HEADER)") as copy:
            while chunk := file.read(io.DEFAULT_BUFFER_SIZE * 8):
                copy.write(chunk)
        cursor.execute("DROP TABLE bare_tolls")
