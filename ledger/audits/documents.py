"""Documents of the counter against their postings, and their numbers."""

from collections.abc import Iterator

from core.audits import audit
from ledger.audits.queries import find


@audit("ledger.payments", "Each payment's postings sum to what it says, its deposit apart, and are its driver's.")
def find_wrong_payments() -> Iterator[str]:
    yield from find(
        "Payment {number} of {amount} (deposit {deposit}) has postings of {posted} (deposit {posted_deposit}), "
        "{strangers} of them another driver's.",
        """
        SELECT document.number, document.amount, document.deposit,
            coalesce(sum(p.amount) FILTER (WHERE p.balance_id IS NULL), 0) AS posted,
            coalesce(sum(p.amount) FILTER (WHERE p.kind = 'DEPOSIT'), 0) AS posted_deposit,
            count(*) FILTER (WHERE p.driver_id <> document.driver_id) AS strangers
        FROM ledger_payments document LEFT JOIN ledger_postings p ON p.payment_id = document.id
        GROUP BY document.id
        HAVING document.amount <> coalesce(sum(p.amount) FILTER (WHERE p.balance_id IS NULL), 0)
            OR document.deposit <> coalesce(sum(p.amount) FILTER (WHERE p.kind = 'DEPOSIT'), 0)
            OR bool_or(p.driver_id <> document.driver_id)
        ORDER BY document.number
        """,
    )


@audit(
    "ledger.payouts",
    "Each payout's postings sum to what it says, and are its driver's; a DTR's and a deposit's are of its lease.",
)
def find_wrong_payouts() -> Iterator[str]:
    yield from find(
        "Payout {number} of {amount} has postings of {posted}, {strangers} of them another driver's, "
        "{elsewhere} of another lease.",
        """
        SELECT document.number, document.amount, coalesce(sum(p.amount) FILTER (WHERE p.kind = 'PAYOUT'), 0) AS posted,
            count(*) FILTER (WHERE p.driver_id <> document.driver_id) AS strangers,
            count(*) FILTER (WHERE p.id IS NOT NULL AND p.lease_id IS DISTINCT FROM document.lease_id
                AND (document.dtr_number <> '' OR document.lease_id IS NOT NULL)) AS elsewhere
        FROM ledger_payouts document LEFT JOIN ledger_postings p ON p.payout_id = document.id
        GROUP BY document.id
        HAVING document.amount <> coalesce(sum(p.amount) FILTER (WHERE p.kind = 'PAYOUT'), 0)
            OR bool_or(p.driver_id <> document.driver_id)
            OR bool_or(p.lease_id IS DISTINCT FROM document.lease_id
                AND (document.dtr_number <> '' OR document.lease_id IS NOT NULL))
        ORDER BY document.number
        """,
    )


@audit("ledger.numbers", "Payments and payouts are numbered from 1 without a gap.")
def find_gaps() -> Iterator[str]:
    for table, name in (("ledger_payments", "Payment"), ("ledger_payouts", "Payout")):
        yield from find(
            name + " {number} is missing; the last is {last}.",
            f"""
            SELECT drawn.number, span.last
            FROM (SELECT max(number) AS last FROM {table}) AS span
                CROSS JOIN LATERAL generate_series(1, span.last) AS drawn (number)
            WHERE NOT EXISTS (SELECT FROM {table} AS document WHERE document.number = drawn.number)
            """,
        )
