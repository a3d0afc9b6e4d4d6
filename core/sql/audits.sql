-- What the audits found is kept: it tells since when something is wrong. A run that found nothing may go by its age, after
-- 30 days at the earliest, whatever the setting says; what any of them said is never told otherwise afterwards.

CREATE FUNCTION core_keep_audit_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- It is written when it begins, and ends once.
        IF OLD.finished_at IS NULL AND (NEW.id, NEW.started_at) = (OLD.id, OLD.started_at) THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.findings = 0 AND OLD.started_at < now() - interval '30 days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'what the audits found is kept: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = '23514', CONSTRAINT = 'core_audit_runs_kept', TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION core_keep_audit_result() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        -- It goes before its run, and if that may go.
        IF OLD.findings = 0 AND EXISTS (SELECT FROM core_audit_runs
            WHERE id = OLD.run_id AND findings = 0 AND started_at < now() - interval '30 days')
        THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'what the audits found is kept: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = '23514', CONSTRAINT = 'core_audit_results_kept', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER core_audit_runs_kept BEFORE UPDATE OR DELETE ON core_audit_runs
    FOR EACH ROW EXECUTE FUNCTION core_keep_audit_run();
CREATE TRIGGER core_audit_runs_never_emptied BEFORE TRUNCATE ON core_audit_runs
    FOR EACH STATEMENT EXECUTE FUNCTION core_keep_audit_run();
CREATE TRIGGER core_audit_results_kept BEFORE UPDATE OR DELETE ON core_audit_results
    FOR EACH ROW EXECUTE FUNCTION core_keep_audit_result();
CREATE TRIGGER core_audit_results_never_emptied BEFORE TRUNCATE ON core_audit_results
    FOR EACH STATEMENT EXECUTE FUNCTION core_keep_audit_result();

ALTER TABLE core_audit_runs ENABLE ALWAYS TRIGGER core_audit_runs_kept;
ALTER TABLE core_audit_runs ENABLE ALWAYS TRIGGER core_audit_runs_never_emptied;
ALTER TABLE core_audit_results ENABLE ALWAYS TRIGGER core_audit_results_kept;
ALTER TABLE core_audit_results ENABLE ALWAYS TRIGGER core_audit_results_never_emptied;
