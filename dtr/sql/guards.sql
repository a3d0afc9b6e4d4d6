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
-- 2. A trip stays as received; once counted it counts for the same driver for good, and its references stand
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER dtr_trips_never_deleted BEFORE DELETE OR TRUNCATE ON dtr_trips
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION dtr_refuse_trip_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'trip %-%: what was received and whom it counted for never changes', OLD.period, OLD.record_id
        USING ERRCODE = '23514', CONSTRAINT = 'dtr_trips_kept_as_received', TABLE = 'dtr_trips';
END $$;

CREATE TRIGGER dtr_trips_kept_as_received BEFORE UPDATE ON dtr_trips
    FOR EACH ROW WHEN (
        (OLD.id, OLD.period, OLD.record_id, OLD.file_id, OLD.received, OLD.received_at, OLD.license, OLD.cab,
         OLD.start_at, OLD.end_at, OLD.payment_type, OLD.fare, OLD.tips, OLD.extras, OLD.tolls, OLD.mta_tax,
         OLD.improvement, OLD.congestion, OLD.airport, OLD.cbd, OLD.ehail, OLD.health, OLD.total)
        IS DISTINCT FROM
        (NEW.id, NEW.period, NEW.record_id, NEW.file_id, NEW.received, NEW.received_at, NEW.license, NEW.cab,
         NEW.start_at, NEW.end_at, NEW.payment_type, NEW.fare, NEW.tips, NEW.extras, NEW.tolls, NEW.mta_tax,
         NEW.improvement, NEW.congestion, NEW.airport, NEW.cbd, NEW.ehail, NEW.health, NEW.total)
        OR (OLD.week_end IS NOT NULL AND (OLD.week_end, OLD.driver_id, OLD.vehicle_id, OLD.lease_id)
            IS DISTINCT FROM (NEW.week_end, NEW.driver_id, NEW.vehicle_id, NEW.lease_id))
        OR (OLD.credited_reference <> '' AND OLD.credited_reference <> NEW.credited_reference)
        OR (OLD.taxes_reference <> '' AND OLD.taxes_reference <> NEW.taxes_reference))
    EXECUTE FUNCTION dtr_refuse_trip_change();

------------------------------------------------------------------------------------------------------------------------
-- 3. A closed week stays closed, and a finished batch finished
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

ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_append_only;
ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_number;
ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_seal;
ALTER TABLE dtr_lines ENABLE ALWAYS TRIGGER dtr_lines_append_only;
ALTER TABLE dtr_lines ENABLE ALWAYS TRIGGER dtr_lines_sealed;
ALTER TABLE dtr_trips ENABLE ALWAYS TRIGGER dtr_trips_never_deleted;
ALTER TABLE dtr_trips ENABLE ALWAYS TRIGGER dtr_trips_kept_as_received;
ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_never_deleted;
ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_stays_closed;
ALTER TABLE dtr_close_batches ENABLE ALWAYS TRIGGER dtr_close_batches_never_deleted;
ALTER TABLE dtr_close_batches ENABLE ALWAYS TRIGGER dtr_close_batches_stays_done;
