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

CREATE FUNCTION core_draw_number() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    drawn bigint;
BEGIN
    -- An update, though it changes nothing: so a transaction whose snapshot is older than the last number is refused.
    -- Once is enough for a transaction, which holds the counter from then on; so many rows cost no more each than one.
    IF NOT EXISTS (
        SELECT FROM core_counters WHERE name = TG_TABLE_NAME AND xmin = pg_current_xact_id()::xid
    ) THEN
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

ALTER TABLE core_counters ENABLE ALWAYS TRIGGER core_counters_kept_by_database;
ALTER TABLE core_counters ENABLE ALWAYS TRIGGER core_counters_never_deleted;
