-- A repair is known to people by its number, and the ledger's references carry it (REPAIR-6-1): it runs without gaps.
-- core_draw_number() is core's (core/sql/guards.sql).

ALTER TABLE repairs_repairinvoice ALTER COLUMN id DROP IDENTITY;
CREATE TRIGGER repairs_repairinvoice_number BEFORE INSERT ON repairs_repairinvoice
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('id');

ALTER TABLE repairs_repairinvoice ENABLE ALWAYS TRIGGER repairs_repairinvoice_number;
