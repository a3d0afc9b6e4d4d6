DROP FUNCTION ledger_void_untouched(text, text, bigint, text[], date, text, integer);
DROP FUNCTION ledger_lock_in_time(bigint, text, text);
DROP FUNCTION ledger_let_pass(timestamptz);
