-- Undoes curb_guards.sql, newest first; for development only.
DROP TRIGGER dtr_reconciliations_stays_confirmed ON dtr_reconciliations;
DROP TRIGGER dtr_reconciliations_never_deleted ON dtr_reconciliations;
DROP TRIGGER dtr_card_transactions_append_only ON dtr_card_transactions;
DROP TRIGGER dtr_trips_kept_as_received ON dtr_trips;
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
ALTER TABLE dtr_trips ENABLE ALWAYS TRIGGER dtr_trips_kept_as_received;
