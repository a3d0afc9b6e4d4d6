-- Undoes books.sql, newest first; for development only.
DROP TRIGGER loans_transfers_paid_out ON ledger_transfers;
DROP TRIGGER loans_driverloan_paid_out ON loans_driverloan;
DROP FUNCTION loans_check_transfer();
DROP FUNCTION loans_check_loan();
DROP FUNCTION loans_check_paid_out(bigint);
ALTER TABLE ledger_transfers DROP CONSTRAINT loans_transfers_loan_exists;
