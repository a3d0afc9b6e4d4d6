"""What each posting and transfer was made of. Those of the modules are held against their records by the modules."""

from collections.abc import Iterator

from core.audits import audit
from core.sources import list_prefixes
from ledger.audits.queries import find

#: A week's card fares and taxes are the close's own; the week that posted them is in their name.
OF_A_WEEK = ("CURB", "TAXES")
#: A recovery names the payment, or the credit, that it wins back.
OF_THE_LEDGER = ("RETURNED", "WINBACK")


@audit("ledger.sources", "Whatever opened a balance has a source, an author, a payment or a week.")
def find_postings_of_nobody() -> Iterator[str]:
    yield from find(
        "Posting {id} ({kind} of {amount}) was made by nobody, and no module answers for {reference_id}.",
        """
        SELECT id, kind, amount, reference_id FROM ledger_postings
        WHERE balance_id IS NULL AND posted_by_id IS NULL AND payment_id IS NULL
            AND split_part(reference_id, '-', 1) <> ALL (%(known)s)
        ORDER BY id
        """,
        {"known": [*list_prefixes(), *OF_A_WEEK, *OF_THE_LEDGER]},
    )
    yield from find(
        "Posting {id} ({reference_id} of {amount}) bears a name that the counter did not give its payment.",
        """
        SELECT p.id, p.reference_id, p.amount FROM ledger_postings p LEFT JOIN ledger_payments d ON d.id = p.payment_id
        WHERE p.balance_id IS NULL AND (p.payment_id IS NOT NULL OR p.reference_id ~ '^(PAY|DEPOSIT)-[0-9]+$')
            AND p.reference_id IS DISTINCT FROM CASE p.kind WHEN 'DEPOSIT' THEN 'DEPOSIT-' ELSE 'PAY-' END
                || lpad(d.number::text, greatest(6, length(d.number::text)), '0')
        ORDER BY p.id
        """,
    )


@audit("ledger.recovered", "A recovery is of a payment that came back, or of a credit given by mistake, to the cent.")
def find_recoveries_of_nothing() -> Iterator[str]:
    yield from find(
        "Posting {id} ({reference_id} of {amount}) {fault}.",
        """
        SELECT * FROM (
            SELECT r.id, r.reference_id, r.amount, CASE
                WHEN r.kind <> 'OBLIGATION' OR r.category <> 'RECOVERY' THEN 'is no recovery'
                WHEN c.id IS NULL THEN 'recovers what was never given'
                WHEN r.driver_id <> c.driver_id THEN 'recovers from driver ' || r.driver_id || ' what driver '
                    || c.driver_id || ' was given'
                WHEN r.reference_id LIKE 'WINBACK-%%' AND r.amount <> c.amount
                    THEN 'recovers what was ' || c.amount
                WHEN r.amount > c.amount THEN 'recovers more than the ' || c.amount || ' that came back'
                END AS fault
            FROM ledger_postings r LEFT JOIN LATERAL (
                SELECT d.id, d.driver_id, d.amount FROM ledger_payments d
                WHERE 'RETURNED-PAY-' || lpad(d.number::text, greatest(6, length(d.number::text)), '0') = r.reference_id
                UNION ALL (
                    -- The last that was given under the name by then: once voided, it may have been given again.
                    SELECT o.id, o.driver_id, o.amount FROM ledger_postings o
                    WHERE r.reference_id LIKE 'WINBACK-%%' AND o.reference_id = substr(r.reference_id, 9)
                        AND o.balance_id IS NULL AND o.id < r.id AND o.entry_type = 'CREDIT'
                    ORDER BY o.id DESC LIMIT 1
                )
            ) AS c ON true
            WHERE r.balance_id IS NULL AND split_part(r.reference_id, '-', 1) = ANY (%(prefixes)s)
        ) AS judged WHERE fault IS NOT NULL ORDER BY id
        """,
        {"prefixes": list(OF_THE_LEDGER)},
    )
