-- Undoes seals.sql; for development only.
DROP TRIGGER ledger_seals_follow ON ledger_seals;
DROP FUNCTION ledger_check_seal();
DROP FUNCTION IF EXISTS ledger_refuse_seal(text, bigint, text);
DROP TRIGGER ledger_seal_checks_append_only ON ledger_seal_checks;
DROP TRIGGER ledger_seals_append_only ON ledger_seals;
ALTER TABLE ledger_seals DROP CONSTRAINT ledger_seals_row_by_row;
