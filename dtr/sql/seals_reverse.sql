-- Undoes seals.sql; for development only.
DROP TRIGGER dtr_week_closes_told ON dtr_week_closes;
DROP TRIGGER dtr_week_closes_told_started ON dtr_week_closes;
DROP TRIGGER dtr_week_closes_head_kept ON dtr_week_closes;

CREATE TRIGGER dtr_week_closes_told_started AFTER INSERT ON dtr_week_closes
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'week_close_started'$$,
        'null::bigint',
        $$jsonb_build_object('week_end', n.week_end, 'started_at', n.started_at, 'finished_at', n.finished_at)$$,
        'week_end');
CREATE TRIGGER dtr_week_closes_told AFTER UPDATE ON dtr_week_closes
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN n.state = 'CLOSED' AND o.state <> 'CLOSED' THEN 'week_closed' END$$,
        'null::bigint',
        $$jsonb_build_object('week_end', n.week_end, 'started_at', n.started_at, 'finished_at', n.finished_at)$$,
        'week_end');

ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_told_started;
ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_told;
