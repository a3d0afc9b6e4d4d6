-- Undoes clock.sql; for development only.
DROP TRIGGER ledger_waterfall_orders_database_clock ON ledger_waterfall_orders;
DROP TRIGGER ledger_payouts_database_clock ON ledger_payouts;
DROP TRIGGER ledger_payments_database_clock ON ledger_payments;
DROP FUNCTION ledger_refuse_other_clock();
