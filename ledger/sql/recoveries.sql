-- What wins money back is of what was given, to the cent: of a payment that came back no more than it was, of a credit
-- given by mistake all of it, and of the same driver. The projection asks it of each new opening with such a name
-- (guards.sql, 7); the audit ledger.recovered reads the same of what stands.

CREATE FUNCTION ledger_check_recovery(opening bigint, new_kind text, new_category text, reference text, driver bigint,
    new_amount numeric) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    given_to bigint;
    given numeric;
BEGIN
    IF reference LIKE 'WINBACK-%' THEN
        -- The last that was given under the name by then: once voided, it may have been given again.
        SELECT o.driver_id, o.amount INTO given_to, given FROM ledger_postings o
            WHERE o.reference_id = substr(reference, 9) AND o.balance_id IS NULL AND o.entry_type = 'CREDIT'
                AND o.id < opening
            ORDER BY o.id DESC LIMIT 1;
    ELSIF reference ~ '^RETURNED-PAY-[0-9]{6,18}$' THEN
        SELECT p.driver_id, p.amount INTO given_to, given FROM ledger_payments p
            WHERE p.number = substr(reference, 14)::bigint AND substr(reference, 14)
                = lpad(p.number::text, greatest(6, length(p.number::text)), '0');
    END IF;
    IF new_kind <> 'OBLIGATION' OR new_category <> 'RECOVERY' OR given_to IS DISTINCT FROM driver
        OR new_amount > given OR (reference LIKE 'WINBACK-%' AND new_amount < given)
    THEN
        RAISE EXCEPTION 'posting % (% of %): a recovery is of what its driver was given, to the cent',
            opening, reference, new_amount
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_postings_recovers_what_was_given', TABLE = 'ledger_postings';
    END IF;
END $$;
