"""A cashier at work while two workers close the week: how long each payment takes, beside the same before the close."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from django.contrib.auth.models import User

from bench import closing, fleet
from bench.databases import RUN
from bench.measure import Row, measured, seconds
from bench.registry import Asked
from dtr.models import CloseBatch
from ledger import services

DRIVERS = 5_000
WORKERS = 2
BEFORE = 300
#: Between two payments: one cashier is none who keeps a core busy.
PAUSE_SECONDS = 0.005


def run(asked: Asked) -> Iterator[Row]:
    """Pay for one driver after another, at random: before the close, and from its first batch until it is done."""
    drivers = asked.drivers if asked.drivers_given else DRIVERS
    closing.make_week(drivers)
    cashier = User.objects.create_superuser("bench")
    everybody, whose = list(fleet.list_leases()), random.Random(14)

    def pay() -> float:
        time.sleep(PAUSE_SECONDS)
        return 1000 * seconds(lambda: _pay(whose.choice(everybody), cashier))

    _pay(everybody[0], cashier)  # which connects, and imports what is missing
    before, amid = [pay() for _ in range(BEFORE)], _pay_amid(pay, drivers)
    what = f"a payment amid the close of {drivers:,} drivers by {WORKERS}"
    figures: list[tuple[str, Callable[[list[float]], float], str]] = [
        ("median", statistics.median, ""),
        ("p95", lambda times: statistics.quantiles(times, n=100)[94], ""),
        # Whose driver a batch is at waits for it, and shall not think that the page hangs.
        ("the longest", max, "≤ 1,000 ms"),
    ]
    for name, of, aim in figures:
        yield measured(
            f"{what}: {name}", "ms", [of(amid)], yardstick=[of(before)], beside="before it", rows=len(amid), aim=aim
        )


def _pay_amid(pay: Callable[[], float], drivers: int) -> list[float]:
    """Return how long each payment took of those that began with a batch to do."""
    times: list[float] = []
    with ThreadPoolExecutor(1) as pool:
        closed = pool.submit(closing.close_in, RUN, drivers, WORKERS)
        while not closed.done():
            if CloseBatch.objects.filter(done_at=None).exists():
                times.append(pay())
        closed.result()
    return times


def _pay(driver_id: int, cashier: User) -> None:
    services.apply_interim_payment(
        driver_id=driver_id,
        payment_amount=Decimal("25.00"),
        allocations={},
        payment_method="CASH",
        effective_on=closing.TODAY,
        actor=cashier,
    )
