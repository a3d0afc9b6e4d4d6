-- A verification is of a seal that is there: one of a number still to come would have the seals until then pass as
-- compared. What it says that it found is its own; the newest seals are compared again whatever it says.

CREATE FUNCTION ledger_check_verification() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    last ledger_seal_checks;
    rule text;
BEGIN
    SELECT * INTO last FROM ledger_seal_checks ORDER BY id DESC LIMIT 1;
    rule := CASE
        WHEN NEW.checked_at <> statement_timestamp() THEN 'ledger_seal_checks_database_clock'
        -- A head that is gone is asked for by each that follows.
        WHEN last.head <> '' AND NOT EXISTS (SELECT FROM ledger_seals WHERE digest = last.head) THEN
            CASE WHEN (NEW.through_number, NEW.head) <> (last.through_number, last.head)
                THEN 'ledger_seal_checks_head_kept' END
        -- Before the first seal there is none; one that is made meanwhile is the next verification's.
        WHEN (NEW.through_number, NEW.head, coalesce(last.through_number, 0)) = (0, '', 0) THEN NULL
        WHEN NOT EXISTS (SELECT FROM ledger_seals WHERE number = NEW.through_number AND digest = NEW.head)
            THEN 'ledger_seal_checks_of_seal' END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'verification up to seal % refused: it is of a seal that is there, and of this moment',
            NEW.through_number
            USING ERRCODE = '23514', CONSTRAINT = rule, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_seal_checks_of_seal BEFORE INSERT ON ledger_seal_checks
    FOR EACH ROW EXECUTE FUNCTION ledger_check_verification();

ALTER TABLE ledger_seal_checks ENABLE ALWAYS TRIGGER ledger_seal_checks_of_seal;
