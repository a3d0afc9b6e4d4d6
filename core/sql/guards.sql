-- Numbers that people see run without gaps, and PostgreSQL itself draws them.
--
-- A number is one above the highest, found under the counter's row lock: a preview that is rolled back, and whatever
-- else fails, has used up none. Where the number is the row's id, the column has no sequence of its own, and an id that
-- is given (as when rows are restored) stands:
--
--     ALTER TABLE loans_driverloan ALTER COLUMN id DROP IDENTITY;
--     CREATE TRIGGER loans_driverloan_number BEFORE INSERT ON loans_driverloan
--         FOR EACH ROW EXECUTE FUNCTION core_draw_number('id');
--
-- The counter is held until the transaction ends, so it is drawn as late as can be: after accounts and source rows.

-- Nothing but a lock: a count kept here would run ahead of a row that ON CONFLICT DO NOTHING drops after its number
-- was drawn, and leave a gap.
CREATE TABLE core_counters (name varchar(63) PRIMARY KEY);

CREATE FUNCTION core_refuse_counter_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept by the database alone: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = '23514', CONSTRAINT = 'core_counters_kept_by_database', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER core_counters_kept_by_database BEFORE INSERT OR UPDATE ON core_counters
    FOR EACH STATEMENT WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION core_refuse_counter_write();
CREATE TRIGGER core_counters_never_deleted BEFORE DELETE OR TRUNCATE ON core_counters
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_counter_write();

CREATE FUNCTION core_draw_number() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    drawn bigint;
BEGIN
    -- An update, though it changes nothing: so a transaction whose snapshot is older than the last number is refused.
    -- Once is enough for a transaction, which holds the counter from then on; so many rows cost no more each than one.
    IF NOT EXISTS (
        SELECT FROM core_counters WHERE name = TG_TABLE_NAME AND xmin = pg_current_xact_id()::xid
    ) THEN
        -- First a queue: who holds the counter wakes the next alone. For the row itself each wakes all, to wait again.
        PERFORM pg_advisory_xact_lock('core_counters'::regclass::oid::integer, TG_RELID::integer);
        INSERT INTO core_counters (name) VALUES (TG_TABLE_NAME) ON CONFLICT (name) DO UPDATE SET name = excluded.name;
    END IF;
    EXECUTE format('SELECT coalesce(max(%I), 0) + 1 FROM %I', TG_ARGV[0], TG_TABLE_NAME) INTO drawn;
    IF TG_ARGV[0] = 'id' THEN
        NEW.id := coalesce(NEW.id, drawn);
    ELSE
        NEW.number := drawn;
    END IF;
    RETURN NEW;
END $$;

------------------------------------------------------------------------------------------------------------------------
-- Facts: what an act changed of a row is told in its own transaction
------------------------------------------------------------------------------------------------------------------------

-- Writes a fact for each new row of a statement whose kind is not null. The trigger's arguments are SQL over the row n as
-- it is and, of an update, over o as it was: the kind, the driver (or null) and the data; then, where it is not id, the
-- column by which both are one row. So no service can forget to tell, and many rows cost one statement.
CREATE FUNCTION core_tell_facts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    key text := coalesce(TG_ARGV[3], 'id');
    before text := '';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := format('JOIN old_rows o ON o.%1$I = n.%1$I', key);
    END IF;
    EXECUTE format(
        'INSERT INTO core_facts (kind, driver_id, data) SELECT %1$s, %2$s, %3$s FROM new_rows n %4$s '
        'WHERE (%1$s) IS NOT NULL ORDER BY n.%5$I',
        TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], before, key);
    RETURN NULL;
END $$;

CREATE FUNCTION core_refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_append_only', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER core_facts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON core_facts
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_event_change();
CREATE TRIGGER core_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON core_events
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_event_change();

ALTER TABLE core_facts ENABLE ALWAYS TRIGGER core_facts_append_only;
ALTER TABLE core_events ENABLE ALWAYS TRIGGER core_events_append_only;
ALTER TABLE core_counters ENABLE ALWAYS TRIGGER core_counters_kept_by_database;
ALTER TABLE core_counters ENABLE ALWAYS TRIGGER core_counters_never_deleted;
