"""Which tables of the ledger are sealed: all that are only added to, but for the seals themselves.

Balances are not: whoever doubts one adds up its postings.
"""

from core.seals import SealedTable, register_table

register_table(
    SealedTable(
        table="ledger_postings",
        encodings={
            1: "id kind entry_type category amount:money reference_id driver_id lease_id vehicle_id balance_id "
            "funding_id reverses_id payment_id payout_id due_on effective_on reason description income:money "
            "posted_by_id posted_at:moment"
        },
        written_at="r.posted_at",
    )
)
register_table(
    SealedTable(
        table="ledger_payments",
        encodings={
            1: "id number driver_id lease_id amount:money deposit:money method instrument_number received_on "
            "received_at:moment received_by_id idempotency_key fingerprint"
        },
        written_at="r.received_at",
    )
)
register_table(
    SealedTable(
        table="ledger_payouts",
        encodings={
            1: "id number driver_id lease_id amount:money method instrument_number dtr_number paid_on paid_at:moment "
            "paid_by_id idempotency_key fingerprint"
        },
        written_at="r.paid_at",
    )
)
register_table(
    SealedTable(
        table="ledger_transfers",
        encodings={
            1: "id kind debit credit amount:money reference_id occurrence effective_on reason posting_id payment_id "
            "loan_id reverses_id posted_by_id posted_at:moment"
        },
        written_at="r.posted_at",
    )
)
register_table(
    SealedTable(
        table="ledger_slip_checks",
        encodings={1: "id transfer_id payment_id"},
        written_at="(SELECT t.posted_at FROM ledger_transfers t WHERE t.id = r.transfer_id)",
    )
)
register_table(
    SealedTable(
        table="ledger_waterfall_orders",
        encodings={1: "id effective_on categories:list created_at:moment"},
        written_at="r.created_at",
    )
)
register_table(
    SealedTable(
        table="ledger_books_log",
        encodings={1: "id kind day hours until_at:moment reason by_id at:moment"},
        written_at="r.at",
    )
)
register_table(
    SealedTable(
        table="ledger_journal_batches",
        encodings={
            1: "number after_posting_id last_posting_id after_transfer_id last_transfer_id entries total:money from_on "
            "to_on chart:json taken_at:moment taken_by_id"
        },
        written_at="r.taken_at",
        key="number",
        has_sequence=False,
    )
)
register_table(
    SealedTable(
        table="ledger_journal_batch_drivers",
        encodings={1: "id batch_id driver_id name"},
        written_at="(SELECT b.taken_at FROM ledger_journal_batches b WHERE b.number = r.batch_id)",
    )
)
