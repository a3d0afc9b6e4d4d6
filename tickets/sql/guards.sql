-- A miscellaneous charge is known to people by its number, and the ledger's references carry it (MISC-88): it runs without gaps.
-- core_draw_number() is core's (core/sql/guards.sql).

ALTER TABLE tickets_misc_charges ALTER COLUMN id DROP IDENTITY;
CREATE TRIGGER tickets_misc_charges_number BEFORE INSERT ON tickets_misc_charges
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('id');

ALTER TABLE tickets_misc_charges ENABLE ALWAYS TRIGGER tickets_misc_charges_number;
