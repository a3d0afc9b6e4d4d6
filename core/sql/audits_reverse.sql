-- Undoes audits.sql; for development only.
DROP TRIGGER core_audit_results_never_emptied ON core_audit_results;
DROP TRIGGER core_audit_results_kept ON core_audit_results;
DROP TRIGGER core_audit_runs_never_emptied ON core_audit_runs;
DROP TRIGGER core_audit_runs_kept ON core_audit_runs;
DROP FUNCTION core_keep_audit_result();
DROP FUNCTION core_keep_audit_run();
