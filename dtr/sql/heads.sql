-- A DTR is of a week whose close is open, ends where its driver's account was cut, and its head is the sum of its
-- lines, of none too. What looks at lines alone can't see to that: a DTR may have none.

-- Asked once for all DTRs of a statement. The close is held as the foreign key held it, and in the place of that, which
-- asked for each DTR: whoever finishes it waits for these DTRs, and who comes after finds it closed. (A close is never
-- deleted, and keeps its week.) The accounts are locked, and were cut, before.
CREATE FUNCTION dtr_check_seal() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.week_end INTO bad
        FROM (SELECT DISTINCT week_end FROM new_rows) AS n
        LEFT JOIN LATERAL (
            SELECT state FROM dtr_week_closes WHERE week_end = n.week_end FOR KEY SHARE
        ) AS c ON true
        WHERE c.state IS DISTINCT FROM 'OPEN' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the close of the week ending % is not open: no DTR of it is sealed', bad.week_end
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_dtrs_week_open', TABLE = 'dtr_dtrs';
    END IF;
    SELECT n.number, n.sealed_through, a.sealed_through AS cut INTO bad
        FROM new_rows AS n
        LEFT JOIN LATERAL (
            SELECT sealed_through FROM ledger_accounts WHERE driver_id = n.driver_id OFFSET 0
        ) AS a ON true
        WHERE a.sealed_through IS DISTINCT FROM n.sealed_through LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'DTR %: it ends at posting %, and its driver''s account was cut at %',
            bad.number, bad.sealed_through, bad.cut
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_dtrs_end_at_the_cut', TABLE = 'dtr_dtrs';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER dtr_dtrs_of_open_week AFTER INSERT ON dtr_dtrs
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION dtr_check_seal();

-- The lines come after their DTR, and are held against its head as they come (dtr_check_lines). Where none come, only
-- the transaction's end can tell. PostgreSQL asks then for a row: one here for all DTRs of a statement, which is gone
-- once it was answered, and which no other transaction ever sees. (Asked for each DTR it took four times as long.)
CREATE TABLE dtr_awaiting_lines (first_id bigint PRIMARY KEY, last_id bigint NOT NULL);

CREATE FUNCTION dtr_await_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO dtr_awaiting_lines (first_id, last_id) SELECT min(id), max(id) FROM new_rows HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE TRIGGER dtr_dtrs_will_have_lines AFTER INSERT ON dtr_dtrs
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION dtr_await_lines();

-- EXCEPT, so that both sides are read once, whatever plan a session keeps; another's DTRs may lie in between.
CREATE FUNCTION dtr_check_lineless() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE
    bad record;
BEGIN
    DELETE FROM dtr_awaiting_lines WHERE first_id = NEW.first_id;
    SELECT d.number, d.held + d.deposits + d.owed_due + d.owed_since + d.owed_later <> 0 AS has_sums INTO bad
        FROM (
            SELECT id FROM dtr_dtrs
            WHERE id BETWEEN NEW.first_id AND NEW.last_id AND sealed_in = pg_current_xact_id()::text::bigint
            EXCEPT
            SELECT dtr_id FROM dtr_lines WHERE dtr_id BETWEEN NEW.first_id AND NEW.last_id
        ) AS n
        CROSS JOIN LATERAL (SELECT * FROM dtr_dtrs WHERE id = n.id OFFSET 0) AS d
        WHERE d.held + d.deposits + d.owed_due + d.owed_since + d.owed_later <> 0 OR EXISTS (
            SELECT FROM dtr_lines WHERE closing <> 0 AND dtr_id = (
                SELECT id FROM dtr_dtrs
                WHERE driver_id = d.driver_id AND lease_id IS NOT DISTINCT FROM d.lease_id AND week_end < d.week_end
                ORDER BY week_end DESC LIMIT 1))
        LIMIT 1;
    IF bad.has_sums THEN
        RAISE EXCEPTION 'DTR %: its head is not the sum of its lines: it has none', bad.number
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_lines_sum_to_head', TABLE = 'dtr_dtrs';
    ELSIF bad.number IS NOT NULL THEN
        RAISE EXCEPTION 'DTR %: it has no line of what the last one ended with', bad.number
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_lines_brought_forward', TABLE = 'dtr_dtrs';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER dtr_awaiting_lines_came AFTER INSERT ON dtr_awaiting_lines
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dtr_check_lineless();

ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_of_open_week;
ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_will_have_lines;
ALTER TABLE dtr_awaiting_lines ENABLE ALWAYS TRIGGER dtr_awaiting_lines_came;
