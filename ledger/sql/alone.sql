-- What one statement locks and posts bears the moment at which it began, before it had the lock. So it posts only where
-- it had the lock within 100 ms; and who asks where a driver stood at a moment locks the account 100 ms after that.

-- Locks a driver's account, and tells whether it was had in time, and nobody posted for this driver since this statement
-- began: what it posted then would bear an earlier moment than what is before it.
CREATE FUNCTION ledger_lock_in_time(driver bigint, patience text, today text) RETURNS boolean LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    latest record;
BEGIN
    PERFORM ledger_lock_account(driver, patience, today);
    -- In the order of one index alone: by id there is another, which would be read back to the driver's last posting.
    SELECT driver_id, posted_at INTO latest FROM ledger_postings WHERE (driver_id, id) <= (driver, 9223372036854775807)
        ORDER BY driver_id DESC, id DESC LIMIT 1;
    RETURN (latest.driver_id = driver AND latest.posted_at > statement_timestamp()) IS NOT TRUE
        AND clock_timestamp() < statement_timestamp() + interval '100 ms';
END $$;

-- Waits until no statement that began by this moment can still lock an account, and post.
CREATE FUNCTION ledger_let_pass(moment timestamptz) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_sleep(extract(epoch FROM moment + interval '100 ms' - clock_timestamp()))
        WHERE moment BETWEEN clock_timestamp() - interval '100 ms' AND clock_timestamp();
END $$;

-- Voids a charge that nothing has moved, under its driver's lock, and returns it and then its opposite. Nothing where it
-- is not one, or of a later day, or its reference begins as one of these, or somebody posted for this driver meanwhile.
-- The caller then looks what there is, and says it or does it.
CREATE FUNCTION ledger_void_untouched(patience text, today text, wanted bigint, but_not text[], day date,
    new_reason text, author integer) RETURNS SETOF ledger_postings
LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    -- A posting never changes, so it may be read before its driver's account is locked.
    found ledger_postings;
BEGIN
    SELECT * INTO found FROM ledger_postings WHERE id = wanted;
    IF (found.kind = 'OBLIGATION' AND NOT found.reference_id ^@ ANY(but_not) AND found.effective_on <= day) IS NOT TRUE THEN
        RETURN;
    END IF;
    IF NOT ledger_lock_in_time(found.driver_id, patience, today) THEN RETURN; END IF;
    -- A look of its own: what is seen beside the lock is as old as the wait for it.
    IF EXISTS (SELECT FROM ledger_postings WHERE balance_id = wanted)
        OR EXISTS (SELECT FROM ledger_transfers WHERE posting_id = wanted)
    THEN
        RETURN;
    END IF;
    RETURN NEXT found;
    RETURN QUERY INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id,
            vehicle_id, balance_id, reverses_id, effective_on, reason, income, posted_by_id)
        VALUES ('VOID', 'CREDIT', found.category, found.amount, found.reference_id, found.driver_id, found.lease_id,
            found.vehicle_id, wanted, wanted, day, new_reason, found.income, author)
        RETURNING *;
END $$;
