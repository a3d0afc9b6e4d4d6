-- Undoes recoveries.sql; for development only.
DROP TRIGGER ledger_postings_recovers_what_was_given ON ledger_postings;
DROP FUNCTION ledger_check_recovery();
