-- A lease is known to people by its number, and the ledger's references carry it (LEASE-40-2026W47): it runs without gaps.
-- core_draw_number() is core's (core/sql/guards.sql).

ALTER TABLE leases_lease ALTER COLUMN id DROP IDENTITY;
CREATE TRIGGER leases_lease_number BEFORE INSERT ON leases_lease
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('id');

ALTER TABLE leases_lease ENABLE ALWAYS TRIGGER leases_lease_number;
