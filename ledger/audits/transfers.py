"""Transfers one by one, and against what they mirror."""

from collections.abc import Iterator

from core.audits import audit
from ledger.audits.queries import find
from ledger.books import CONTROL_ACCOUNTS, TRANSFER_PAIRS

#: Those that stand: no reversal, and not reversed.
STANDING = """
    ledger_transfers t WHERE t.reverses_id IS NULL
        AND NOT EXISTS (SELECT FROM ledger_transfers r WHERE r.reverses_id = t.id)
"""


@audit("ledger.transfers", "Every transfer moves accounts that its kind may, and a reversal swaps an earlier one once.")
def find_wrong_transfers() -> Iterator[str]:
    pairs = [
        (kind.value, debit.value, credit.value) for kind, found in TRANSFER_PAIRS.items() for debit, credit in found
    ]
    yield from find(
        "Transfer {id} ({kind} of {amount}, {debit} from {credit}) {fault}.",
        """
        SELECT * FROM (
            SELECT t.id, t.kind, t.amount, t.debit, t.credit, CASE
                WHEN NOT (t.amount > 0 AND t.amount <> 'NaN') THEN 'is of no amount'
                WHEN t.debit = ANY(%(control)s) OR t.credit = ANY(%(control)s) THEN 'moves a control account'
                WHEN t.reverses_id IS NULL AND allowed.kind IS NULL THEN 'moves accounts that its kind does not'
                WHEN t.reverses_id IS NOT NULL AND o.id IS NULL THEN 'reverses nothing'
                WHEN o.reverses_id IS NOT NULL THEN 'reverses a reversal'
                WHEN (o.kind, o.amount, o.credit, o.debit, o.reference_id)
                    <> (t.kind, t.amount, t.debit, t.credit, t.reference_id) THEN 'is not the swap of ' || o.id
                WHEN t.reverses_id IS NOT NULL AND count(*) OVER (PARTITION BY t.reverses_id) > 1
                    THEN 'is not the only reversal of ' || o.id
                END AS fault
            FROM ledger_transfers t LEFT JOIN ledger_transfers o ON o.id = t.reverses_id
                LEFT JOIN unnest(%(kinds)s::text[], %(debits)s::text[], %(credits)s::text[])
                    AS allowed (kind, debit, credit)
                    ON (allowed.kind, allowed.debit, allowed.credit) = (t.kind, t.debit, t.credit)
        ) AS judged WHERE fault IS NOT NULL ORDER BY id
        """,
        {
            "control": [account.value for account in CONTROL_ACCOUNTS],
            "kinds": [kind for kind, _, _ in pairs],
            "debits": [debit for _, debit, _ in pairs],
            "credits": [credit for _, _, credit in pairs],
        },
    )


@audit("ledger.mirrors", "Each act that moves the fleet's own side has one transfer of its amount while it stands.")
def find_wrong_mirrors() -> Iterator[str]:
    yield from find(
        "Posting {id} ({reference_id} of {amount}) {fault}.",
        f"""
        SELECT * FROM (
            SELECT o.id, o.reference_id, o.amount, CASE
                WHEN EXISTS (SELECT FROM ledger_postings v WHERE v.reverses_id = o.id) AND count(t.id) > 0
                    THEN 'is voided, and a transfer that mirrors it stands'
                WHEN NOT EXISTS (SELECT FROM ledger_postings v WHERE v.reverses_id = o.id)
                    AND count(t.id) <> 1 THEN 'is mirrored by ' || count(t.id) || ' transfers'
                WHEN sum(t.amount) <> o.amount THEN 'is mirrored by a transfer of ' || sum(t.amount)
                END AS fault
            FROM ledger_postings o LEFT JOIN (SELECT t.* FROM {STANDING}) AS t ON t.posting_id = o.id
            WHERE o.balance_id IS NULL AND (t.id IS NOT NULL
                OR (o.kind = 'OBLIGATION' AND o.category = 'RECOVERY'
                    AND o.reference_id ~ '^(RETURNED-PAY|WINBACK|CURB)-')
                OR (o.kind IN ('OBLIGATION', 'CREDIT_MEMO') AND o.reference_id ~ '^OPEN-(DEBT|CREDIT)-'))
            GROUP BY o.id
        ) AS judged WHERE fault IS NOT NULL ORDER BY id
        """,
    )
    yield from find(
        "Payment {number}: {voided} of its check is voided, and {returned} of it came back from the bank.",
        f"""
        SELECT * FROM (
            SELECT p.number,
                (SELECT coalesce(sum(v.amount), 0) FROM ledger_postings o JOIN ledger_postings v ON v.reverses_id = o.id
                    WHERE o.payment_id = p.id AND o.kind IN ('PAYMENT', 'DEPOSIT')) AS voided,
                (SELECT coalesce(sum(t.amount) FILTER (WHERE t.debit = '1020'), 0) FROM {STANDING}
                    AND t.payment_id = p.id) AS returned,
                EXISTS (SELECT FROM ledger_slip_checks s WHERE s.payment_id = p.id
                    AND NOT EXISTS (SELECT FROM ledger_transfers r WHERE r.reverses_id = s.transfer_id)) AS on_slip
            FROM ledger_payments p WHERE p.method = 'CHECK'
        ) AS judged WHERE returned > voided OR (on_slip AND returned <> voided) ORDER BY number
        """,
    )


@audit("ledger.slips", "A slip names no more checks than it says, and each check is on one slip that stands.")
def find_wrong_slips() -> Iterator[str]:
    yield from find(
        "Transfer {id} of {amount} is a slip of checks of {named}.",
        """
        SELECT t.id, t.amount, sum(p.amount) AS named
        FROM ledger_slip_checks s JOIN ledger_transfers t ON t.id = s.transfer_id
            JOIN ledger_payments p ON p.id = s.payment_id
        GROUP BY t.id HAVING sum(p.amount) > t.amount ORDER BY t.id
        """,
    )
    yield from find(
        "Payment {number} is on {count} slips.",
        """
        SELECT p.number, count(*) FROM ledger_slip_checks s JOIN ledger_payments p ON p.id = s.payment_id
        WHERE NOT EXISTS (SELECT FROM ledger_transfers r WHERE r.reverses_id = s.transfer_id)
        GROUP BY p.number HAVING count(*) > 1 ORDER BY p.number
        """,
    )
