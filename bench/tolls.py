"""Preview and import an E-ZPass statement, beside a bare COPY of the same rows."""

import io
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.db import connection

from bench.measure import Row, Timing, compare, seconds
from leases.models import Lease, VehiclePlate
from tickets.rules import PARTS

ROWS = 100_000
CABS = 2_000
ROUNDS = 4
HEAD = "Lane Txn ID,Tag/Plate #,Agency,Entry Plaza,Exit Plaza,Class,Date,Exit Time,Amount"
MAX_MEGABYTES = 200


def run(lease_of: dict[int, int]) -> list[Row]:
    """Measure the steps, by one process and by two, and say how much memory each had taken in the end."""
    plates = _plate_cabs(dict(islice(lease_of.items(), CABS)))
    rates: dict[str, list[tuple[Timing, Timing]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            path = Path(folder) / f"tolls-{number}.csv"
            path.write_text("\n".join([HEAD, *_make_rows(number, plates)]))
            bare = Timing(ROWS, seconds(lambda: _copy_bare(path)))  # noqa: B023 - called at once
            for what, took, megabytes in _take_steps(path, is_by_two=number % 2 == 1):
                rates[what].append((Timing(ROWS, took), bare))
                print(
                    f"  {what}: {ROWS / took:,.0f} rows a second, {megabytes:,.0f} MB at most (aim ≤ {MAX_MEGABYTES})"
                )
    return [compare(f"{what} of {ROWS:,} tolls", "bare COPY of the same rows", rates[what]) for what in rates]


def _take_steps(path: Path, *, is_by_two: bool) -> Iterator[tuple[str, float, float]]:
    """Preview a statement and import it; yield what was done, in how many seconds, with how many megabytes at most."""
    took, import_id, megabytes = _read(_start("preview", path))
    yield "preview", took, megabytes
    if not is_by_two:
        took, megabytes = _read(_start("import", int(import_id)))
        yield "import and charge", took, megabytes
        return
    parts = [_read(process) for process in [_start("part", int(import_id), part) for part in range(PARTS)]]
    begun, ended = min(part[0] for part in parts), max(part[1] for part in parts)
    yield "import and charge, two parts at a time,", ended - begun, max(part[2] for part in parts)


def _start(*step: object) -> "subprocess.Popen[str]":
    """Take a step in a fresh process, whose memory is its own."""
    command = [sys.executable, "-m", "bench.import_tolls", connection.settings_dict["NAME"], *map(str, step)]
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)


def _read(process: "subprocess.Popen[str]") -> list[float]:
    said, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    figures: list[float] = json.loads(said)
    return figures


def _plate_cabs(lease_of: dict[int, int]) -> list[str]:
    """Give these leases' cabs a plate."""
    leases = list(Lease.objects.filter(pk__in=lease_of.values()).order_by("pk"))
    plates = [VehiclePlate(vehicle_id=lease.vehicle_id, plate=f"T{lease.pk:06d}C", state="NY") for lease in leases]
    VehiclePlate.objects.bulk_create(plates)
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
