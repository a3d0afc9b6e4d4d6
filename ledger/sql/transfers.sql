-- The fleet's own side of the books, held by PostgreSQL itself, as guards.sql holds the postings: transfers between
-- accounts, the causes they mirror, and the checks that slips took to the bank.

------------------------------------------------------------------------------------------------------------------------
-- 1. Shapes
------------------------------------------------------------------------------------------------------------------------

ALTER TABLE ledger_chart
    ADD CONSTRAINT ledger_chart_type_known CHECK (type IN (
        'ASSET', 'LIABILITY', 'CLEARING', 'EQUITY', 'INCOME', 'EXPENSE')),
    ADD CONSTRAINT ledger_chart_code_readable CHECK (code COLLATE "C" ~ '^[0-9]{4}$');

ALTER TABLE ledger_transfers
    ADD CONSTRAINT ledger_transfers_amount_positive CHECK (amount > 0 AND amount <> 'NaN'),
    ADD CONSTRAINT ledger_transfers_reference_given CHECK (reference_id COLLATE "C" ~ '^[!-~]+$'),
    ADD CONSTRAINT ledger_transfers_date_readable CHECK (effective_on BETWEEN '0001-01-01' AND '9999-12-31'),
    -- Drivers' receivable, drivers' credit and deposits held move by postings only, and so equal the balances.
    ADD CONSTRAINT ledger_transfers_no_control CHECK (debit <> credit
        AND debit NOT IN ('1100', '2010', '2020') AND credit NOT IN ('1100', '2010', '2020')),
    -- What each kind may debit and credit (the table in docs/ledger.md, line by line). A reversal is held to the swap
    -- of what it reverses, by the trigger below.
    ADD CONSTRAINT ledger_transfers_accounts CHECK (reverses_id IS NOT NULL OR CASE kind
        WHEN 'LOAN_OUT' THEN debit = '1150' AND credit IN ('1010', '1030', '3010')
        WHEN 'RETURNED_ITEM' THEN (debit = '1020' AND credit = '1030')
            OR (debit = '2300' AND credit IN ('1020', '1030'))
        WHEN 'NEGATIVE_WEEK' THEN debit = '2300' AND credit = '1040'
        WHEN 'WIN_BACK' THEN debit = '2300' AND credit IN ('1010', '1020', '1030', '1040',
            '2110', '2120', '2130', '2140', '3010', '4010', '4020', '4030', '4040')
        WHEN 'OPENING' THEN '3010' IN (debit, credit)
        WHEN 'CURB_REMITTANCE' THEN debit = '1030' AND credit = '1040'
        WHEN 'CARD_FEES' THEN debit = '6020' AND credit = '1040'
        WHEN 'BANK_DEPOSIT' THEN debit = '1030' AND credit IN ('1010', '1020')
        WHEN 'FLOAT' THEN debit = '1010' AND credit = '1030'
        WHEN 'PAID_OVER' THEN (credit = '1030' AND debit IN ('2110', '2120', '2130', '2140'))
            OR (debit = '1030' AND credit IN ('2110', '2120', '2130', '2140'))
        WHEN 'BORNE' THEN debit = '6040' AND credit IN ('1030', '2110', '2120', '2130', '2140')
        WHEN 'OVER_SHORT' THEN (debit = '6050' AND credit = '1010') OR (debit = '1010' AND credit = '6050')
        WHEN 'BANK_FEE' THEN debit = '6030' AND credit = '1030'
        WHEN 'CORRECTION' THEN '1150' NOT IN (debit, credit)
        ELSE false END),
    -- What mirrors something names it, and only that.
    ADD CONSTRAINT ledger_transfers_cause_named CHECK (reverses_id IS NOT NULL OR CASE kind
        WHEN 'LOAN_OUT' THEN loan_id IS NOT NULL AND num_nonnulls(posting_id, payment_id) = 0
        WHEN 'RETURNED_ITEM' THEN payment_id IS NOT NULL AND loan_id IS NULL
            AND (posting_id IS NOT NULL) = (debit = '2300')
        WHEN 'NEGATIVE_WEEK' THEN posting_id IS NOT NULL AND num_nonnulls(payment_id, loan_id) = 0
        WHEN 'WIN_BACK' THEN posting_id IS NOT NULL AND num_nonnulls(payment_id, loan_id) = 0
        WHEN 'OPENING' THEN num_nonnulls(payment_id, loan_id) = 0
            AND (posting_id IS NOT NULL OR ('1150' NOT IN (debit, credit) AND '2300' NOT IN (debit, credit)))
        ELSE num_nonnulls(posting_id, payment_id, loan_id) = 0 END),
    ADD CONSTRAINT ledger_transfers_reason_given CHECK (reason ~ '\S'
        OR (reverses_id IS NULL AND kind NOT IN ('OVER_SHORT', 'CORRECTION'))),
    ADD CONSTRAINT ledger_transfers_debit_exists FOREIGN KEY (debit) REFERENCES ledger_chart (code),
    ADD CONSTRAINT ledger_transfers_credit_exists FOREIGN KEY (credit) REFERENCES ledger_chart (code),
    ADD CONSTRAINT ledger_transfers_posting_exists FOREIGN KEY (posting_id) REFERENCES ledger_postings (id),
    ADD CONSTRAINT ledger_transfers_payment_exists FOREIGN KEY (payment_id) REFERENCES ledger_payments (id),
    ADD CONSTRAINT ledger_transfers_original_exists FOREIGN KEY (reverses_id) REFERENCES ledger_transfers (id),
    ADD CONSTRAINT ledger_transfers_author_exists FOREIGN KEY (posted_by_id) REFERENCES auth_user (id);

ALTER TABLE ledger_slip_checks
    ADD CONSTRAINT ledger_slip_checks_transfer_exists FOREIGN KEY (transfer_id) REFERENCES ledger_transfers (id),
    ADD CONSTRAINT ledger_slip_checks_payment_exists FOREIGN KEY (payment_id) REFERENCES ledger_payments (id);

------------------------------------------------------------------------------------------------------------------------
-- 2. Append-only; of the chart, only the code outside changes
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER ledger_transfers_day_open BEFORE INSERT ON ledger_transfers
    FOR EACH ROW EXECUTE FUNCTION ledger_check_document_day('effective_on');
CREATE TRIGGER ledger_transfers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_slip_checks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_slip_checks
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_chart_kept BEFORE DELETE OR TRUNCATE ON ledger_chart
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION ledger_check_chart() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.code, NEW.name, NEW.type) IS DISTINCT FROM (OLD.id, OLD.code, OLD.name, OLD.type) THEN
        RAISE EXCEPTION 'account %: of an account, only its code outside changes', OLD.code
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_chart_fixed', TABLE = 'ledger_chart';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_chart_fixed BEFORE UPDATE ON ledger_chart
    FOR EACH ROW EXECUTE FUNCTION ledger_check_chart();

------------------------------------------------------------------------------------------------------------------------
-- 3. A transfer, as it is written
------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION ledger_refuse_transfer(rule text, transfer bigint, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'transfer %: %', transfer, sentence
        USING ERRCODE = '23514', CONSTRAINT = rule, TABLE = 'ledger_transfers';
END $$;

CREATE FUNCTION ledger_check_transfer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    original ledger_transfers;
    last_one ledger_transfers;
    cause ledger_postings;
    cause_status text;
BEGIN
    IF NEW.posted_at <> statement_timestamp() THEN
        PERFORM ledger_refuse_transfer('ledger_transfers_database_clock', NEW.id, 'posted_at is the database''s clock');
    END IF;
    IF NEW.id > (SELECT last_value - (NOT is_called)::int FROM ledger_transfers_id_seq) THEN
        PERFORM ledger_refuse_transfer('ledger_transfers_id_drawn', NEW.id, 'its id was not drawn from the sequence');
    END IF;

    IF NEW.reverses_id IS NOT NULL THEN
        SELECT * INTO original FROM ledger_transfers WHERE id = NEW.reverses_id;
        IF FOUND AND (original.reverses_id IS NOT NULL OR original.id >= NEW.id
            OR (NEW.kind, NEW.debit, NEW.credit, NEW.amount, NEW.reference_id)
                IS DISTINCT FROM
                (original.kind, original.credit, original.debit, original.amount, original.reference_id)
            OR (NEW.posting_id, NEW.payment_id, NEW.loan_id)
                IS DISTINCT FROM (original.posting_id, original.payment_id, original.loan_id)
            OR NEW.effective_on < original.effective_on)
        THEN
            PERFORM ledger_refuse_transfer('ledger_transfers_mirrors_its_original', NEW.id,
                'a reversal swaps an earlier transfer, which is no reversal, on its day or after');
        END IF;
        NEW.occurrence := coalesce(original.occurrence, 1);  -- without an original, the foreign key says so
        RETURN NEW;
    END IF;

    -- Under its reference there is one that stands; recorded again, after it was reversed, it is the next. (Two who
    -- do that at once, or whose snapshot is old, count the same, and the unique index refuses one of them.)
    SELECT * INTO last_one FROM ledger_transfers t
        WHERE t.reference_id = NEW.reference_id AND t.kind = NEW.kind AND t.debit = NEW.debit AND t.credit = NEW.credit
            AND t.reverses_id IS NULL
        ORDER BY t.occurrence DESC LIMIT 1;
    IF FOUND AND NOT EXISTS (SELECT FROM ledger_transfers r WHERE r.reverses_id = last_one.id) THEN
        PERFORM ledger_refuse_transfer('ledger_transfers_live_reference', NEW.id,
            'a transfer of this kind between these accounts stands under this reference');
    END IF;
    NEW.occurrence := coalesce(last_one.occurrence, 0) + 1;

    IF NEW.posting_id IS NOT NULL THEN
        SELECT * INTO cause FROM ledger_postings WHERE id = NEW.posting_id;
        IF NOT FOUND THEN RETURN NEW; END IF;  -- the foreign key says so
        -- Nobody voids the cause from here on: its driver's account is locked, and a snapshot that is older than a void
        -- is refused (40001) at the balance that the void has changed.
        UPDATE ledger_accounts SET sealed_through = sealed_through WHERE driver_id = cause.driver_id;
        SELECT status INTO cause_status FROM ledger_balances WHERE posting_id = NEW.posting_id FOR SHARE;
        IF cause_status IS NULL OR cause_status = 'VOIDED' THEN
            PERFORM ledger_refuse_transfer('ledger_transfers_cause_lives', NEW.id,
                'its cause opened no balance, or is voided');
        END IF;
        IF cause.amount <> NEW.amount OR cause.reference_id <> NEW.reference_id
            OR NOT (CASE NEW.kind
                WHEN 'OPENING' THEN
                    (cause.kind = 'OBLIGATION' AND NEW.credit = '3010' AND NEW.debit = CASE cause.category
                        WHEN 'TAXES' THEN '2110' WHEN 'EZPASS' THEN '2120' WHEN 'PVB' THEN '2130' WHEN 'TLC' THEN '2140'
                        WHEN 'LEASE' THEN '4010' WHEN 'REPAIR' THEN '4020' WHEN 'MISC' THEN '4030'
                        WHEN 'RECOVERY' THEN '2300' WHEN 'LOAN' THEN '1150' END)
                    OR (cause.kind = 'CREDIT_MEMO' AND NEW.debit = '3010' AND NEW.credit = CASE cause.category
                        WHEN 'TAXES' THEN '2110' WHEN 'EZPASS' THEN '2120' WHEN 'PVB' THEN '2130' WHEN 'TLC' THEN '2140'
                        WHEN 'LEASE' THEN '4010' WHEN 'REPAIR' THEN '4020' WHEN 'MISC' THEN '4030'
                        WHEN 'LOAN' THEN '4040' END)
                ELSE cause.kind = 'OBLIGATION' AND cause.category = 'RECOVERY' END)
        THEN
            PERFORM ledger_refuse_transfer('ledger_transfers_mirrors_its_cause', NEW.id,
                'its amount, reference or account is not that of its cause');
        END IF;
    END IF;
    IF NEW.payment_id IS NOT NULL THEN
        UPDATE ledger_accounts SET sealed_through = sealed_through
            WHERE driver_id = (SELECT driver_id FROM ledger_payments WHERE id = NEW.payment_id);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_transfers_checked BEFORE INSERT ON ledger_transfers
    FOR EACH ROW EXECUTE FUNCTION ledger_check_transfer();

CREATE FUNCTION ledger_check_slip() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    rule text;
BEGIN
    -- Two slips for one check wait for each other, and see each other.
    UPDATE ledger_accounts SET sealed_through = sealed_through
        WHERE driver_id = (SELECT driver_id FROM ledger_payments WHERE id = NEW.payment_id);
    SELECT CASE
        WHEN t.kind <> 'BANK_DEPOSIT' OR t.credit <> '1020' OR t.reverses_id IS NOT NULL
            THEN 'ledger_slip_checks_on_a_bank_deposit'
        WHEN p.method <> 'CHECK' THEN 'ledger_slip_checks_name_checks'
        WHEN EXISTS (SELECT FROM ledger_slip_checks s WHERE s.payment_id = p.id
                AND NOT EXISTS (SELECT FROM ledger_transfers r WHERE r.reverses_id = s.transfer_id))
            THEN 'ledger_slip_checks_once'
        WHEN p.amount + (SELECT coalesce(sum(o.amount), 0) FROM ledger_slip_checks s
                JOIN ledger_payments o ON o.id = s.payment_id WHERE s.transfer_id = t.id) > t.amount
            THEN 'ledger_slip_checks_within_slip' END
        INTO rule
        FROM ledger_transfers t, ledger_payments p WHERE t.id = NEW.transfer_id AND p.id = NEW.payment_id;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'slip of transfer %: payment % is refused', NEW.transfer_id, NEW.payment_id
            USING ERRCODE = '23514', CONSTRAINT = rule, TABLE = 'ledger_slip_checks';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_slip_checks_checked BEFORE INSERT ON ledger_slip_checks
    FOR EACH ROW EXECUTE FUNCTION ledger_check_slip();

------------------------------------------------------------------------------------------------------------------------
-- 4. At the end of the transaction, a transfer stands exactly as long as its cause
------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION ledger_check_cause(cause bigint) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    stands boolean;
    lives boolean;
BEGIN
    SELECT EXISTS (SELECT FROM ledger_transfers t WHERE t.posting_id = cause AND t.reverses_id IS NULL
        AND NOT EXISTS (SELECT FROM ledger_transfers r WHERE r.reverses_id = t.id)) INTO stands;
    lives := NOT EXISTS (SELECT FROM ledger_postings WHERE reverses_id = cause);
    IF stands AND NOT lives THEN
        RAISE EXCEPTION 'posting % is voided, and the transfer that mirrors it stands', cause
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_transfers_reversed_with_cause', TABLE = 'ledger_transfers';
    ELSIF lives AND NOT stands THEN
        RAISE EXCEPTION 'posting % lives, and the transfer that mirrors it is reversed', cause
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_transfers_stands_with_cause', TABLE = 'ledger_transfers';
    END IF;
END $$;

-- A check that a slip took to the bank comes back from there: the bank loses what is voided of it. Without a slip it was
-- at the bank or was not, as somebody said.
CREATE FUNCTION ledger_check_returned(check_ bigint) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    voided numeric;
    returned numeric;
    never_banked boolean;
    on_slip boolean;
BEGIN
    SELECT coalesce(sum(v.amount), 0) INTO voided FROM ledger_postings o JOIN ledger_postings v ON v.reverses_id = o.id
        WHERE o.payment_id = check_ AND o.kind IN ('PAYMENT', 'DEPOSIT');
    SELECT coalesce(sum(t.amount) FILTER (WHERE t.debit = '1020'), 0), coalesce(bool_or(t.credit = '1020'), false)
        INTO returned, never_banked FROM ledger_transfers t
        WHERE t.payment_id = check_ AND t.reverses_id IS NULL
            AND NOT EXISTS (SELECT FROM ledger_transfers r WHERE r.reverses_id = t.id);
    on_slip := EXISTS (SELECT FROM ledger_slip_checks s WHERE s.payment_id = check_
        AND NOT EXISTS (SELECT FROM ledger_transfers r WHERE r.reverses_id = s.transfer_id));
    IF returned > voided OR (on_slip AND (returned <> voided OR never_banked)) THEN
        RAISE EXCEPTION 'payment %: % of the check is voided, and % came back from the bank', check_, voided, returned
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_transfers_returned_as_voided', TABLE = 'ledger_transfers';
    END IF;
END $$;

CREATE FUNCTION ledger_check_transfer_cause() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.posting_id IS NOT NULL THEN PERFORM ledger_check_cause(NEW.posting_id); END IF;
    IF NEW.payment_id IS NOT NULL THEN PERFORM ledger_check_returned(NEW.payment_id); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_check_voided_cause() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_transfers WHERE posting_id = NEW.reverses_id AND reverses_id IS NULL) THEN
        PERFORM ledger_check_cause(NEW.reverses_id);
    END IF;
    IF NEW.payment_id IS NOT NULL THEN PERFORM ledger_check_returned(NEW.payment_id); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_check_slip_returned() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM ledger_check_returned(NEW.payment_id);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_transfers_cause_checked AFTER INSERT ON ledger_transfers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.posting_id IS NOT NULL OR NEW.payment_id IS NOT NULL)
    EXECUTE FUNCTION ledger_check_transfer_cause();
-- What moves a balance has no mirror; only what opened one. (The words of a WHEN are read for every statement: few.)
CREATE CONSTRAINT TRIGGER ledger_postings_void_mirrored AFTER INSERT ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.reverses_id = NEW.balance_id)
    EXECUTE FUNCTION ledger_check_voided_cause();
CREATE CONSTRAINT TRIGGER ledger_slip_checks_returned AFTER INSERT ON ledger_slip_checks
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_slip_returned();

ALTER TABLE ledger_chart ENABLE ALWAYS TRIGGER ledger_chart_kept;
ALTER TABLE ledger_chart ENABLE ALWAYS TRIGGER ledger_chart_fixed;
ALTER TABLE ledger_transfers ENABLE ALWAYS TRIGGER ledger_transfers_append_only;
ALTER TABLE ledger_transfers ENABLE ALWAYS TRIGGER ledger_transfers_day_open;
ALTER TABLE ledger_transfers ENABLE ALWAYS TRIGGER ledger_transfers_checked;
ALTER TABLE ledger_transfers ENABLE ALWAYS TRIGGER ledger_transfers_cause_checked;
ALTER TABLE ledger_postings ENABLE ALWAYS TRIGGER ledger_postings_void_mirrored;
ALTER TABLE ledger_slip_checks ENABLE ALWAYS TRIGGER ledger_slip_checks_append_only;
ALTER TABLE ledger_slip_checks ENABLE ALWAYS TRIGGER ledger_slip_checks_checked;
ALTER TABLE ledger_slip_checks ENABLE ALWAYS TRIGGER ledger_slip_checks_returned;
