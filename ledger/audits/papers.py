"""Papers of the counter against their postings, and their numbers."""

from collections.abc import Iterator

from core.audits import audit
from ledger.audits.queries import find


@audit("ledger.payments", "Each payment's postings sum to the paper, its deposit apart, under the paper's driver.")
def find_wrong_payments() -> Iterator[str]:
    yield from find(
        "Payment {number} of {amount} (deposit {deposit}) has postings of {posted} (deposit {posted_deposit}), "
        "{strangers} of them another driver's.",
        """
        SELECT paper.number, paper.amount, paper.deposit,
            coalesce(sum(p.amount) FILTER (WHERE p.balance_id IS NULL), 0) AS posted,
            coalesce(sum(p.amount) FILTER (WHERE p.kind = 'DEPOSIT'), 0) AS posted_deposit,
            count(*) FILTER (WHERE p.driver_id <> paper.driver_id) AS strangers
        FROM ledger_payments paper LEFT JOIN ledger_postings p ON p.payment_id = paper.id
        GROUP BY paper.id
        HAVING paper.amount <> coalesce(sum(p.amount) FILTER (WHERE p.balance_id IS NULL), 0)
            OR paper.deposit <> coalesce(sum(p.amount) FILTER (WHERE p.kind = 'DEPOSIT'), 0)
            OR bool_or(p.driver_id <> paper.driver_id)
        ORDER BY paper.number
        """,
    )


@audit("ledger.payouts", "Each payout's postings sum to the paper, under the paper's driver.")
def find_wrong_payouts() -> Iterator[str]:
    yield from find(
        "Payout {number} of {amount} has postings of {posted}, {strangers} of them another driver's.",
        """
        SELECT paper.number, paper.amount, coalesce(sum(p.amount) FILTER (WHERE p.kind = 'PAYOUT'), 0) AS posted,
            count(*) FILTER (WHERE p.driver_id <> paper.driver_id) AS strangers
        FROM ledger_payouts paper LEFT JOIN ledger_postings p ON p.payout_id = paper.id
        GROUP BY paper.id
        HAVING paper.amount <> coalesce(sum(p.amount) FILTER (WHERE p.kind = 'PAYOUT'), 0)
            OR bool_or(p.driver_id <> paper.driver_id)
        ORDER BY paper.number
        """,
    )


@audit("ledger.numbers", "Payments and payouts are numbered from 1 without a gap.")
def find_gaps() -> Iterator[str]:
    for table, paper in (("ledger_payments", "Payment"), ("ledger_payouts", "Payout")):
        yield from find(
            paper + " {number} is missing; the last is {last}.",
            f"""
            SELECT drawn.number, span.last
            FROM (SELECT max(number) AS last FROM {table}) AS span
                CROSS JOIN LATERAL generate_series(1, span.last) AS drawn (number)
            WHERE NOT EXISTS (SELECT FROM {table} AS paper WHERE paper.number = drawn.number)
            """,
        )
