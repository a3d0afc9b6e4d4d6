"""One charge, one payment over five balances, one void: by their services, and the same rows bare through the guards.

A round does some of each by the service, then as many bare: psycopg sends the rows that the service would write, in a
transaction each, and the database's triggers do their part. Both leave the same number of rows in every table.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg
from django.contrib.auth.models import User
from django.db import connection

from bench.databases import connect_parameters
from bench.fleet import DUE_ON
from bench.measure import Row, Timing, compare, seconds
from bench.others import Other, others
from bench.posting import make_obligations, next_run, post_one
from bench.registry import Asked
from ledger import services as ledger

CALLS = 100
ROUNDS = 5
BALANCES = 5
#: What a service of these may write, itself or by the triggers behind it.
TABLES = ("ledger_postings", "ledger_payments", "ledger_balances", "ledger_transfers", "ledger_accounts", "core_facts")

_INSERT = (
    "INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id, due_on, "
    "effective_on, balance_id, funding_id, payment_id, reverses_id, reason, description, posted_by_id) VALUES "
)
_VALUES = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_POST = f"{_INSERT}{_VALUES} RETURNING id"
_ALLOCATE = f"{_INSERT}{', '.join([_VALUES] * BALANCES)}"
_PAY = (
    "INSERT INTO ledger_payments (driver_id, amount, deposit, method, instrument_number, fingerprint, received_on, "
    "received_by_id) VALUES (%s, %s, 0, 'CASH', '', '', %s, %s) RETURNING id, number"
)

Bare = psycopg.Connection[tuple[Any, ...]]


class RowsDiffer(Exception):
    """The service and the bare inserts did not write the same, so they can't be compared."""


@dataclass(frozen=True)
class _Work:
    """One kind of call: what has to be there, ours, the same bare, and what another ledger does in its place."""

    what: str
    prepare: Callable[[Sequence[int]], Sequence[Any]]
    ours: Callable[[Any], object]
    bare: Callable[[Bare, Any], None]
    #: What is timed → how; the aim is of the first.
    other: dict[str, Callable[[Other], Timing]]


def run(asked: Asked) -> Iterator[Row]:
    """Measure each kind of call in turns of ours, bare, and the other ledgers."""
    desk = _Desk(asked.lease_of, User.objects.create_user("bench").pk)
    drivers = list(asked.lease_of)[: 2 * CALLS]
    desk.prepare_charges(drivers)  # which opens their accounts
    # Which prepares what it repeats, as the product's own connections do.
    with psycopg.connect(**connect_parameters(asked.database), autocommit=True) as bare, others() as ready:
        for work in desk.list_work():
            yield from _measure(work, drivers, bare, ready)


def _measure(work: _Work, drivers: Sequence[int], connected: Bare, ready: Sequence[Other]) -> Iterator[Row]:
    bare: list[tuple[Timing, Timing]] = []
    asked = [(f"{other.name}: {what}", partial(work.other[what], other)) for other in ready for what in work.other]
    beside: dict[str, list[tuple[Timing, Timing]]] = {told: [] for told, _ in asked}
    for number in range(ROUNDS + 1):
        ours, wrote = _time(work.ours, work.prepare(drivers[:CALLS]))
        told, wrote_bare = _time(lambda one: work.bare(connected, one), work.prepare(drivers[CALLS:]))
        if wrote != wrote_bare:
            raise RowsDiffer(f"{work.what}: {wrote} by the service, {wrote_bare} bare.")
        if number:  # the first round loads and opens what later ones find there
            bare.append((ours, told))
        for name, time_other in asked:
            took = time_other()
            if number:
                beside[name].append((ours, took))
    yield compare(work.what, "the same rows bare, through the triggers", bare, aim="≥ 0.6")
    for name, rounds in beside.items():
        is_asked = name.startswith("django-hordak") and next(iter(work.other)) in name
        yield compare(work.what, name, rounds, aim="≥ 2" if is_asked else "")


def _time(call: Callable[[Any], object], given: Sequence[Any]) -> tuple[Timing, tuple[int, ...]]:
    before = _count_rows()

    def work() -> None:
        for one in given:
            call(one)

    took = seconds(work)
    return Timing(len(given), took), tuple(now - then for now, then in zip(_count_rows(), before, strict=True))


def _count_rows() -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES))
        counts: tuple[int, ...] = cursor.fetchone()
    return counts


@dataclass(frozen=True)
class _Charge:
    """A charge that is open."""

    posting_id: int
    reference_id: str
    category: str
    driver_id: int
    lease_id: int
    amount: Decimal


class _Desk:
    """Who charges, pays and voids, for drivers with these leases."""

    def __init__(self, lease_of: dict[int, int], user_id: int) -> None:
        self.lease_of = lease_of
        self.user = User.objects.get(pk=user_id)

    def list_work(self) -> list[_Work]:
        return [
            _Work(
                "one obligation, by service",
                self.prepare_obligations,
                post_one,
                self.post_bare,
                {"its transfer": lambda other: other.transfer(CALLS)},
            ),
            _Work(
                f"one payment over {BALANCES} balances, by service",
                self.prepare_payments,
                self.pay,
                self.pay_bare,
                {
                    f"its transfer, {BALANCES} times": lambda other: _each(BALANCES, other.transfer(CALLS)),
                    f"one entry of {BALANCES} parts": lambda other: other.split(CALLS // 2, BALANCES),
                },
            ),
            _Work(
                "one void of a charge, by service",
                self.prepare_charges,
                self.void,
                self.void_bare,
                {"its transfer back": lambda other: other.transfer(CALLS)},
            ),
        ]

    def prepare_obligations(self, drivers: Sequence[int]) -> Sequence[ledger.Opening]:
        return make_obligations({driver: self.lease_of[driver] for driver in drivers}, 1)

    def prepare_charges(self, drivers: Sequence[int]) -> Sequence[_Charge]:
        return [charges[0] for charges in self._charge(drivers, 1)]

    def prepare_payments(self, drivers: Sequence[int]) -> Sequence[list[_Charge]]:
        return self._charge(drivers, BALANCES)

    def post_bare(self, to: Bare, row: ledger.Opening) -> None:
        with to.transaction():
            to.execute(_POST, self._opening("OBLIGATION", "DEBIT", row, due_on=DUE_ON)).fetchone()

    def pay(self, charges: list[_Charge]) -> None:
        ledger.apply_interim_payment(
            payment_amount=_sum_paid(charges),
            allocations={charge.reference_id: charge.amount for charge in charges},
            driver_id=charges[0].driver_id,
            payment_method="CASH",
            effective_on=DUE_ON,
            actor=self.user,
        )

    def pay_bare(self, to: Bare, charges: list[_Charge]) -> None:
        driver, amount = charges[0].driver_id, _sum_paid(charges)
        with to.transaction():
            told = to.execute(_PAY, [driver, amount, DUE_ON, self.user.pk]).fetchone()
            assert told is not None
            payment, number = told
            held = _values(
                "PAYMENT", "CREDIT", "PAYMENT", amount, f"PAY-{number:06d}", driver,
                payment=payment, by=self.user.pk, description=f"Cash received, receipt {number}",
            )  # fmt: skip
            credit = to.execute(_POST, held).fetchone()
            assert credit is not None
            moved = [
                value
                for charge in charges
                for value in self._movement("ALLOCATION", charge, funding=credit[0], payment=payment)
            ]
            to.execute(_ALLOCATE, moved)

    def void(self, charge: _Charge) -> None:
        ledger.void_posting(posting_id=charge.posting_id, reason="Bench", actor=self.user, effective_on=DUE_ON)

    def void_bare(self, to: Bare, charge: _Charge) -> None:
        with to.transaction():
            to.execute(_POST, self._movement("VOID", charge, reverses=charge.posting_id, reason="Bench")).fetchone()

    def _charge(self, drivers: Sequence[int], each: int) -> list[list[_Charge]]:
        """Charge each of them, outside of what is measured."""
        ledger.create_obligations(make_obligations({driver: self.lease_of[driver] for driver in drivers}, each))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, reference_id, category, driver_id, lease_id, amount FROM ledger_postings "
                "WHERE kind = 'OBLIGATION' ORDER BY id DESC LIMIT %s",
                [len(drivers) * each],
            )
            of: dict[int, list[_Charge]] = {driver: [] for driver in drivers}
            for row in cursor.fetchall():
                of[row[3]].append(_Charge(*row))
        return list(of.values())

    def _opening(self, kind: str, entry: str, row: ledger.Opening, **facts: Any) -> list[Any]:
        reference = f"{row.reference_id}-{next_run()}"
        return _values(kind, entry, row.category, row.amount, reference, row.driver_id, lease=row.lease_id, **facts)

    def _movement(self, kind: str, charge: _Charge, **facts: Any) -> list[Any]:
        """A row that takes all of a charge."""
        return _values(
            kind, "CREDIT", charge.category, charge.amount, charge.reference_id, charge.driver_id,
            lease=charge.lease_id, balance=charge.posting_id, by=self.user.pk, **facts,
        )  # fmt: skip


def _each(parts: int, took: Timing) -> Timing:
    """The same where one of ours is so many of theirs."""
    return Timing(took.rows // parts, took.seconds)


def _sum_paid(charges: list[_Charge]) -> Decimal:
    """All that is charged and some cents: the service doubts who pays the same again within minutes."""
    return sum((charge.amount for charge in charges), Decimal(charges[0].posting_id % 10_000) / 100)


def _values(
    kind: str,
    entry: str,
    category: str,
    amount: Decimal,
    reference: str,
    driver: int,
    *,
    lease: int | None = None,
    due_on: Any = None,
    balance: int | None = None,
    funding: int | None = None,
    payment: int | None = None,
    reverses: int | None = None,
    reason: str = "",
    description: str = "",
    by: int | None = None,
) -> list[Any]:
    facts = [kind, entry, category, amount, reference, driver, lease, due_on, DUE_ON]
    return [*facts, balance, funding, payment, reverses, reason, description, by]
