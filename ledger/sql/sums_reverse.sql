-- Undoes sums.sql; for development only.
DROP TRIGGER ledger_sum_runs_add ON ledger_sum_runs;
DROP TRIGGER ledger_sum_runs_follow ON ledger_sum_runs;
DROP TRIGGER ledger_sum_runs_append_only ON ledger_sum_runs;
DROP TRIGGER ledger_posting_sums_kept_by_database ON ledger_posting_sums;
DROP TRIGGER ledger_posting_sums_never_truncated ON ledger_posting_sums;
DROP TRIGGER ledger_transfer_sums_kept_by_database ON ledger_transfer_sums;
DROP TRIGGER ledger_transfer_sums_never_truncated ON ledger_transfer_sums;
DROP FUNCTION ledger_add_to_sums();
DROP FUNCTION ledger_check_sum_run();
