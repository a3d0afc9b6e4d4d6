-- A trip is of a week whose close was begun, and so is what was counted of it: asked once for all rows of a statement. A
-- foreign key asks for each row by itself when the transaction ends, twice for each trip of a week. (A close is never
-- deleted, and keeps its week: what was there stays there.)

ALTER TABLE curb_trips DROP CONSTRAINT curb_trips_week_begun;
ALTER TABLE curb_trip_counts DROP CONSTRAINT curb_trip_counts_week_begun;

-- LATERAL and OFFSET 0: whatever plan a session keeps asks the index for each week.
CREATE FUNCTION dtr_check_week_begun() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT week_end FROM new_rows WHERE week_end IS NOT NULL) AS n
               LEFT JOIN LATERAL (
                   SELECT true AS is_begun FROM dtr_week_closes WHERE week_end = n.week_end OFFSET 0
               ) AS c ON true
               WHERE c.is_begun IS NULL) THEN
        RAISE EXCEPTION 'no close of that week was begun'
            USING ERRCODE = '23503', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER curb_trips_week_begun AFTER UPDATE ON curb_trips
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION dtr_check_week_begun();
CREATE TRIGGER curb_trip_counts_week_begun AFTER INSERT ON curb_trip_counts
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION dtr_check_week_begun();

-- A trip comes before any close counts it; so an import pays nothing for the above.
CREATE FUNCTION dtr_refuse_counted_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a trip is counted by a close, after it came'
        USING ERRCODE = '23514', CONSTRAINT = 'curb_trips_counted_later', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER curb_trips_counted_later BEFORE INSERT ON curb_trips
    FOR EACH ROW WHEN (NEW.week_end IS NOT NULL) EXECUTE FUNCTION dtr_refuse_counted_at_once();

ALTER TABLE curb_trips ENABLE ALWAYS TRIGGER curb_trips_week_begun;
ALTER TABLE curb_trips ENABLE ALWAYS TRIGGER curb_trips_counted_later;
ALTER TABLE curb_trip_counts ENABLE ALWAYS TRIGGER curb_trip_counts_week_begun;
