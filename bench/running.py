"""A measurement in a process of its own: a database of its own, and memory that nothing before has used."""

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from django.db import connection

from bench import fleet
from bench.databases import EMPTY, FLEET, KEPT, RUN, copy_database, drop, exists, settle, work_in
from bench.errors import MeasurementFailed
from bench.measure import Row, seconds
from bench.registry import Asked, Measurement


def prepare_fleet(drivers: int) -> float:
    """Make the database with the fleet that most measurements begin with; return how many seconds it took."""

    def make() -> None:
        copy_database(EMPTY, FLEET)
        work_in(FLEET)
        fleet.make_fleet(drivers)
        settle()
        connection.close()

    return seconds(make)


def run_apart(measurement: Measurement, asked: Asked) -> list[Row]:
    """Take a measurement in a copy of what it begins with; what it prints on its way goes to the terminal.

    :raises MeasurementFailed: it ended without its figures
    """
    if measurement.begins_with == FLEET and not exists(FLEET):
        print(f"  a fleet of {asked.drivers:,} drivers: {prepare_fleet(asked.drivers):.1f} s", flush=True)
    copy_database(measurement.begins_with, RUN)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.json"
        words = [measurement.name, str(out), str(asked.drivers)]
        words += ["--full"] if asked.is_full else []
        words += ["--drivers-given"] if asked.drivers_given else []
        done = subprocess.run([sys.executable, "-m", "bench.child", *words], check=False)
        drop(RUN, KEPT)
        if done.returncode or not out.exists():
            raise MeasurementFailed(f"It ended with {done.returncode}; what it said is above.")
        return [Row(**row) for row in json.loads(out.read_text())]


def write_rows(rows: list[Row], out: Path) -> None:
    """Hand the rows to the process that asked for them."""
    out.write_text(json.dumps([asdict(row) for row in rows]))
