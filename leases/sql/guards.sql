-- What leases promises and PostgreSQL holds, in the manner of the ledger's guards: every trigger is ENABLE ALWAYS, and
-- every refusal carries SQLSTATE 23514 and a constraint name. ledger_refuse_change() is the ledger's.

-- A lease is known to people by its number, and the ledger's references carry it (LEASE-40-2026W47): it runs without gaps.
-- core_draw_number() is core's (core/sql/guards.sql).

ALTER TABLE leases_lease ALTER COLUMN id DROP IDENTITY;
CREATE TRIGGER leases_lease_number BEFORE INSERT ON leases_lease
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('id');

ALTER TABLE leases_lease ENABLE ALWAYS TRIGGER leases_lease_number;

-- A settlement was handed to a driver: it is never changed.
CREATE TRIGGER leases_deposit_settlements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leases_deposit_settlements
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

ALTER TABLE leases_deposit_settlements ENABLE ALWAYS TRIGGER leases_deposit_settlements_append_only;
