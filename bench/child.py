"""``python -m bench.child NAME OUT DRIVERS [--full] [--drivers-given]``: the process of one measurement."""

import argparse
from pathlib import Path

from django.db import connection

import bench.ready  # noqa: F401 - before anything that needs Django
from bench import fleet
from bench.databases import RUN, work_in
from bench.registry import MEASUREMENTS, Asked
from bench.running import write_rows


def main() -> None:
    """Take the measurement in the database that was made for it, and write its rows into the file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("out", type=Path)
    parser.add_argument("drivers", type=int)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--drivers-given", action="store_true")
    given = parser.parse_args()
    (measurement,) = [one for one in MEASUREMENTS if one.name == given.name]
    work_in(RUN)
    asked = Asked(
        is_full=given.full,
        drivers=given.drivers,
        drivers_given=given.drivers_given,
        database=RUN,
        lease_of=fleet.list_leases(),
    )
    rows = list(measurement.run(asked))
    connection.close()
    write_rows(rows, given.out)


if __name__ == "__main__":
    main()
