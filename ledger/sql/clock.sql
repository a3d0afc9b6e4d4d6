-- When a document was written, and when an order was set, is the database's clock, as with postings (guards.sql, 7) and
-- transfers. On which day money counts somebody says, within the open days; when it was entered nobody does. By that
-- moment receipts are listed and doubled ones are found, and what was paid is judged by the order then known.

CREATE FUNCTION ledger_refuse_other_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: % is the database''s clock', TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_database_clock', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER ledger_payments_database_clock BEFORE INSERT ON ledger_payments
    FOR EACH ROW WHEN (NEW.received_at <> statement_timestamp()) EXECUTE FUNCTION ledger_refuse_other_clock('received_at');
CREATE TRIGGER ledger_payouts_database_clock BEFORE INSERT ON ledger_payouts
    FOR EACH ROW WHEN (NEW.paid_at <> statement_timestamp()) EXECUTE FUNCTION ledger_refuse_other_clock('paid_at');
CREATE TRIGGER ledger_waterfall_orders_database_clock BEFORE INSERT ON ledger_waterfall_orders
    FOR EACH ROW WHEN (NEW.created_at <> statement_timestamp()) EXECUTE FUNCTION ledger_refuse_other_clock('created_at');

ALTER TABLE ledger_payments ENABLE ALWAYS TRIGGER ledger_payments_database_clock;
ALTER TABLE ledger_payouts ENABLE ALWAYS TRIGGER ledger_payouts_database_clock;
ALTER TABLE ledger_waterfall_orders ENABLE ALWAYS TRIGGER ledger_waterfall_orders_database_clock;
