-- The head of the seals that a week's close began with is kept on the week for good, and told outside with it.

CREATE TRIGGER dtr_week_closes_head_kept BEFORE UPDATE ON dtr_week_closes
    FOR EACH ROW WHEN (OLD.seal_head IS DISTINCT FROM NEW.seal_head) EXECUTE FUNCTION ledger_refuse_change();

-- These tell the head too; but for that they are as guards.sql made them.
DROP TRIGGER dtr_week_closes_told_started ON dtr_week_closes;
DROP TRIGGER dtr_week_closes_told ON dtr_week_closes;

CREATE TRIGGER dtr_week_closes_told_started AFTER INSERT ON dtr_week_closes
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'week_close_started'$$,
        'null::bigint',
        $$jsonb_build_object('week_end', n.week_end, 'started_at', n.started_at, 'finished_at', n.finished_at,
            'seal_head', n.seal_head)$$,
        'week_end');
CREATE TRIGGER dtr_week_closes_told AFTER UPDATE ON dtr_week_closes
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN n.state = 'CLOSED' AND o.state <> 'CLOSED' THEN 'week_closed' END$$,
        'null::bigint',
        $$jsonb_build_object('week_end', n.week_end, 'started_at', n.started_at, 'finished_at', n.finished_at,
            'seal_head', n.seal_head)$$,
        'week_end');

ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_head_kept;
ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_told_started;
ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_told;
