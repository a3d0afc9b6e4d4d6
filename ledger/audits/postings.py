"""Postings one by one, and against what they move or reverse."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.audits import audit
from ledger.audits.queries import find
from ledger.books import REFUNDED_FROM
from ledger.categories import OBLIGATION_CATEGORIES, EntryType, Kind
from ledger.models import LedgerPosting


@dataclass(frozen=True, slots=True)
class Shape:
    """What a kind's rows must have, may have, and how they are entered; all other links are empty."""

    entry_type: str | None
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    categories: tuple[str, ...] | None = None
    reasoned: bool = False


LINKS = ("balance_id", "funding_id", "reverses_id", "payment_id", "payout_id", "due_on")
DEBIT, CREDIT = EntryType.DEBIT.value, EntryType.CREDIT.value

SHAPES: dict[Kind, Shape] = {
    Kind.OBLIGATION: Shape(DEBIT, ("due_on",), categories=OBLIGATION_CATEGORIES),
    Kind.PAYMENT: Shape(CREDIT, ("payment_id",), categories=("PAYMENT",)),
    Kind.DEPOSIT: Shape(CREDIT, ("lease_id",), may=("payment_id",), categories=("DEPOSIT",)),
    Kind.EARNINGS: Shape(CREDIT, categories=("EARNINGS",)),
    Kind.CREDIT_MEMO: Shape(CREDIT, categories=tuple(REFUNDED_FROM), reasoned=True),
    Kind.ALLOCATION: Shape(CREDIT, ("balance_id", "funding_id", "payment_id"), categories=OBLIGATION_CATEGORIES),
    Kind.APPLICATION: Shape(CREDIT, ("balance_id", "funding_id"), categories=OBLIGATION_CATEGORIES),
    Kind.PAYOUT: Shape(DEBIT, ("balance_id", "payout_id")),
    Kind.WRITE_OFF: Shape(CREDIT, ("balance_id",), categories=OBLIGATION_CATEGORIES, reasoned=True),
    Kind.VOID: Shape(None, ("balance_id", "reverses_id"), may=("funding_id", "payment_id", "payout_id"), reasoned=True),
}


@audit("ledger.shapes", "Every posting has exactly the shape of its kind, and a positive amount.")
def find_misshapen_postings() -> Iterator[str]:
    shapes = " OR ".join(f"({_condition(kind, shape)})" for kind, shape in SHAPES.items())
    yield from find(
        "Posting {id} of {amount} ({reference_id}) does not have the shape of kind {kind}.",
        f"""
        SELECT id, amount, reference_id, kind FROM ledger_postings
        WHERE NOT (amount > 0 AND amount <> 'NaN' AND ({shapes}) AND (description = '' OR balance_id IS NULL)
            AND (income = 0 OR (income > 0 AND income <= amount AND category = 'LOAN'
                AND kind IN ('OBLIGATION', 'VOID'))))
        ORDER BY id
        """,
    )


@audit(
    "ledger.movements",
    "Every movement repeats its balance, and is paid by a credit of the same driver, or a deposit of the same lease.",
)
def find_stray_movements() -> Iterator[str]:
    yield from find(
        "Posting {id} ({kind} of {amount} on balance {balance_id}, funded by {funding_id}) {fault}.",
        """
        SELECT * FROM (
            SELECT p.id, p.kind, p.amount, p.balance_id, coalesce(p.funding_id::text, 'nothing') AS funding_id, CASE
                WHEN b.id IS NULL THEN 'moves a balance that no posting opened'
                WHEN p.funding_id IS NOT NULL AND f.id IS NULL THEN 'is funded by a balance that no posting opened'
                WHEN (p.driver_id, p.category, p.reference_id, p.lease_id, p.vehicle_id)
                    IS DISTINCT FROM (b.driver_id, b.category, b.reference_id, b.lease_id, b.vehicle_id)
                    THEN 'does not repeat its balance''s driver, category, reference, lease and vehicle'
                WHEN f.driver_id <> p.driver_id THEN 'is funded by another driver'
                WHEN f.entry_type <> 'CREDIT' THEN 'is funded by a debt'
                WHEN p.kind IN ('ALLOCATION', 'APPLICATION', 'WRITE_OFF') AND b.entry_type <> 'DEBIT'
                    THEN 'pays what is not owed'
                WHEN p.kind = 'PAYOUT' AND b.entry_type <> 'CREDIT' THEN 'pays out what is not held'
                WHEN f.kind = 'DEPOSIT' AND b.lease_id <> f.lease_id
                    THEN 'pays what is owed on lease ' || b.lease_id || ' from a deposit of lease ' || f.lease_id
                WHEN p.kind = 'ALLOCATION' AND (f.kind <> 'PAYMENT' OR f.payment_id <> p.payment_id)
                    THEN 'is not funded by its own payment'
                END AS fault
            FROM ledger_postings p
                LEFT JOIN ledger_postings b ON b.id = p.balance_id AND b.balance_id IS NULL
                LEFT JOIN ledger_postings f ON f.id = p.funding_id AND f.balance_id IS NULL
            WHERE p.balance_id IS NOT NULL
        ) AS judged WHERE fault IS NOT NULL ORDER BY id
        """,
    )


@audit("ledger.reversals", "Every void mirrors one earlier posting, which is no void itself and is voided only once.")
def find_wrong_reversals() -> Iterator[str]:
    yield from find(
        "Void {id} of {amount} does not mirror posting {reverses_id}: {fault}.",
        """
        SELECT * FROM (
            SELECT v.id, v.amount, v.reverses_id, CASE
                WHEN o.id IS NULL THEN 'there is no such posting'
                WHEN o.id >= v.id THEN 'it came later'
                WHEN o.kind = 'VOID' THEN 'it is a void'
                WHEN o.amount <> v.amount THEN 'it amounts to ' || o.amount
                WHEN o.income <> v.income THEN 'interest of it is ' || o.income
                WHEN o.entry_type = v.entry_type THEN 'it is entered on the same side'
                WHEN coalesce(o.balance_id, o.id) <> v.balance_id THEN 'it moved another balance'
                WHEN (o.driver_id, o.category, o.reference_id, o.funding_id, o.payment_id, o.payout_id)
                    IS DISTINCT FROM (v.driver_id, v.category, v.reference_id, v.funding_id, v.payment_id, v.payout_id)
                    THEN 'its driver, category, reference, funding, payment or payout is another'
                WHEN count(*) OVER (PARTITION BY v.reverses_id) > 1 THEN 'it is voided more than once'
                END AS fault
            FROM ledger_postings v LEFT JOIN ledger_postings o ON o.id = v.reverses_id
            WHERE v.kind = 'VOID'
        ) AS judged WHERE fault IS NOT NULL ORDER BY id
        """,
    )


@audit("ledger.names", "Every driver, lease, vehicle, author, payment and payout that a posting names exists.")
def find_names_of_nothing() -> Iterator[str]:
    for name in ("driver", "lease", "vehicle", "posted_by", "payment", "payout"):
        key: Any = LedgerPosting._meta.get_field(name)
        table = key.related_model._meta.db_table
        yield from find(
            f"Posting {{id}} names {key.verbose_name} {{named}}, which does not exist.",
            f"""
            SELECT p.id, p.{key.attname} AS named FROM ledger_postings p
            WHERE p.{key.attname} IS NOT NULL AND NOT EXISTS (SELECT FROM {table} n WHERE n.id = p.{key.attname})
            ORDER BY p.id
            """,
        )


@audit(
    "ledger.leases",
    "A lease that a posting, payment or payout names is its driver's: primary or further, at some time.",
)
def find_leases_of_others() -> Iterator[str]:
    named = (("ledger_postings", "Posting"), ("ledger_payments", "Payment"), ("ledger_payouts", "Payout"))
    for table, name in named:
        yield from find(
            name + " {id} of driver {driver_id} names lease {lease_id}, on which the driver never was.",
            f"""
            SELECT p.id, p.driver_id, p.lease_id FROM {table} p JOIN (
                SELECT DISTINCT driver_id, lease_id FROM {table} WHERE lease_id IS NOT NULL
                EXCEPT SELECT driver_id, lease_id FROM leases_leasedriver
                -- Who was to come after the lease's early end was taken off it, and had paid for it before.
                EXCEPT SELECT driver_id, lease_id FROM leases_historicalleasedriver
            ) AS stranger ON stranger.driver_id = p.driver_id AND stranger.lease_id = p.lease_id
            ORDER BY p.id
            """,
        )


@audit("ledger.references", "Every reference is borne by at most one posting that opened a balance and is not voided.")
def find_shared_references() -> Iterator[str]:
    yield from find(
        "{reference_id} is borne by {count} live balances: {ids}.",
        """
        SELECT reference_id, count(*), string_agg(id::text, ', ' ORDER BY id) AS ids
        FROM ledger_postings o
        WHERE balance_id IS NULL AND NOT EXISTS (SELECT FROM ledger_postings v WHERE v.reverses_id = o.id)
        GROUP BY reference_id HAVING count(*) > 1 ORDER BY 1
        """,
    )


def _condition(kind: Kind, shape: Shape) -> str:
    conditions = [f"kind = '{kind.value}'"]
    conditions += [f"{column} IS NOT NULL" for column in shape.needs]
    conditions += [f"{column} IS NULL" for column in LINKS if column not in (*shape.needs, *shape.may)]
    if shape.entry_type:
        conditions.append(f"entry_type = '{shape.entry_type}'")
    if shape.categories:
        listed = ", ".join(f"'{category}'" for category in shape.categories)
        conditions.append(f"category IN ({listed})")
    if shape.reasoned:
        conditions.append(r"reason ~ '\S'")
    return " AND ".join(conditions)
