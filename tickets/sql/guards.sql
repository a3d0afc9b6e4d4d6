-- A miscellaneous charge is known to people by its number, and the ledger's references carry it (MISC-88): it runs without gaps.
-- core_draw_number() is core's (core/sql/guards.sql).

ALTER TABLE tickets_misc_charges ALTER COLUMN id DROP IDENTITY;
CREATE TRIGGER tickets_misc_charges_number BEFORE INSERT ON tickets_misc_charges
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('id');

ALTER TABLE tickets_misc_charges ENABLE ALWAYS TRIGGER tickets_misc_charges_number;

-- What a file told otherwise stays as it was found, and is decided once. ledger_refuse_change() is the ledger's.

CREATE TRIGGER tickets_changes_never_deleted BEFORE DELETE OR TRUNCATE ON tickets_changes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER tickets_changes_decided_once BEFORE UPDATE ON tickets_changes
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL
        OR (OLD.id, OLD.ticket_id, OLD.import_id, OLD.row, OLD.kind, OLD.before_total, OLD.before_paid, OLD.now_total,
            OLD.now_paid, OLD.status, OLD.found_at)
        IS DISTINCT FROM
           (NEW.id, NEW.ticket_id, NEW.import_id, NEW.row, NEW.kind, NEW.before_total, NEW.before_paid, NEW.now_total,
            NEW.now_paid, NEW.status, NEW.found_at))
    EXECUTE FUNCTION ledger_refuse_change();

ALTER TABLE tickets_changes ENABLE ALWAYS TRIGGER tickets_changes_never_deleted;
ALTER TABLE tickets_changes ENABLE ALWAYS TRIGGER tickets_changes_decided_once;

-- What programs outside are told of it (core_tell_facts() is core's): facts, in the transaction of the act.

CREATE TRIGGER tickets_tickets_told_assigned AFTER INSERT ON tickets_tickets
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN n.state IN ('CHARGED', 'CREDITED') THEN 'ticket_assigned' END$$,
        'n.driver_id',
        $$jsonb_build_object('ticket_id', n.id, 'kind', n.kind, 'number', n.number, 'state', n.state,
            'driver_id', n.driver_id, 'lease_id', n.lease_id, 'vehicle_id', n.vehicle_id, 'at', n.at,
            'amount', n.amount::text, 'due_on', n.due_on)$$);
CREATE TRIGGER tickets_tickets_told AFTER UPDATE ON tickets_tickets
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE
            WHEN n.state IN ('CHARGED', 'CREDITED')
                AND (n.driver_id IS DISTINCT FROM o.driver_id OR n.state <> o.state) THEN 'ticket_assigned'
            WHEN n.state <> o.state THEN CASE n.state
                WHEN 'DISPUTED' THEN 'ticket_disputed' WHEN 'DISMISSED' THEN 'ticket_dismissed'
                WHEN 'FLEET_PAYS' THEN 'ticket_fleet_pays' WHEN 'WAITING' THEN 'ticket_to_review'
                ELSE 'ticket_nothing_due' END
            WHEN n.amount <> o.amount THEN 'ticket_corrected' END$$,
        'n.driver_id',
        $$jsonb_build_object('ticket_id', n.id, 'kind', n.kind, 'number', n.number, 'state', n.state,
            'driver_id', n.driver_id, 'lease_id', n.lease_id, 'vehicle_id', n.vehicle_id, 'at', n.at,
            'amount', n.amount::text, 'due_on', n.due_on)$$);
CREATE TRIGGER tickets_imports_told AFTER UPDATE ON tickets_imports
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN n.state = 'IMPORTED' AND o.state <> 'IMPORTED' THEN 'ticket_file_imported' END$$,
        'null::bigint',
        $$jsonb_build_object('import_id', n.id, 'kind', n.kind, 'file_name', n.file_name, 'imported', n.imported_count,
            'charged', n.charged_count, 'waiting', n.waiting_count)$$);

ALTER TABLE tickets_tickets ENABLE ALWAYS TRIGGER tickets_tickets_told_assigned;
ALTER TABLE tickets_tickets ENABLE ALWAYS TRIGGER tickets_tickets_told;
ALTER TABLE tickets_imports ENABLE ALWAYS TRIGGER tickets_imports_told;
