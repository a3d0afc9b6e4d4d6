-- What wins money back is of what was given, to the cent: of a payment that came back no more than it was, of a credit
-- given by mistake all of it, and of the same driver. The audit ledger.recovered reads the same of what stands.

CREATE FUNCTION ledger_check_recovery() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off AS $$
DECLARE
    given_to bigint;
    given numeric;
BEGIN
    IF NEW.reference_id LIKE 'WINBACK-%' THEN
        -- The last that was given under the name by then: once voided, it may have been given again.
        SELECT o.driver_id, o.amount INTO given_to, given FROM ledger_postings o
            WHERE o.reference_id = substr(NEW.reference_id, 9) AND o.balance_id IS NULL AND o.entry_type = 'CREDIT'
                AND o.id < NEW.id
            ORDER BY o.id DESC LIMIT 1;
    ELSIF NEW.reference_id ~ '^RETURNED-PAY-[0-9]{6,18}$' THEN
        SELECT p.driver_id, p.amount INTO given_to, given FROM ledger_payments p
            WHERE p.number = substr(NEW.reference_id, 14)::bigint AND substr(NEW.reference_id, 14)
                = lpad(p.number::text, greatest(6, length(p.number::text)), '0');
    END IF;
    IF NEW.kind <> 'OBLIGATION' OR NEW.category <> 'RECOVERY' OR given_to IS DISTINCT FROM NEW.driver_id
        OR NEW.amount > given OR (NEW.reference_id LIKE 'WINBACK-%' AND NEW.amount < given)
    THEN
        RAISE EXCEPTION 'posting % (% of %): a recovery is of what its driver was given, to the cent',
            NEW.id, NEW.reference_id, NEW.amount
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_postings_recovers_what_was_given', TABLE = 'ledger_postings';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_postings_recovers_what_was_given AFTER INSERT ON ledger_postings
    FOR EACH ROW
    WHEN (NEW.balance_id IS NULL AND (NEW.reference_id LIKE 'WINBACK-%' OR NEW.reference_id LIKE 'RETURNED-%'))
    EXECUTE FUNCTION ledger_check_recovery();
ALTER TABLE ledger_postings ENABLE ALWAYS TRIGGER ledger_postings_recovers_what_was_given;
