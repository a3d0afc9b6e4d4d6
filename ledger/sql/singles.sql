-- What is done one by one, a thousand times an hour, in one statement each: take the account's lock, look, and write.
--
-- They decide nothing that the services do not decide, and hold no promise: what is inserted goes through the guards.
-- They are functions and not one statement WITH parts, since a statement's snapshot is older than the lock it takes: a
-- reference posted and voided meanwhile would be posted anew. Each statement of a VOLATILE function sees what is there.

-- Bounds the transaction's waits and its last day, then locks a driver's account, opening it on first use.
CREATE FUNCTION ledger_lock_account(driver bigint, patience text, today text) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    patience := set_config('lock_timeout', patience, true);
    today := set_config('ledger.today', today, true);
    PERFORM FROM ledger_accounts WHERE driver_id = driver FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO ledger_accounts (driver_id) VALUES (driver) ON CONFLICT DO NOTHING;
        PERFORM FROM ledger_accounts WHERE driver_id = driver FOR UPDATE;
    END IF;
END $$;

-- Posts what opens a balance, under the driver's lock, and returns it. Nothing where the reference was ever posted, or
-- somebody posted for this driver meanwhile (alone.sql). Another statement then looks again.
CREATE FUNCTION ledger_open_unknown(patience text, today text, new_kind text, new_entry_type text, new_category text,
    new_amount numeric, new_reference text, driver bigint, lease bigint, vehicle bigint, due date, effective date,
    new_reason text, new_description text, new_income numeric, author integer) RETURNS SETOF ledger_postings
LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    is_doubtful boolean := NOT ledger_lock_in_time(driver, patience, today);
BEGIN
    IF NOT is_doubtful THEN
        -- Live references are unique, voided ones sit in an index of their own: one look into each.
        is_doubtful := EXISTS (SELECT FROM ledger_balances WHERE reference_id = new_reference AND status <> 'VOIDED')
            OR EXISTS (SELECT FROM ledger_balances WHERE reference_id = new_reference AND status = 'VOIDED');
    END IF;
    IF is_doubtful THEN
        -- What posts nothing leaves nothing, no account either that was opened for it.
        IF EXISTS (SELECT FROM ledger_accounts WHERE driver_id = driver AND opened_at = statement_timestamp()) THEN
            RAISE EXCEPTION 'reference % may be posted', new_reference USING ERRCODE = '23505',
                CONSTRAINT = 'ledger_balances_live_reference', TABLE = 'ledger_balances';
        END IF;
        RETURN;
    END IF;
    RETURN QUERY INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id,
            vehicle_id, due_on, effective_on, reason, description, income, posted_by_id)
        VALUES (new_kind, new_entry_type, new_category, new_amount, new_reference, driver, lease, vehicle, due,
            effective, new_reason, new_description, new_income, author)
        RETURNING *;
END $$;

-- Locks the account of a posting's driver, and returns the posting with all that reverses it, moves its balance, is paid
-- by it, or undoes one of those; of itself also whether transfers mirror it. Nothing where there is no such posting.
-- Without sequential scans, here and below: a plan made while there were few postings is kept for the session.
CREATE FUNCTION ledger_lock_posting(patience text, today text, wanted bigint)
RETURNS TABLE (posting ledger_postings, is_mirrored boolean) LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    -- A posting never changes, so it may be read before its driver's account is locked.
    found ledger_postings;
BEGIN
    SELECT * INTO found FROM ledger_postings WHERE id = wanted;
    IF found.id IS NULL THEN RETURN; END IF;
    PERFORM ledger_lock_account(found.driver_id, patience, today);
    posting := found;
    is_mirrored := EXISTS (SELECT FROM ledger_transfers t WHERE t.posting_id = wanted);
    RETURN NEXT;
    -- The opposite of what opens a balance moves that balance, and that of what a credit paid is paid by it.
    IF found.balance_id IS NOT NULL THEN
        RETURN QUERY SELECT p, false FROM ledger_postings p WHERE reverses_id = wanted;
    ELSIF found.entry_type = 'DEBIT' THEN
        RETURN QUERY SELECT p, false FROM ledger_postings p WHERE balance_id = wanted;
    ELSE
        RETURN QUERY SELECT p, false FROM ledger_postings p WHERE balance_id = wanted OR funding_id = wanted;
    END IF;
END $$;

-- Locks a driver's account before a payment, and returns what is to be known before it is taken: the payment that was
-- made under this key, whether the same amount was taken in the last minutes, and the last balance of each reference.
CREATE FUNCTION ledger_begin_payment(patience text, today text, driver bigint, key text, new_amount numeric,
    minutes integer, reference_ids text[])
RETURNS TABLE (first ledger_payments, is_taken_lately boolean, balance ledger_balances) LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    earlier ledger_payments;
    lately boolean;
BEGIN
    PERFORM ledger_lock_account(driver, patience, today);
    SELECT * INTO earlier FROM ledger_payments WHERE idempotency_key = key;
    lately := EXISTS (SELECT FROM ledger_payments WHERE driver_id = driver AND amount = new_amount
        AND received_at > statement_timestamp() - make_interval(mins => minutes));
    RETURN QUERY SELECT earlier, lately, named.b FROM (SELECT true) AS once
        LEFT JOIN (
            SELECT b, b.posting_id AS id FROM ledger_balances b
                WHERE b.reference_id = ANY(reference_ids) AND b.status <> 'VOIDED'
            UNION ALL
            SELECT b, b.posting_id FROM ledger_balances b
                WHERE b.reference_id = ANY(reference_ids) AND b.status = 'VOIDED'
        ) AS named ON true
        ORDER BY named.id;
END $$;

-- Returns what a payment posted, in order, each with what it is told by: what its reference was opened with when it was
-- voided last, and the balance that it moves with the posting that opened that.
CREATE FUNCTION ledger_list_posted(paid bigint)
RETURNS TABLE (posting ledger_postings, corrected_from numeric, balance ledger_balances, opening ledger_postings)
LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY SELECT p,
            (SELECT before.original_amount FROM ledger_balances before
                WHERE before.reference_id = p.reference_id AND before.driver_id = p.driver_id
                    AND before.status = 'VOIDED' AND before.posting_id < p.id
                ORDER BY before.posting_id DESC LIMIT 1),
            b, o
        FROM ledger_postings p
            LEFT JOIN ledger_balances b ON b.posting_id = p.balance_id
            LEFT JOIN ledger_postings o ON o.id = p.balance_id
        WHERE p.payment_id = paid
        ORDER BY p.id;
END $$;

-- Takes a payment: writes it, which draws the number of its receipt, and posts what is not a deposit, the deposit, and
-- what the first pays at once: so many dollars on each of these balances, in this order. The references and the words of
-- the first two end with the number. Returns what the database filled in; told, once for each posting, with all that
-- ledger_list_posted returns.
CREATE FUNCTION ledger_take_payment(payer bigint, on_lease bigint, paid numeric, held numeric, paid_by text,
    instrument text, key text, facts text, day date, author integer, credit_reference text, credit_words text,
    deposit_reference text, deposit_words text, balance_ids bigint[], amounts numeric[], is_told boolean)
RETURNS TABLE (new_id bigint, new_number bigint, taken_at timestamptz, posting ledger_postings, corrected_from numeric,
    balance ledger_balances, opening ledger_postings) LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    digits text;
    credit bigint;
BEGIN
    INSERT INTO ledger_payments AS p (driver_id, lease_id, amount, deposit, method, instrument_number, idempotency_key,
            fingerprint, received_on, received_by_id)
        VALUES (payer, on_lease, paid, held, paid_by, instrument, key, facts, day, author)
        RETURNING p.id, p.number, p.received_at INTO new_id, new_number, taken_at;
    digits := lpad(new_number::text, greatest(6, length(new_number::text)), '0');
    IF paid > held THEN
        INSERT INTO ledger_postings AS p (kind, entry_type, category, amount, reference_id, driver_id, lease_id,
                payment_id, effective_on, reason, description, posted_by_id)
            VALUES ('PAYMENT', 'CREDIT', 'PAYMENT', paid - held, credit_reference || digits, payer, on_lease, new_id,
                day, '', credit_words || digits, author)
            RETURNING p.id INTO credit;
    END IF;
    IF held > 0 THEN
        INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id, payment_id,
                effective_on, reason, description, posted_by_id)
            VALUES ('DEPOSIT', 'CREDIT', 'DEPOSIT', held, deposit_reference || digits, payer, on_lease, new_id, day, '',
                deposit_words || digits, author);
    END IF;
    IF cardinality(balance_ids) > 0 THEN
        INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id, vehicle_id,
                balance_id, funding_id, payment_id, effective_on, reason, posted_by_id)
            SELECT 'ALLOCATION', 'CREDIT', b.category, n.amount, b.reference_id, b.driver_id, b.lease_id, b.vehicle_id,
                b.posting_id, credit, new_id, day, '', author
            FROM unnest(balance_ids, amounts) WITH ORDINALITY AS n (id, amount, place)
                JOIN ledger_balances b ON b.posting_id = n.id
            ORDER BY n.place;
    END IF;
    IF is_told THEN
        RETURN QUERY SELECT new_id, new_number, taken_at, t.* FROM ledger_list_posted(new_id) t;
    ELSE
        RETURN NEXT;
    END IF;
END $$;
