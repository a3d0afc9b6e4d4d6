-- Undoes guards.sql, newest first; for development only: without it nothing protects the ledger.
DROP TRIGGER ledger_postings_project ON ledger_postings;
DROP TRIGGER ledger_accounts_cut_moves_forward ON ledger_accounts;
DROP TRIGGER ledger_books_log_enter ON ledger_books_log;
DROP TRIGGER ledger_books_log_append_only ON ledger_books_log;
DROP TRIGGER ledger_books_never_deleted ON ledger_books;
DROP TRIGGER ledger_books_kept_by_database ON ledger_books;
DROP TRIGGER ledger_payouts_day_open ON ledger_payouts;
DROP TRIGGER ledger_payments_day_open ON ledger_payments;
DROP TRIGGER ledger_payouts_lease_of_driver ON ledger_payouts;
DROP TRIGGER ledger_payments_lease_of_driver ON ledger_payments;
DROP TRIGGER ledger_named_leases_of_driver ON ledger_named_leases;
DROP TRIGGER ledger_payouts_number ON ledger_payouts;
DROP TRIGGER ledger_payments_number ON ledger_payments;
DROP TRIGGER ledger_balances_never_deleted ON ledger_balances;
DROP TRIGGER ledger_balances_kept_by_database ON ledger_balances;
DROP TRIGGER ledger_accounts_kept ON ledger_accounts;
DROP TRIGGER ledger_waterfall_orders_append_only ON ledger_waterfall_orders;
DROP TRIGGER ledger_payouts_append_only ON ledger_payouts;
DROP TRIGGER ledger_payments_append_only ON ledger_payments;
DROP TRIGGER ledger_postings_append_only ON ledger_postings;
DROP TRIGGER ledger_named_leases_kept ON ledger_named_leases;
DROP TRIGGER ledger_named_vehicles_kept ON ledger_named_vehicles;
DROP TRIGGER ledger_named_authors_kept ON ledger_named_authors;
DROP FUNCTION ledger_project_postings();
DROP FUNCTION ledger_refuse_posting(text, bigint, text, text);
DROP FUNCTION ledger_enter_books();
DROP FUNCTION ledger_check_document_day();
DROP FUNCTION ledger_check_day_has_come(text, date);
DROP FUNCTION ledger_refuse_day(text, date, date);
DROP FUNCTION ledger_is_reopened(date);
DROP FUNCTION ledger_hold_books();
DROP FUNCTION ledger_closed_through();
DROP FUNCTION ledger_closed_at_first();
DROP FUNCTION ledger_find_broken_rule;
DROP FUNCTION ledger_check_lease();
DROP FUNCTION ledger_check_account();
DROP FUNCTION ledger_refuse_direct_write();
DROP FUNCTION ledger_refuse_change();
ALTER TABLE ledger_books DROP CONSTRAINT ledger_books_one_row;
ALTER TABLE ledger_books_log DROP CONSTRAINT ledger_books_log_day_readable;
ALTER TABLE ledger_waterfall_orders
    DROP CONSTRAINT ledger_waterfall_orders_is_permutation,
    DROP CONSTRAINT ledger_waterfall_orders_date_readable;
ALTER TABLE ledger_payouts
    DROP CONSTRAINT ledger_payouts_amount_is_number,
    DROP CONSTRAINT ledger_payouts_dates_readable,
    DROP CONSTRAINT ledger_payouts_driver_exists,
    DROP CONSTRAINT ledger_payouts_lease_exists,
    DROP CONSTRAINT ledger_payouts_paid_by;
ALTER TABLE ledger_payments
    DROP CONSTRAINT ledger_payments_amount_is_number,
    DROP CONSTRAINT ledger_payments_dates_readable,
    DROP CONSTRAINT ledger_payments_driver_exists,
    DROP CONSTRAINT ledger_payments_lease_exists,
    DROP CONSTRAINT ledger_payments_received_by;
ALTER TABLE ledger_named_leases DROP CONSTRAINT ledger_postings_lease_exists;
ALTER TABLE ledger_named_vehicles DROP CONSTRAINT ledger_postings_vehicle_exists;
ALTER TABLE ledger_named_authors DROP CONSTRAINT ledger_postings_author_exists;
ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_driver_exists;
ALTER TABLE ledger_balances
    RESET (fillfactor);
