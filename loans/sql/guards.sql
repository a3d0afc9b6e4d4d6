-- A loan is known to people by its number, and the ledger's references carry it (LOAN-3-4): it runs without gaps.
-- core_draw_number() is core's (core/sql/guards.sql).

ALTER TABLE loans_driverloan ALTER COLUMN id DROP IDENTITY;
CREATE TRIGGER loans_driverloan_number BEFORE INSERT ON loans_driverloan
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('id');

ALTER TABLE loans_driverloan ENABLE ALWAYS TRIGGER loans_driverloan_number;
