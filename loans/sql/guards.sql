-- A loan is known to people by its number, and the ledger's references carry it (LOAN-3-4): it runs without gaps.
-- core_draw_number() is core's (core/sql/guards.sql).

ALTER TABLE loans_driverloan ALTER COLUMN id DROP IDENTITY;
CREATE TRIGGER loans_driverloan_number BEFORE INSERT ON loans_driverloan
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('id');

ALTER TABLE loans_driverloan ENABLE ALWAYS TRIGGER loans_driverloan_number;

-- What programs outside are told of it (core_tell_facts() is core's): facts, in the transaction of the act.

CREATE TRIGGER loans_driverloan_told_paid_out AFTER INSERT ON loans_driverloan
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'loan_disbursed'$$,
        'n.driver_id',
        $$jsonb_build_object('loan_id', n.id, 'driver_id', n.driver_id, 'lease_id', n.lease_id,
            'principal', n.principal::text, 'weekly_amount', n.weekly_amount::text, 'status', n.status)$$);
CREATE TRIGGER loans_driverloan_told AFTER UPDATE ON loans_driverloan
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN n.status <> o.status THEN CASE n.status
            WHEN 'ON_HOLD' THEN 'loan_held' WHEN 'VOIDED' THEN 'loan_voided' WHEN 'PAID_OFF' THEN 'loan_paid_off'
            WHEN 'WRITTEN_OFF' THEN 'loan_written_off'
            ELSE CASE o.status WHEN 'ON_HOLD' THEN 'loan_resumed' ELSE 'loan_restored' END END END$$,
        'n.driver_id',
        $$jsonb_build_object('loan_id', n.id, 'driver_id', n.driver_id, 'lease_id', n.lease_id,
            'principal', n.principal::text, 'weekly_amount', n.weekly_amount::text, 'status', n.status)$$);

ALTER TABLE loans_driverloan ENABLE ALWAYS TRIGGER loans_driverloan_told_paid_out;
ALTER TABLE loans_driverloan ENABLE ALWAYS TRIGGER loans_driverloan_told;
