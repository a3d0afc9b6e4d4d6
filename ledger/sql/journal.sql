-- Batches of the journal, held by PostgreSQL itself: never changed, and each begins where the one before ended.

CREATE TRIGGER ledger_journal_batches_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_journal_batches
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_journal_batch_drivers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON ledger_journal_batch_drivers FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION ledger_check_journal_batch() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    before ledger_journal_batches;
BEGIN
    SELECT * INTO before FROM ledger_journal_batches ORDER BY number DESC LIMIT 1;
    IF (NEW.number, NEW.after_posting_id, NEW.after_transfer_id) IS DISTINCT FROM
        (coalesce(before.number, 0) + 1, coalesce(before.last_posting_id, 0), coalesce(before.last_transfer_id, 0))
    THEN
        RAISE EXCEPTION 'journal batch %: it begins where the last one ended, under the next number', NEW.number
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_journal_batches_follow', TABLE = 'ledger_journal_batches';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_journal_batches_follow BEFORE INSERT ON ledger_journal_batches
    FOR EACH ROW EXECUTE FUNCTION ledger_check_journal_batch();

ALTER TABLE ledger_journal_batches ENABLE ALWAYS TRIGGER ledger_journal_batches_append_only;
ALTER TABLE ledger_journal_batches ENABLE ALWAYS TRIGGER ledger_journal_batches_follow;
ALTER TABLE ledger_journal_batch_drivers ENABLE ALWAYS TRIGGER ledger_journal_batch_drivers_append_only;
