-- Undoes guards.sql, newest first; for development only.
DROP TRIGGER curb_card_trips_expected_append_only ON curb_card_trips_expected;
DROP TRIGGER curb_reconciliations_stays_confirmed ON curb_reconciliations;
DROP TRIGGER curb_reconciliations_never_deleted ON curb_reconciliations;
DROP TRIGGER curb_card_transactions_append_only ON curb_card_transactions;
DROP TRIGGER curb_trips_kept_as_received ON curb_trips;
DROP TRIGGER curb_trips_never_deleted ON curb_trips;
DROP FUNCTION curb_refuse_trip_change();
