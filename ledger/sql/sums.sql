-- Sums of the books, kept by PostgreSQL itself: a run says which rows are added, and the trigger adds them. The product's
-- role may write runs alone. Whoever goes around this is found by the audit, and the sums can be made anew.

CREATE TRIGGER ledger_sum_runs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_sum_runs
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_posting_sums_kept_by_database BEFORE INSERT OR UPDATE OR DELETE ON ledger_posting_sums
    FOR EACH STATEMENT WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION ledger_refuse_direct_write();
CREATE TRIGGER ledger_posting_sums_never_truncated BEFORE TRUNCATE ON ledger_posting_sums
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_direct_write();
CREATE TRIGGER ledger_transfer_sums_kept_by_database BEFORE INSERT OR UPDATE OR DELETE ON ledger_transfer_sums
    FOR EACH STATEMENT WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION ledger_refuse_direct_write();
CREATE TRIGGER ledger_transfer_sums_never_truncated BEFORE TRUNCATE ON ledger_transfer_sums
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_direct_write();

-- A run begins where the last one ended, or anew; and ends with ids that were drawn. Payments are counted, for who asks
-- whether a receipt is missing.
CREATE FUNCTION ledger_check_sum_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    before ledger_sum_runs;
BEGIN
    -- One run at a time.
    PERFORM pg_advisory_xact_lock(hashtextextended('ledger_sum_runs', 0));
    SELECT * INTO before FROM ledger_sum_runs ORDER BY number DESC LIMIT 1;
    IF NEW.begins_anew THEN
        before.last_posting_id := 0; before.last_transfer_id := 0; before.last_payment_id := 0; before.payments := 0;
    END IF;
    IF (NEW.number, NEW.after_posting_id, NEW.after_transfer_id, NEW.after_payment_id) IS DISTINCT FROM (
        coalesce(before.number, 0) + 1, coalesce(before.last_posting_id, 0), coalesce(before.last_transfer_id, 0),
        coalesce(before.last_payment_id, 0))
    THEN
        RAISE EXCEPTION 'run %: it begins where the last one ended or anew, under the next number', NEW.number
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_sum_runs_follow', TABLE = 'ledger_sum_runs';
    END IF;
    IF NEW.last_posting_id > (SELECT last_value - (NOT is_called)::int FROM ledger_postings_id_seq)
        OR NEW.last_transfer_id > (SELECT last_value - (NOT is_called)::int FROM ledger_transfers_id_seq)
        OR NEW.last_payment_id > (SELECT last_value - (NOT is_called)::int FROM ledger_payments_id_seq)
    THEN
        RAISE EXCEPTION 'run %: no row has such an id yet', NEW.number
            USING ERRCODE = '23514', CONSTRAINT = 'ledger_sum_runs_drawn', TABLE = 'ledger_sum_runs';
    END IF;
    NEW.payments := coalesce(before.payments, 0) + (SELECT count(*) FROM ledger_payments
        WHERE id > NEW.after_payment_id AND id <= NEW.last_payment_id);
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_sum_runs_follow BEFORE INSERT ON ledger_sum_runs
    FOR EACH ROW EXECUTE FUNCTION ledger_check_sum_run();

-- What decides a posting's accounts is as ledger/selectors/trial_balance.py has it; the audit compares the two. Planned
-- for the ids of each run: the first one reads all postings, and the others a few of them.
CREATE FUNCTION ledger_add_to_sums() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF NEW.begins_anew THEN
        DELETE FROM ledger_posting_sums;
        DELETE FROM ledger_transfer_sums;
    END IF;
    INSERT INTO ledger_posting_sums AS kept (span, from_on, kind, category, method, is_void, amount, income)
        WITH days AS (
            SELECT p.effective_on, coalesce(o.kind, p.kind) AS kind, coalesce(f.category, p.category) AS category,
                CASE WHEN coalesce(o.kind, p.kind) IN ('PAYMENT', 'DEPOSIT', 'PAYOUT')
                    THEN coalesce(payment.method, payout.method, '') ELSE '' END AS method,
                p.kind = 'VOID' AS is_void, sum(p.amount) AS amount, sum(p.income) AS income
            FROM ledger_postings p
                LEFT JOIN ledger_postings o ON o.id = p.reverses_id
                LEFT JOIN ledger_payments payment ON payment.id = p.payment_id
                LEFT JOIN ledger_payouts payout ON payout.id = p.payout_id
                LEFT JOIN ledger_postings f ON f.id = p.funding_id
            WHERE p.id > NEW.after_posting_id AND p.id <= NEW.last_posting_id
            GROUP BY 1, 2, 3, 4, 5
        )
        SELECT side.span, side.from_on, kind, category, method, is_void, sum(amount), sum(income)
        FROM days CROSS JOIN LATERAL (
            VALUES ('DAY', effective_on), ('MONTH', date_trunc('month', effective_on)::date)
        ) AS side (span, from_on)
        GROUP BY 1, 2, 3, 4, 5, 6
        ON CONFLICT (span, from_on, kind, category, method, is_void)
            DO UPDATE SET amount = kept.amount + excluded.amount, income = kept.income + excluded.income;
    INSERT INTO ledger_transfer_sums AS kept (span, from_on, debit, credit, amount)
        SELECT side.span, side.from_on, t.debit, t.credit, sum(t.amount)
        FROM ledger_transfers t CROSS JOIN LATERAL (
            VALUES ('DAY', t.effective_on), ('MONTH', date_trunc('month', t.effective_on)::date)
        ) AS side (span, from_on)
        WHERE t.id > NEW.after_transfer_id AND t.id <= NEW.last_transfer_id
        GROUP BY 1, 2, 3, 4
        ON CONFLICT (span, from_on, debit, credit) DO UPDATE SET amount = kept.amount + excluded.amount;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_sum_runs_add AFTER INSERT ON ledger_sum_runs
    FOR EACH ROW EXECUTE FUNCTION ledger_add_to_sums();

ALTER TABLE ledger_sum_runs ENABLE ALWAYS TRIGGER ledger_sum_runs_append_only;
ALTER TABLE ledger_sum_runs ENABLE ALWAYS TRIGGER ledger_sum_runs_follow;
ALTER TABLE ledger_sum_runs ENABLE ALWAYS TRIGGER ledger_sum_runs_add;
ALTER TABLE ledger_posting_sums ENABLE ALWAYS TRIGGER ledger_posting_sums_kept_by_database;
ALTER TABLE ledger_posting_sums ENABLE ALWAYS TRIGGER ledger_posting_sums_never_truncated;
ALTER TABLE ledger_transfer_sums ENABLE ALWAYS TRIGGER ledger_transfer_sums_kept_by_database;
ALTER TABLE ledger_transfer_sums ENABLE ALWAYS TRIGGER ledger_transfer_sums_never_truncated;
