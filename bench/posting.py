"""Post 10 obligations for each driver, through the array path."""

from decimal import Decimal

from bench.fleet import DRIVERS, DUE_ON, copy_newest, empty_copy_of_postings, next_run
from bench.measure import Row, Timing, compare, seconds
from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES

EACH = 10
SINGLES = 1_000
ROUNDS = 3


def run(lease_of: dict[int, int]) -> list[Row]:
    """Measure posting beside a bare INSERT … SELECT, and beside our own one-by-one service."""
    bare: list[tuple[Timing, Timing]] = []
    loop: list[tuple[Timing, Timing]] = []
    some = dict(list(lease_of.items())[:SINGLES])
    for _ in range(ROUNDS):
        batch = make_obligations(lease_of, EACH)
        ours = Timing(len(batch), seconds(lambda: ledger.create_obligations(batch)))  # noqa: B023 - called at once
        empty_copy_of_postings()
        bare.append((ours, Timing(len(batch), seconds(lambda: copy_newest("OBLIGATION", DRIVERS * EACH)))))
        singles = make_obligations(some, 1)
        loop.append((ours, Timing(len(singles), seconds(lambda: _post_one_by_one(singles)))))  # noqa: B023
    what = f"post {EACH} obligations for each of {DRIVERS:,}"
    return [
        compare(what, "bare INSERT … SELECT", bare, aim="≥ 0.20"),
        compare(what, "create_obligation, one by one", loop),
    ]


def make_obligations(lease_of: dict[int, int], each: int) -> list[ledger.NewObligation]:
    """Return ``each`` obligations for each driver, of different categories, $10.00 and up, due on the same day."""
    run_number = next_run()
    return [
        ledger.NewObligation(
            category=OBLIGATION_CATEGORIES[n % len(OBLIGATION_CATEGORIES)],
            amount=Decimal(10 + 7 * n),
            reference_id=f"BENCH-{run_number}-{driver_id}-{n}",
            driver_id=driver_id,
            lease_id=lease_id,
            due_on=DUE_ON,
            effective_on=DUE_ON,
        )
        for driver_id, lease_id in lease_of.items()
        for n in range(each)
    ]


def _post_one_by_one(obligations: list[ledger.NewObligation]) -> None:
    for row in obligations:
        ledger.create_obligation(
            category=row.category,
            amount=row.amount,
            reference_id=row.reference_id,
            driver_id=row.driver_id,
            lease_id=row.lease_id,
            due_on=row.due_on,
            effective_on=DUE_ON,
        )
