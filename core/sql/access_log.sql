-- The log of sign-ins and refusals is only added to. What is old may go, by its age alone: whoever would hide what they
-- did has to wait for 30 days, whatever the setting says.

CREATE FUNCTION core_refuse_access_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < now() - interval '30 days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_append_only', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER core_access_log_append_only BEFORE UPDATE OR DELETE ON core_access_log
    FOR EACH ROW EXECUTE FUNCTION core_refuse_access_log_change();
CREATE TRIGGER core_access_log_never_emptied BEFORE TRUNCATE ON core_access_log
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_access_log_change();

ALTER TABLE core_access_log ENABLE ALWAYS TRIGGER core_access_log_append_only;
ALTER TABLE core_access_log ENABLE ALWAYS TRIGGER core_access_log_never_emptied;
