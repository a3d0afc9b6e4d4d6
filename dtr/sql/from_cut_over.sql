-- No week that ends before the cut-over is closed: its money was carried over. A fleet that had closed weeks before goes
-- on in turn. ledger_books_log is what both sides write: a cut-over closes the books through the day before it.
CREATE FUNCTION dtr_check_cut_over() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    cut_on date := (SELECT min(day) + 1 FROM ledger_books_log WHERE kind = 'GO_LIVE');
BEGIN
    IF NEW.week_end < cut_on AND NOT EXISTS (SELECT FROM dtr_week_closes) THEN
        RAISE EXCEPTION 'The week ending % lies before the cut-over, %.', NEW.week_end, cut_on
            USING ERRCODE = '23514', CONSTRAINT = 'dtr_week_closes_from_cut_over', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER dtr_week_closes_from_cut_over BEFORE INSERT ON dtr_week_closes
    FOR EACH ROW EXECUTE FUNCTION dtr_check_cut_over();

ALTER TABLE dtr_week_closes ENABLE ALWAYS TRIGGER dtr_week_closes_from_cut_over;
