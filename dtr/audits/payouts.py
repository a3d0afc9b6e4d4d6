"""What was paid out for DTRs, against the DTRs."""

from collections.abc import Iterator

from django.db import connection

from core.audits import audit

FINDINGS_TOLD = 1000


@audit("dtr.payouts", "A payout that names a DTR is of its driver and lease, and of no more than was due by it.")
def find_wrong_payouts() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WRONG, [FINDINGS_TOLD])
        for number, amount, dtr, fault in cursor.fetchall():
            yield f"Payout {number} of {amount} pays {dtr}, {fault}."


_WRONG = """
    SELECT number, amount, dtr_number, fault FROM (
        SELECT o.number, o.amount, o.dtr_number, CASE
            WHEN d.id IS NULL THEN 'which does not exist'
            WHEN (o.driver_id, o.lease_id) IS DISTINCT FROM (d.driver_id, d.lease_id)
                THEN 'which is of another driver or lease'
            WHEN o.amount > d.held - d.owed_due THEN 'by which ' || d.held - d.owed_due || ' was due'
            END AS fault
        FROM ledger_payouts o LEFT JOIN dtr_dtrs d
            ON o.dtr_number = 'DTR-' || lpad(d.number::text, greatest(6, length(d.number::text)), '0')
        WHERE o.dtr_number <> ''
    ) AS judged WHERE fault IS NOT NULL ORDER BY number LIMIT %s
"""
