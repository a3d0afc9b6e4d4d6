"""Apply a week's earnings of every driver over what they owe."""

from collections.abc import Iterator
from decimal import Decimal

from bench import bare
from bench.fleet import DUE_ON
from bench.measure import Row, Timing, compare, seconds
from bench.posting import make_obligations, next_run
from bench.registry import Asked
from ledger import services as ledger
from ledger.categories import Category

#: Ten obligations are owed by each driver in each round, and their earnings settle most of them.
OWED, EARNED = 10, Decimal("350.25")
SINGLES = 300
ROUNDS = 3


def run(asked: Asked) -> Iterator[Row]:
    """Measure applying by priority beside a bare INSERT … SELECT, and beside one call for each driver."""
    limit: list[tuple[Timing, Timing]] = []
    loop: list[tuple[Timing, Timing]] = []
    some = dict(list(asked.lease_of.items())[:SINGLES])
    for _ in range(ROUNDS):
        _owe_and_earn(asked.lease_of)
        ours = _time_applying(None)
        limit.append((ours, bare.time_limit("APPLICATION", ours.rows)))
        _owe_and_earn(some)
        each = [_time_applying([driver_id]) for driver_id in some]
        loop.append((ours, Timing(sum(one.rows for one in each), sum(one.seconds for one in each))))
    what = f"apply earnings of {len(asked.lease_of):,} drivers"
    yield compare(what, bare.BESIDE, limit, aim="≥ 0.22")
    yield compare(what, "loop: apply_weekly_earnings, one by one", loop)


def _owe_and_earn(lease_of: dict[int, int]) -> None:
    ledger.create_obligations(make_obligations(lease_of, OWED))
    run_number = next_run()
    ledger.post_earnings_batch(
        ledger.Opening(
            category=Category.EARNINGS,
            amount=EARNED,
            reference_id=f"BENCH-{run_number}-{driver_id}",
            driver_id=driver_id,
            effective_on=DUE_ON,
            lease_id=lease_id,
        )
        for driver_id, lease_id in lease_of.items()
    )


def _time_applying(driver_ids: list[int] | None) -> Timing:
    """Apply once, to all drivers or to the given ones; the rows are the applications it made."""
    summaries: list[ledger.ApplicationSummary] = []
    took = seconds(lambda: summaries.append(ledger.apply_weekly_earnings(driver_ids=driver_ids, as_of=DUE_ON)))
    return Timing(summaries[0].applications, took)
