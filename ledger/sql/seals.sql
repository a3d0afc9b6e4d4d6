-- Seals, held by PostgreSQL itself: never changed, and each follows the one before. Whoever goes around these guards can
-- change a seal, but not without another head.

-- Digests don't compress.
ALTER TABLE ledger_seals ALTER COLUMN digests SET STORAGE EXTERNAL;

ALTER TABLE ledger_seals
    ADD CONSTRAINT ledger_seals_row_by_row CHECK (cardinality(ids) = row_count AND octet_length(digests) = 12 * row_count);

CREATE TRIGGER ledger_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seals
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_seal_checks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal_checks
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION ledger_check_seal() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    last_number bigint;
    last_digest text;
    last_through bigint;
BEGIN
    -- One who seals at a time. (Whoever has an older snapshot finds the number taken.)
    PERFORM pg_advisory_xact_lock(hashtextextended('ledger_seals', 0));
    SELECT number, digest INTO last_number, last_digest FROM ledger_seals ORDER BY number DESC LIMIT 1;
    SELECT through_id INTO last_through FROM ledger_seals WHERE table_name = NEW.table_name
        ORDER BY number DESC LIMIT 1;
    IF (NEW.number, NEW.previous, NEW.after_id) IS DISTINCT FROM
        (coalesce(last_number, 0) + 1, coalesce(last_digest, ''), coalesce(last_through, 0))
    THEN
        RAISE EXCEPTION 'seal %: it follows the last one, and begins where its table''s last one ended', NEW.number
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_seals_follow', TABLE = 'ledger_seals';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_seals_follow BEFORE INSERT ON ledger_seals
    FOR EACH ROW EXECUTE FUNCTION ledger_check_seal();

ALTER TABLE ledger_seals ENABLE ALWAYS TRIGGER ledger_seals_append_only;
ALTER TABLE ledger_seals ENABLE ALWAYS TRIGGER ledger_seals_follow;
ALTER TABLE ledger_seal_checks ENABLE ALWAYS TRIGGER ledger_seal_checks_append_only;
