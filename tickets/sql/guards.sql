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
