-- Takes the lock of an Idempotency-Key for the transaction, or says that somebody else has it, and returns the answer that
-- is stored under the key. Two statements of a VOLATILE function: the second sees what the holder before committed.
CREATE FUNCTION core_find_answer(lock bigint, asker integer, asked text)
RETURNS TABLE (is_locked boolean, stored core_stored_answers) LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    is_locked := pg_try_advisory_xact_lock(lock);
    IF is_locked THEN
        SELECT * INTO stored FROM core_stored_answers WHERE user_id = asker AND key = asked;
    END IF;
    RETURN NEXT;
END $$;
