"""Read and store a file of 50,000 CURB trips, beside a bare COPY of the same records."""

import hashlib
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

from django.db import connection

from bench.measure import Row, Timing, compare, seconds
from leases.models import Driver, Lease

ROWS = 50_000
CABS = 2_000
ROUNDS = 3
AIM = "≥ 12,000/s"


def run(lease_of: dict[int, int]) -> list[Row]:
    """Measure each file in a fresh process, and say how much memory it had taken in the end."""
    leases = list(Lease.objects.select_related("vehicle").order_by("pk")[:CABS])
    drivers = Driver.objects.in_bulk([lease.primary_driver_id for lease in leases])
    pairs = [(drivers[lease.primary_driver_id].tlc_license, lease.vehicle.medallion) for lease in leases]
    rounds: list[tuple[Timing, Timing]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            path = Path(folder) / f"trips-{number}.xml"
            path.write_bytes(make_file(make_records(number, pairs)))
            bare = Timing(ROWS, seconds(lambda: _copy_bare(path)))  # noqa: B023 - called at once
            command = [sys.executable, "-m", "bench.import_trips", str(path), str(connection.settings_dict["NAME"])]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            took, megabytes, statements = json.loads(done.stdout)
            print(f"  {megabytes:,.0f} MB at most, {statements} statements for {ROWS:,} trips")
            rounds.append((Timing(ROWS, took), bare))
    return [compare(f"read and store {ROWS:,} trips", "bare COPY of the same records", rounds, aim=AIM)]


def make_records(number: int, pairs: list[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """Card trips of these licenses and cabs over four weeks, each with sums of its own."""
    for n in range(ROWS):
        license_, medallion = pairs[n % len(pairs)]
        day, minute = n % 28 + 1, f"{n % 24:02d}:{n // 24 % 59:02d}"
        fare, tips = 500 + n * 7 % 6000, n * 11 % 1200
        yield {
            "ID": f"{number}{n:07d}", "PERIOD": "202611", "CABNUMBER": medallion, "DRIVER": license_,
            "NUM_SERVICE": str(n % 1000), "START_DATE": f"11/{day:02d}/2026 {minute}:{n % 60:02d}",
            "END_DATE": f"11/{day:02d}/2026 {minute}:59", "TRIP": f"{fare / 100:.2f}", "TIPS": f"{tips / 100:.2f}",
            "EXTRAS": "1.00", "TOLLS": "0.00", "TAX": "0.50", "IMPTAX": "1.00",
            "TOTAL_AMOUNT": f"{(fare + tips + 575) / 100:.2f}", "EHAILFEE": "0.00", "HEALTHFEE": "0.00",
            "CONGFEE": "2.50", "airportFee": "0.00", "cbdt": "0.75", "T": "C" if n % 10 < 7 else "$",
            "CCNUMBER": "************4242", "AUTHCODE": f"{n:06d}", "AUTHAMT": f"{(fare + tips + 575) / 100:.2f}",
            "PASSENGER_NUM": "1", "DIST_SERVCE": f"{n % 90 / 10:.1f}", "FROM_ADDRESS": f"{n % 900} Broadway",
            "TO_ADDRESS": "JFK", "GPS_START_LA": "40.7580", "GPS_START_LO": "-73.9855",
        }  # fmt: skip


def make_file(records: Iterator[dict[str, str]]) -> bytes:
    rows = (
        "<RECORD {}/>".format(" ".join(f"{name}={quoteattr(value)}" for name, value in record.items()))
        for record in records
    )
    return ("<trips>" + "\n".join(rows) + "</trips>").encode()


def _copy_bare(path: Path) -> None:
    """Copy the file's records into a table of one column without indexes."""
    name = f"bare_{hashlib.sha256(path.name.encode()).hexdigest()[:8]}"
    with connection.cursor() as cursor, path.open("rb") as file:
        cursor.execute(f"CREATE TEMPORARY TABLE {name} (record text)")
        with cursor.copy(f"COPY {name} FROM STDIN") as copy:
            while chunk := file.read(io.DEFAULT_BUFFER_SIZE * 8):
                copy.write(chunk)
        cursor.execute(f"DROP TABLE {name}")
