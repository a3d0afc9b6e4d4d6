"""Facts of the ledger. Its tables are only added to, so their rows are the facts; the hot path writes nothing more."""

from core.events import Source, as_data, register_kinds, register_rows

register_kinds(
    {
        "books_closed": "The books were closed through a day",
        "books_reopened": "A closed day was reopened",
        "paid": "A payment was received",
        "paid_out": "Money was paid out to a driver",
        "posted": "Something was posted to a driver's account",
        "seals_verified": "The seals were compared with what they seal",
        "transfer_recorded": "Money was moved between the fleet's own accounts",
        "transfer_reversed": "A transfer was reversed",
        "voided": "A posting was voided",
    }
)

# Of one moment, a document comes before what was posted by it.
register_rows(
    Source(
        table="ledger_payments",
        kind="'paid'",
        at="r.received_at",
        data=as_data(
            payment_id="r.id",
            reference_id="'PAY-' || lpad(r.number::text, 6, '0')",
            driver_id="r.driver_id",
            lease_id="r.lease_id",
            amount="r.amount::text",
            deposit="r.deposit::text",
            method="r.method",
            received_on="r.received_on",
        ),
    )
)
register_rows(
    Source(
        table="ledger_payouts",
        kind="'paid_out'",
        at="r.paid_at",
        data=as_data(
            payout_id="r.id",
            reference_id="'OUT-' || lpad(r.number::text, 6, '0')",
            driver_id="r.driver_id",
            lease_id="r.lease_id",
            amount="r.amount::text",
            method="r.method",
            dtr_number="r.dtr_number",
            paid_on="r.paid_on",
        ),
    )
)
register_rows(
    Source(
        table="ledger_postings",
        kind="CASE r.kind WHEN 'VOID' THEN 'voided' ELSE 'posted' END",
        data=as_data(
            posting_id="r.id",
            kind="r.kind",
            entry_type="r.entry_type",
            category="r.category",
            amount="r.amount::text",
            reference_id="r.reference_id",
            driver_id="r.driver_id",
            lease_id="r.lease_id",
            vehicle_id="r.vehicle_id",
            balance_id="r.balance_id",
            funding_id="r.funding_id",
            reverses_id="r.reverses_id",
            payment_id="r.payment_id",
            payout_id="r.payout_id",
            due_on="r.due_on",
            effective_on="r.effective_on",
        ),
    )
)
register_rows(
    Source(
        table="ledger_transfers",
        kind="CASE WHEN r.reverses_id IS NULL THEN 'transfer_recorded' ELSE 'transfer_reversed' END",
        driver_id="null::bigint",
        data=as_data(
            transfer_id="r.id",
            kind="r.kind",
            debit="r.debit",
            credit="r.credit",
            amount="r.amount::text",
            reference_id="r.reference_id",
            reverses_id="r.reverses_id",
            effective_on="r.effective_on",
        ),
    )
)
register_rows(
    Source(
        table="ledger_books_log",
        kind="CASE r.kind WHEN 'REOPENED' THEN 'books_reopened' ELSE 'books_closed' END",
        driver_id="null::bigint",
        at="r.at",
        data=as_data(day="r.day", kind="r.kind", until_at="r.until_at"),
    )
)
register_rows(
    Source(
        table="ledger_seal_checks",
        kind="'seals_verified'",
        driver_id="null::bigint",
        at="r.checked_at",
        data=as_data(
            check_id="r.id", seal="r.through_number", seal_head="r.head", is_whole="r.is_whole", findings="r.findings"
        ),
    )
)
