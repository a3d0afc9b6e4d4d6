"""A batch does row for row what single calls would: rows twice, rows posted before, conflicts, voided and bad rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from tests.factories import DriverFactory
from tests.ledger.proofs import UNKNOWN

SUNDAY, MONDAY = date(2026, 11, 15), date(2026, 11, 16)


class RollBack(Exception):
    """Ends an act without keeping its rows."""


#: How one row of a batch can be bad by itself, and what it is called.
BAD_ROWS: list[tuple[dict[str, Any], type[DomainError]]] = [
    ({"amount": Decimal("0.001")}, ledger.AmountInvalid),
    ({"reference_id": ""}, ledger.ValueInvalid),
    ({"driver_id": UNKNOWN}, ledger.DriverNotFound),
    ({"lease_id": UNKNOWN}, ledger.LeaseNotFound),
]
batches = st.lists(
    st.fixed_dictionaries(
        {
            "amount": st.sampled_from([Decimal("5.00"), Decimal("6.00")]),
            "reference_id": st.integers(1, 9).map(lambda number: f"ROW-{number}"),
            "driver_id": st.integers(0, 1),
            "effective_on": st.sampled_from([SUNDAY, SUNDAY, MONDAY]),
        }
    ),
    max_size=12,
)
bad_rows = st.none() | st.tuples(st.integers(0, 12), st.sampled_from(BAD_ROWS))


@pytest.mark.django_db
class TestArrayPath:
    @settings(max_examples=150, deadline=None)
    @given(batches, batches, st.sets(st.integers(0, 11)), bad_rows)
    def test_a_batch_of_charges_equals_the_loop(self, before, rows, voided, bad):
        def one(row):
            ledger.create_obligation(category="MISC", due_on=SUNDAY, **row)

        def many(rows):
            return ledger.create_obligations([ledger.Opening(category="MISC", due_on=SUNDAY, **row) for row in rows])

        compare(one, many, before, rows, voided, bad)

    @settings(max_examples=40, deadline=None)
    @given(batches, batches, st.sets(st.integers(0, 11)), bad_rows)
    def test_a_batch_of_earnings_equals_the_loop(self, before, rows, voided, bad):
        def one(row):
            ledger.post_earnings(**row)

        def many(rows):
            return ledger.post_earnings_batch([ledger.Opening(category="EARNINGS", **row) for row in rows])

        compare(one, many, before, rows, voided, bad)


@contextmanager
def rolled_back() -> Iterator[None]:
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(savepoint)


@rolled_back()
def compare(one, many, before, rows, voided, bad) -> None:
    """Post some rows, void some of those; then post the batch by either path, from the same beginning."""
    drivers = [driver.pk for driver in DriverFactory.create_batch(2)]
    before, rows = ([{**row, "driver_id": drivers[row["driver_id"]]} for row in some] for some in (before, rows))
    for row in {row["reference_id"]: row for row in before}.values():
        one(row)
    for place, posting in enumerate(LedgerPosting.objects.order_by("pk")):
        if place in voided:
            ledger.void_posting(posting_id=posting.pk, reason="Mistake", actor=None, effective_on=MONDAY)
    posted = LedgerPosting.objects.count()

    def loop() -> ledger.PostingCounts:
        for row in rows:
            one(row)
        fresh = LedgerPosting.objects.count() - posted
        return ledger.PostingCounts(posted=fresh, already_posted=len(rows) - fresh)

    by_loop, by_batch = outcome_of(loop), outcome_of(lambda: many(rows))
    assert by_batch == by_loop
    if bad:
        place, (wrong, reason) = bad
        good = {"amount": Decimal(5), "reference_id": "ROW-0", "driver_id": drivers[0], "effective_on": SUNDAY}
        rows.insert(place, {**good, **wrong})
        # Of several bad rows the loop names the first; the batch looks at one thing of all rows before the next.
        reasons = {reason, by_loop[0]} if isinstance(by_loop[0], type) else {reason}
        assert outcome_of(loop)[0] in reasons
        assert outcome_of(lambda: many(rows))[0] in reasons


def outcome_of(act: Callable[[], Any]) -> tuple[Any, ...]:
    """What comes of it: the counts and every row but for ids and times, or the refusal. Rolled back."""
    outcome: tuple[Any, ...] = ()
    try:
        with transaction.atomic():
            counts = act()
            postings = LedgerPosting.objects.order_by("pk").values()
            balances = LedgerBalance.objects.order_by("pk").values()
            unlike = ("id", "posting_id", "posted_at", "balance_id", "reverses_id")
            rows = [{name: v for name, v in row.items() if name not in unlike} for row in (*postings, *balances)]
            outcome = (asdict(counts), rows)
            raise RollBack
    except RollBack:
        return outcome
    except DomainError as refusal:
        return type(refusal), str(refusal), refusal.facts
