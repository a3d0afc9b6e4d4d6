-- What came from CURB is kept as it came, and held by PostgreSQL itself, in the manner of the ledger's guards: every
-- trigger is ENABLE ALWAYS, and every refusal carries SQLSTATE 23514 and a constraint name.
--
-- ledger_refuse_change() is the ledger's (ledger/sql/guards.sql).

------------------------------------------------------------------------------------------------------------------------
-- 1. A trip stays as received, the raw XML too; once counted it counts for the same driver for good, its references
--    stand, and so does its receipt once it is given
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER curb_trips_never_deleted BEFORE DELETE OR TRUNCATE ON curb_trips
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION curb_refuse_trip_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'trip %-%: what was received and whom it counted for never changes', OLD.period, OLD.record_id
        USING ERRCODE = '23514', CONSTRAINT = 'curb_trips_kept_as_received', TABLE = 'curb_trips';
END $$;

CREATE TRIGGER curb_trips_kept_as_received BEFORE UPDATE ON curb_trips
    FOR EACH ROW WHEN (
        (OLD.id, OLD.period, OLD.record_id, OLD.file_id, OLD.received, OLD.raw, OLD.received_at, OLD.license, OLD.cab,
         OLD.start_at, OLD.end_at, OLD.payment_type, OLD.fare, OLD.tips, OLD.extras, OLD.tolls, OLD.mta_tax,
         OLD.improvement, OLD.congestion, OLD.airport, OLD.cbd, OLD.ehail, OLD.health, OLD.total)
        IS DISTINCT FROM
        (NEW.id, NEW.period, NEW.record_id, NEW.file_id, NEW.received, NEW.raw, NEW.received_at, NEW.license, NEW.cab,
         NEW.start_at, NEW.end_at, NEW.payment_type, NEW.fare, NEW.tips, NEW.extras, NEW.tolls, NEW.mta_tax,
         NEW.improvement, NEW.congestion, NEW.airport, NEW.cbd, NEW.ehail, NEW.health, NEW.total)
        OR (OLD.week_end IS NOT NULL
            AND (OLD.week_end, OLD.driver_id, OLD.vehicle_id, OLD.lease_id, OLD.bound_by_id, OLD.bound_at)
            IS DISTINCT FROM (NEW.week_end, NEW.driver_id, NEW.vehicle_id, NEW.lease_id, NEW.bound_by_id, NEW.bound_at))
        OR (OLD.credited_reference <> '' AND OLD.credited_reference <> NEW.credited_reference)
        OR (OLD.taxes_reference <> '' AND OLD.taxes_reference <> NEW.taxes_reference)
        OR (OLD.reconciliation_id IS NOT NULL AND OLD.reconciliation_id IS DISTINCT FROM NEW.reconciliation_id))
    EXECUTE FUNCTION curb_refuse_trip_change();

------------------------------------------------------------------------------------------------------------------------
-- 2. So do card transactions, and a receipt that CURB has confirmed; one that is to be sent may only count its attempts
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER curb_card_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON curb_card_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE TRIGGER curb_reconciliations_never_deleted BEFORE DELETE OR TRUNCATE ON curb_reconciliations
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER curb_reconciliations_stays_confirmed BEFORE UPDATE ON curb_reconciliations
    FOR EACH ROW WHEN (OLD.confirmed_at IS NOT NULL
        OR (OLD.id, OLD.week_end, OLD.period, OLD.created_at)
        IS DISTINCT FROM (NEW.id, NEW.week_end, NEW.period, NEW.created_at))
    EXECUTE FUNCTION ledger_refuse_change();

------------------------------------------------------------------------------------------------------------------------
-- 3. Since when card trips are expected is said anew, never changed
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER curb_card_trips_expected_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON curb_card_trips_expected
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

ALTER TABLE curb_card_trips_expected ENABLE ALWAYS TRIGGER curb_card_trips_expected_append_only;
ALTER TABLE curb_trips ENABLE ALWAYS TRIGGER curb_trips_never_deleted;
ALTER TABLE curb_trips ENABLE ALWAYS TRIGGER curb_trips_kept_as_received;
ALTER TABLE curb_card_transactions ENABLE ALWAYS TRIGGER curb_card_transactions_append_only;
ALTER TABLE curb_reconciliations ENABLE ALWAYS TRIGGER curb_reconciliations_never_deleted;
ALTER TABLE curb_reconciliations ENABLE ALWAYS TRIGGER curb_reconciliations_stays_confirmed;
