-- Undoes recoveries.sql; for development only.
DROP FUNCTION ledger_check_recovery;
