-- Nothing is carried over to a day of a week that is closed here, or to one before: it would be in no DTR.
CREATE FUNCTION golive_check_cut_over() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    closed date := (SELECT max(day) FROM ledger_books_log WHERE kind = 'WEEK');
BEGIN
    IF NEW.cut_on <= closed AND (TG_OP = 'INSERT' OR NEW.cut_on IS DISTINCT FROM OLD.cut_on) THEN
        RAISE EXCEPTION 'The week ending % is closed, and the cut-over would be %.', closed, NEW.cut_on
            USING ERRCODE = '23514', CONSTRAINT = 'golive_opening_imports_after_closed_weeks', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER golive_opening_imports_after_closed_weeks BEFORE INSERT OR UPDATE ON golive_opening_imports
    FOR EACH ROW EXECUTE FUNCTION golive_check_cut_over();

ALTER TABLE golive_opening_imports ENABLE ALWAYS TRIGGER golive_opening_imports_after_closed_weeks;
