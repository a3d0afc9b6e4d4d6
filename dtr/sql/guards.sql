-- The DTR's promises, held by PostgreSQL itself, in the manner of the ledger's guards: every trigger is ENABLE ALWAYS,
-- and every refusal carries SQLSTATE 23514 and a constraint name.
--
-- ledger_refuse_change() is the ledger's (ledger/sql/guards.sql), core_draw_number() is core's (core/sql/guards.sql).

------------------------------------------------------------------------------------------------------------------------
-- 1. A DTR is sealed: numbered without gaps, never changed, never grown
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER dtr_dtrs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dtr_dtrs
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER dtr_lines_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dtr_lines
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- The accounts are locked by now, so all that the cut covers was posted before this moment, and all else comes after.
CREATE FUNCTION dtr_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sealed_at := clock_timestamp();
    NEW.sealed_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;

CREATE TRIGGER dtr_dtrs_number BEFORE INSERT ON dtr_dtrs
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('number');
CREATE TRIGGER dtr_dtrs_seal BEFORE INSERT ON dtr_dtrs
    FOR EACH ROW EXECUTE FUNCTION dtr_seal();

-- LATERAL, OFFSET 0 and no sequential scan, here and below: whatever plan a session keeps, made when DTRs were few,
-- asks the index for each DTR and never reads all.
CREATE FUNCTION dtr_refuse_late_line() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    -- Nor does one that is not there. (What is there stays: a DTR is never deleted.)
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT dtr_id FROM new_rows) AS n
               LEFT JOIN LATERAL (SELECT sealed_in FROM dtr_dtrs WHERE id = n.dtr_id OFFSET 0) AS d ON true
               WHERE d.sealed_in IS DISTINCT FROM pg_current_xact_id()::text::bigint) THEN
        RAISE EXCEPTION 'a sealed DTR takes no more lines'
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_lines_sealed', TABLE = 'dtr_lines';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER dtr_lines_sealed AFTER INSERT ON dtr_lines
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION dtr_refuse_late_line();

-- A DTR's two tables tell the same payments, its head is the sum of its lines, and each line begins with what the
-- driver's last DTR on that lease ended with. So the lines of a driver's DTRs of a week come in one statement. (That a
-- DTR has any: heads.sql.)
CREATE FUNCTION dtr_check_lines() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE
    bad record;
    first_id bigint;
    last_id bigint;
BEGIN
    SELECT d.driver_id, d.week_end INTO bad
        FROM (
            SELECT dtr_id, sum(CASE entry_type WHEN 'DEBIT' THEN 1 ELSE -1 END
                * (paid + applied + from_deposit - undone)) AS difference
            FROM new_rows GROUP BY dtr_id
        ) AS n
        CROSS JOIN LATERAL (SELECT driver_id, week_end FROM dtr_dtrs WHERE id = n.dtr_id OFFSET 0) AS d
        GROUP BY 1, 2 HAVING sum(n.difference) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'driver %, week ending %: what was paid on charges is not what was used of credits',
            bad.driver_id, bad.week_end
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_lines_tables_agree', TABLE = 'dtr_lines';
    END IF;
    -- Of all lines that these DTRs have: were they of this statement alone, others before it would not be counted.
    SELECT min(dtr_id), max(dtr_id) INTO first_id, last_id FROM new_rows;
    SELECT d.number INTO bad
        FROM (
            SELECT dtr_id, coalesce(sum(closing) FILTER (WHERE entry_type = 'DEBIT'), 0) AS owed,
                coalesce(sum(closing) FILTER (WHERE entry_type = 'CREDIT' AND category = 'DEPOSIT'), 0) AS deposits,
                coalesce(sum(closing) FILTER (WHERE entry_type = 'CREDIT' AND category <> 'DEPOSIT'), 0) AS held
            FROM dtr_lines WHERE dtr_id BETWEEN first_id AND last_id GROUP BY dtr_id
        ) AS n
        CROSS JOIN LATERAL (SELECT * FROM dtr_dtrs WHERE id = n.dtr_id OFFSET 0) AS d
        WHERE (n.owed, n.deposits, n.held) <> (d.owed_due + d.owed_since + d.owed_later, d.deposits, d.held) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'DTR %: its head is not the sum of its lines', bad.number
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_lines_sum_to_head', TABLE = 'dtr_lines';
    END IF;
    SELECT dtr_id, entry_type, category INTO bad
        FROM (
            SELECT dtr_id, entry_type, category, opening AS begins, 0.00 AS ended FROM new_rows WHERE opening <> 0
            UNION ALL
            SELECT n.dtr_id, l.entry_type, l.category, 0.00, l.closing
            FROM (SELECT DISTINCT dtr_id FROM new_rows) AS n
                CROSS JOIN LATERAL (SELECT * FROM dtr_dtrs WHERE id = n.dtr_id OFFSET 0) AS d
                CROSS JOIN LATERAL (
                    SELECT id FROM (SELECT * FROM dtr_dtrs WHERE driver_id = d.driver_id OFFSET 0) AS p
                    WHERE p.lease_id IS NOT DISTINCT FROM d.lease_id AND p.week_end < d.week_end
                    ORDER BY p.week_end DESC LIMIT 1
                ) AS last
                CROSS JOIN LATERAL (
                    SELECT entry_type, category, closing FROM dtr_lines WHERE dtr_id = last.id AND closing <> 0 OFFSET 0
                ) AS l
        ) AS both_sides
        GROUP BY 1, 2, 3 HAVING sum(begins) <> sum(ended) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'DTR %: % % does not begin with what the last one ended with',
            bad.dtr_id, bad.entry_type, bad.category
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_lines_brought_forward', TABLE = 'dtr_lines';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER dtr_lines_sum_up AFTER INSERT ON dtr_lines
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION dtr_check_lines();

------------------------------------------------------------------------------------------------------------------------
-- 2. A closed week stays closed, and a finished batch finished
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER dtr_week_closes_never_deleted BEFORE DELETE OR TRUNCATE ON dtr_week_closes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER dtr_close_batches_never_deleted BEFORE DELETE OR TRUNCATE ON dtr_close_batches
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE TRIGGER dtr_week_closes_stays_closed BEFORE UPDATE ON dtr_week_closes
    FOR EACH ROW WHEN (OLD.state = 'CLOSED' OR OLD.week_end <> NEW.week_end)
    EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER dtr_close_batches_stays_done BEFORE UPDATE ON dtr_close_batches
    FOR EACH ROW WHEN (OLD.done_at IS NOT NULL)
    EXECUTE FUNCTION ledger_refuse_change();

------------------------------------------------------------------------------------------------------------------------
-- 3. A trip, or a receipt, is of a week whose close was begun: curb knows no closes, so the key is put there from here
------------------------------------------------------------------------------------------------------------------------

ALTER TABLE curb_trips
    ADD CONSTRAINT curb_trips_week_begun FOREIGN KEY (week_end) REFERENCES dtr_week_closes (week_end)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE curb_trip_counts
    ADD CONSTRAINT curb_trip_counts_week_begun FOREIGN KEY (week_end) REFERENCES dtr_week_closes (week_end)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE curb_reconciliations
    ADD CONSTRAINT curb_reconciliations_week_begun FOREIGN KEY (week_end) REFERENCES dtr_week_closes (week_end)
    DEFERRABLE INITIALLY DEFERRED;

------------------------------------------------------------------------------------------------------------------------
-- 4. What was overruled before a week closed stays said, and is said before the close begins
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER dtr_overrules_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dtr_overrules
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION dtr_refuse_late_overrule() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM new_rows n JOIN dtr_week_closes w ON w.week_end = n.week_end) THEN
        RAISE EXCEPTION 'the close of this week has begun: nothing of it is overruled any more'
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_overrules_before_the_close', TABLE = 'dtr_overrules';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER dtr_overrules_before_the_close AFTER INSERT ON dtr_overrules
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION dtr_refuse_late_overrule();

ALTER TABLE dtr_overrules ENABLE ALWAYS TRIGGER dtr_overrules_append_only;
ALTER TABLE dtr_overrules ENABLE ALWAYS TRIGGER dtr_overrules_before_the_close;
ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_append_only;
ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_number;
ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_seal;
ALTER TABLE dtr_lines ENABLE ALWAYS TRIGGER dtr_lines_append_only;
ALTER TABLE dtr_lines ENABLE ALWAYS TRIGGER dtr_lines_sealed;
ALTER TABLE dtr_lines ENABLE ALWAYS TRIGGER dtr_lines_sum_up;
ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_never_deleted;
ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_stays_closed;
ALTER TABLE dtr_close_batches ENABLE ALWAYS TRIGGER dtr_close_batches_never_deleted;
ALTER TABLE dtr_close_batches ENABLE ALWAYS TRIGGER dtr_close_batches_stays_done;

-- What programs outside are told of it (core_tell_facts() is core's): facts, in the transaction of the act.

CREATE TRIGGER dtr_week_closes_told_started AFTER INSERT ON dtr_week_closes
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'week_close_started'$$,
        'null::bigint',
        $$jsonb_build_object('week_end', n.week_end, 'started_at', n.started_at, 'finished_at', n.finished_at)$$,
        'week_end');
CREATE TRIGGER dtr_week_closes_told AFTER UPDATE ON dtr_week_closes
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN n.state = 'CLOSED' AND o.state <> 'CLOSED' THEN 'week_closed' END$$,
        'null::bigint',
        $$jsonb_build_object('week_end', n.week_end, 'started_at', n.started_at, 'finished_at', n.finished_at)$$,
        'week_end');

ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_told_started;
ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_told;
