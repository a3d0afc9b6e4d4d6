"""``make bench``: make a large fleet in a database of its own, measure, print one table."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from bench import applying, fleet, posting, statements, tolls, trips  # noqa: E402 - Django must be ready first
from bench.measure import Row, print_table  # noqa: E402


def main() -> None:
    """Run every measurement in turn."""
    with fleet.bench_database():
        print(f"Making a fleet of {fleet.DRIVERS:,} drivers ...", flush=True)
        lease_of = fleet.make_fleet()
        rows: list[Row] = []
        for measurement in (statements, posting, applying, tolls, trips):
            print(f"Measuring {measurement.__name__.removeprefix('bench.')} ...", flush=True)
            rows += measurement.run(lease_of)
    print_table(rows)


if __name__ == "__main__":
    main()
