DROP FUNCTION ledger_take_payment(bigint, bigint, numeric, numeric, text, text, text, text, date, integer, text, text, text,
    text, bigint[], numeric[], boolean);
DROP FUNCTION ledger_list_posted(bigint);
DROP FUNCTION ledger_begin_payment(text, text, bigint, text, numeric, integer, text[]);
DROP FUNCTION ledger_lock_posting(text, text, bigint);
DROP FUNCTION ledger_open_unknown(text, text, text, text, text, numeric, text, bigint, bigint, bigint, date, date, text,
    text, numeric, integer);
DROP FUNCTION ledger_lock_account(bigint, text, text);
