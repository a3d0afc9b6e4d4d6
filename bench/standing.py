"""How the fleet stands, by plain reads: whether a week is ready to close, and the current balance of every driver.

Beside them, the least that such a read could be: one bare statement that adds up the same rows by driver.
"""

from collections.abc import Callable, Iterator
from datetime import date

from django.db import connection

from bench import closing
from bench.measure import Row, measured, seconds
from bench.registry import Asked
from dtr import selectors

ROUNDS = 3
SHORT, FULL = 5_000, 180_000
#: For the whole fleet of a city; a smaller one has so much less.
AIM_SECONDS, LEAST_SECONDS = 30.0, 1.0
#: Within the week, when some of what is read is not due yet.
TODAY = date(2026, 11, 6)
BESIDE = "bare sums of the same rows, by driver"
_BARE = """
SELECT count(*) FROM (
    SELECT driver_id, sum(sum) FROM (
        SELECT driver_id, sum(remaining) FROM ledger_balances WHERE status = 'OPEN' GROUP BY driver_id
        UNION ALL
        SELECT driver_id, sum(total) FROM curb_trips WHERE week_end IS NULL GROUP BY driver_id
        UNION ALL
        SELECT l.primary_driver_id, sum(i.amount)
        FROM leases_leaseinstallment i JOIN leases_lease l ON l.id = i.lease_id GROUP BY l.primary_driver_id
    ) AS parts GROUP BY driver_id
) AS drivers
"""


def run(asked: Asked) -> Iterator[Row]:
    """Make a week that nobody has closed, and read it."""
    drivers = asked.drivers if asked.drivers_given else FULL if asked.is_full else SHORT
    closing.make_week(drivers)
    yield from read_standing(drivers)


def read_standing(drivers: int) -> Iterator[Row]:
    """Measure each read in turn with the bare one."""
    reads: list[tuple[str, Callable[[], object]]] = [
        ("readiness of a week", lambda: selectors.read_readiness(week=closing.WEEK, today=closing.TODAY)),
        ("what the close would do", lambda: selectors.read_close_ahead(closing.WEEK)),
        ("current balances", lambda: selectors.list_current_balances(TODAY)),
    ]
    aim = f"≤ {max(AIM_SECONDS * drivers / FULL, LEAST_SECONDS):.1f} s"
    for what, read in reads:
        rounds = [(seconds(read), seconds(_read_bare)) for _ in range(ROUNDS)]
        ours, bare = [one for one, _ in rounds], [other for _, other in rounds]
        name = f"{what}, {drivers:,} drivers"
        yield measured(name, "s", ours, yardstick=bare, beside=BESIDE, rows=drivers, aim=aim)


def _read_bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BARE)
        cursor.fetchone()
