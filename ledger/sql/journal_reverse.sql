-- Undoes journal.sql; for development only.
DROP TRIGGER ledger_journal_batches_follow ON ledger_journal_batches;
DROP TRIGGER ledger_journal_batches_append_only ON ledger_journal_batches;
DROP TRIGGER ledger_journal_batch_drivers_append_only ON ledger_journal_batch_drivers;
DROP FUNCTION ledger_check_journal_batch();
