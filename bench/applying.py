"""Apply a week's earnings of every driver over what he owes."""

from decimal import Decimal

from bench.fleet import DRIVERS, DUE_ON, copy_newest, empty_copy_of_postings, next_run
from bench.measure import Row, compare, seconds
from ledger import services as ledger

#: Dollars that settle about ten of the obligations which :mod:`bench.posting` left open.
EARNED = Decimal("350.25")
SINGLES = 500
ROUNDS = 3


def run(lease_of: dict[int, int]) -> list[Row]:
    """Measure the waterfall beside a bare INSERT … SELECT, and beside one call for each driver."""
    bare: list[tuple[float, float]] = []
    loop: list[tuple[float, float]] = []
    applied = applied_singly = 0
    for _ in range(ROUNDS):
        _earn(lease_of)
        ours, applied = _time_applying(None)
        empty_copy_of_postings()
        bare.append((ours, seconds(lambda: copy_newest("APPLICATION", applied))))  # noqa: B023 - called at once
        some = dict(list(lease_of.items())[:SINGLES])
        _earn(some)
        each = [_time_applying([driver_id]) for driver_id in some]
        applied_singly = sum(applications for _, applications in each)
        loop.append((ours, sum(took for took, _ in each)))
    what = f"apply earnings of {DRIVERS:,} drivers"
    return [
        compare(what, "bare INSERT … SELECT", applied, bare, aim="≥ 0.12"),
        compare(what, "apply_weekly_earnings, one by one", applied, loop, yardstick_rows=applied_singly),
    ]


def _earn(lease_of: dict[int, int]) -> None:
    run_number = next_run()
    ledger.post_earnings_batch(
        ledger.NewEarnings(EARNED, f"BENCH-{run_number}-{driver_id}", driver_id, DUE_ON, lease_id)
        for driver_id, lease_id in lease_of.items()
    )


def _time_applying(driver_ids: list[int] | None) -> tuple[float, int]:
    """Apply once; return the seconds it took and the number of applications."""
    summaries: list[ledger.ApplicationSummary] = []
    took = seconds(lambda: summaries.append(ledger.apply_weekly_earnings(driver_ids=driver_ids, as_of=DUE_ON)))
    return took, summaries[0].applications
