"""Files on their way in: tolls and trips, which have modules of their own."""

from bench import tolls, trips
from bench.measure import Row
from bench.registry import Asked


def run_tolls(asked: Asked) -> list[Row]:
    """Preview and import a statement of tolls: a million rows, to see what memory takes; 20,000 in the short bench."""
    tolls.ROWS, tolls.ROUNDS = (1_000_000 if asked.is_full else 20_000), 2
    return tolls.run(asked.lease_of)


def run_trips(asked: Asked) -> list[Row]:
    """Read and store files of trips: of 50,000, or of 20,000 in the short bench."""
    if not asked.is_full:
        trips.ROWS = 20_000
    return trips.run(asked.lease_of)
