-- Undoes transfers.sql, newest first; for development only: without it nothing protects the books.
DROP TRIGGER ledger_slip_checks_returned ON ledger_slip_checks;
DROP TRIGGER ledger_postings_void_mirrored ON ledger_postings;
DROP TRIGGER ledger_transfers_cause_checked ON ledger_transfers;
DROP TRIGGER ledger_slip_checks_checked ON ledger_slip_checks;
DROP TRIGGER ledger_transfers_checked ON ledger_transfers;
DROP TRIGGER ledger_chart_fixed ON ledger_chart;
DROP TRIGGER ledger_chart_kept ON ledger_chart;
DROP TRIGGER ledger_slip_checks_append_only ON ledger_slip_checks;
DROP TRIGGER ledger_transfers_append_only ON ledger_transfers;
DROP TRIGGER ledger_transfers_day_open ON ledger_transfers;
DROP FUNCTION ledger_check_slip_returned();
DROP FUNCTION ledger_check_voided_cause();
DROP FUNCTION ledger_check_transfer_cause();
DROP FUNCTION ledger_check_returned(bigint);
DROP FUNCTION ledger_check_cause(bigint);
DROP FUNCTION ledger_check_slip();
DROP FUNCTION ledger_check_transfer();
DROP FUNCTION ledger_refuse_transfer(text, bigint, text);
DROP FUNCTION ledger_check_chart();
ALTER TABLE ledger_slip_checks
    DROP CONSTRAINT ledger_slip_checks_transfer_exists,
    DROP CONSTRAINT ledger_slip_checks_payment_exists;
ALTER TABLE ledger_transfers
    DROP CONSTRAINT ledger_transfers_amount_positive,
    DROP CONSTRAINT ledger_transfers_reference_given,
    DROP CONSTRAINT ledger_transfers_date_readable,
    DROP CONSTRAINT ledger_transfers_no_control,
    DROP CONSTRAINT ledger_transfers_accounts,
    DROP CONSTRAINT ledger_transfers_cause_named,
    DROP CONSTRAINT ledger_transfers_reason_given,
    DROP CONSTRAINT ledger_transfers_debit_exists,
    DROP CONSTRAINT ledger_transfers_credit_exists,
    DROP CONSTRAINT ledger_transfers_posting_exists,
    DROP CONSTRAINT ledger_transfers_payment_exists,
    DROP CONSTRAINT ledger_transfers_original_exists,
    DROP CONSTRAINT ledger_transfers_author_exists;
ALTER TABLE ledger_chart
    DROP CONSTRAINT ledger_chart_type_known,
    DROP CONSTRAINT ledger_chart_code_readable;
