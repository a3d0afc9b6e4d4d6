-- Undoes guards.sql, newest first; for development only.
DROP TRIGGER dtr_overrules_before_the_close ON dtr_overrules;
DROP TRIGGER dtr_overrules_append_only ON dtr_overrules;
DROP FUNCTION dtr_refuse_late_overrule();
ALTER TABLE curb_reconciliations DROP CONSTRAINT curb_reconciliations_week_begun;
ALTER TABLE curb_trips DROP CONSTRAINT curb_trips_week_begun;
DROP TRIGGER dtr_close_batches_stays_done ON dtr_close_batches;
DROP TRIGGER dtr_week_closes_stays_closed ON dtr_week_closes;
DROP TRIGGER dtr_close_batches_never_deleted ON dtr_close_batches;
DROP TRIGGER dtr_week_closes_never_deleted ON dtr_week_closes;
DROP TRIGGER dtr_lines_sum_up ON dtr_lines;
DROP TRIGGER dtr_lines_sealed ON dtr_lines;
DROP TRIGGER dtr_dtrs_seal ON dtr_dtrs;
DROP TRIGGER dtr_dtrs_number ON dtr_dtrs;
DROP TRIGGER dtr_lines_append_only ON dtr_lines;
DROP TRIGGER dtr_dtrs_append_only ON dtr_dtrs;
DROP FUNCTION dtr_check_lines();
DROP FUNCTION dtr_refuse_late_line();
DROP FUNCTION dtr_seal();
