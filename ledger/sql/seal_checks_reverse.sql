-- Undoes seal_checks.sql; for development only.
DROP TRIGGER ledger_seal_checks_of_seal ON ledger_seal_checks;
DROP FUNCTION ledger_check_verification();
