-- The DTR's promises, held by PostgreSQL itself, in the manner of the ledger's guards: every trigger is ENABLE ALWAYS,
-- and every refusal carries SQLSTATE 23514 and a constraint name.
--
-- ledger_refuse_change() and ledger_draw_number() are the ledger's (ledger/sql/guards.sql).

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
    FOR EACH ROW EXECUTE FUNCTION ledger_draw_number();
CREATE TRIGGER dtr_dtrs_seal BEFORE INSERT ON dtr_dtrs
    FOR EACH ROW EXECUTE FUNCTION dtr_seal();

CREATE FUNCTION dtr_refuse_late_line() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM new_rows n JOIN dtr_dtrs d ON d.id = n.dtr_id
               WHERE d.sealed_in <> pg_current_xact_id()::text::bigint) THEN
        RAISE EXCEPTION 'a sealed DTR takes no more lines'
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_lines_sealed', TABLE = 'dtr_lines';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER dtr_lines_sealed AFTER INSERT ON dtr_lines
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION dtr_refuse_late_line();

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
ALTER TABLE curb_reconciliations
    ADD CONSTRAINT curb_reconciliations_week_begun FOREIGN KEY (week_end) REFERENCES dtr_week_closes (week_end)
    DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_append_only;
ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_number;
ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_seal;
ALTER TABLE dtr_lines ENABLE ALWAYS TRIGGER dtr_lines_append_only;
ALTER TABLE dtr_lines ENABLE ALWAYS TRIGGER dtr_lines_sealed;
ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_never_deleted;
ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_stays_closed;
ALTER TABLE dtr_close_batches ENABLE ALWAYS TRIGGER dtr_close_batches_never_deleted;
ALTER TABLE dtr_close_batches ENABLE ALWAYS TRIGGER dtr_close_batches_stays_done;
