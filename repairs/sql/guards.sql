-- A repair is known to people by its number, and the ledger's references carry it (REPAIR-6-1): it runs without gaps.
-- core_draw_number() is core's (core/sql/guards.sql).

ALTER TABLE repairs_repairinvoice ALTER COLUMN id DROP IDENTITY;
CREATE TRIGGER repairs_repairinvoice_number BEFORE INSERT ON repairs_repairinvoice
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('id');

ALTER TABLE repairs_repairinvoice ENABLE ALWAYS TRIGGER repairs_repairinvoice_number;

-- What programs outside are told of it (core_tell_facts() is core's): facts, in the transaction of the act.

CREATE TRIGGER repairs_repairinvoice_told_created AFTER INSERT ON repairs_repairinvoice
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'repair_invoiced'$$,
        'n.driver_id',
        $$jsonb_build_object('repair_id', n.id, 'driver_id', n.driver_id, 'vehicle_id', n.vehicle_id,
            'amount', n.amount::text, 'weekly_amount', n.weekly_amount::text, 'status', n.status)$$);
CREATE TRIGGER repairs_repairinvoice_told AFTER UPDATE ON repairs_repairinvoice
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN n.status <> o.status THEN CASE n.status
            WHEN 'ON_HOLD' THEN 'repair_held' WHEN 'VOIDED' THEN 'repair_voided' ELSE 'repair_resumed' END END$$,
        'n.driver_id',
        $$jsonb_build_object('repair_id', n.id, 'driver_id', n.driver_id, 'vehicle_id', n.vehicle_id,
            'amount', n.amount::text, 'weekly_amount', n.weekly_amount::text, 'status', n.status)$$);

ALTER TABLE repairs_repairinvoice ENABLE ALWAYS TRIGGER repairs_repairinvoice_told_created;
ALTER TABLE repairs_repairinvoice ENABLE ALWAYS TRIGGER repairs_repairinvoice_told;
