"""Post 10 obligations for each driver, through the array path."""

import itertools
from collections.abc import Iterator
from decimal import Decimal

from bench import bare
from bench.fleet import DUE_ON
from bench.measure import Row, Timing, compare, seconds
from bench.others import others
from bench.registry import Asked
from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES

EACH = 10
SINGLES = 500
#: The bare statement is a fifth quicker in some rounds than in others.
ROUNDS = 5
#: Times another ledger's transfers, as it was when the array path was new.
AIMS = {"django-hordak": "≥ 90", "pgledger": "≥ 27"}

_runs = itertools.count(1)


def run(asked: Asked) -> Iterator[Row]:
    """Measure posting beside a bare INSERT … SELECT, our own service one by one, and other ledgers' transfers."""
    limit: list[tuple[Timing, Timing]] = []
    loop: list[tuple[Timing, Timing]] = []
    some = dict(list(asked.lease_of.items())[:SINGLES])
    ledger.create_obligations(make_obligations(some, 1))  # their accounts are open, and everything is loaded
    with others() as ready:
        beside: dict[str, list[tuple[Timing, Timing]]] = {other.name: [] for other in ready}
        for _ in range(ROUNDS):
            batch = make_obligations(asked.lease_of, EACH)
            ours = Timing(len(batch), seconds(lambda: ledger.create_obligations(batch)))  # noqa: B023 - called at once
            limit.append((ours, bare.time_limit("OBLIGATION", len(batch))))
            singles = make_obligations(some, 1)
            loop.append((ours, Timing(len(singles), seconds(lambda: _post_one_by_one(singles)))))  # noqa: B023
            for other in ready:
                beside[other.name].append((ours, other.transfer(SINGLES)))
    what = f"post {EACH} obligations for each of {len(asked.lease_of):,}"
    yield compare(what, bare.BESIDE, limit, aim="≥ 0.30")
    yield compare(what, "loop: create_obligation, one by one", loop)
    for name, rounds in beside.items():
        yield compare(what, f"{name}: its transfer, one by one", rounds, aim=AIMS[name])


def next_run() -> int:
    """A number no reference of this database bears yet."""
    return next(_runs)


def make_obligations(lease_of: dict[int, int], each: int) -> list[ledger.Opening]:
    """Return ``each`` obligations for each driver, of different categories, $10.00 and up, due on the same day."""
    run_number = next_run()
    return [
        ledger.Opening(
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


def post_one(row: ledger.Opening) -> None:
    """Charge one obligation by the service that does one."""
    ledger.create_obligation(
        category=row.category,
        amount=row.amount,
        reference_id=row.reference_id,
        driver_id=row.driver_id,
        lease_id=row.lease_id,
        due_on=row.due_on,
        effective_on=row.effective_on,
    )


def _post_one_by_one(obligations: list[ledger.Opening]) -> None:
    for row in obligations:
        post_one(row)
