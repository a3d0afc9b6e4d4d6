-- The ledger's promises, held by PostgreSQL itself.
--
-- Every trigger here is ENABLE ALWAYS (it also fires for replication sessions) and has no switch that a session could
-- flip. What writes where the product's role may not (config/grants.py) is SECURITY DEFINER: it runs as the owner. Every refusal carries SQLSTATE 23514 (or 40001 where sending the same again helps) and a constraint name;
-- ledger/services/transactions.py maps the names to errors. Tables live in schema public.

------------------------------------------------------------------------------------------------------------------------
-- 1. Shapes: what one row may say
------------------------------------------------------------------------------------------------------------------------

-- The rule that a posting's row breaks by itself; null where it breaks none. Held by the projection (chapter 7), which
-- looks at all rows of a statement at once. Of CHECKs PostgreSQL reads the words anew for every statement that posts: a
-- quarter of what a single posting cost it (docs/performance.md). In SQL and without settings, so that it becomes part
-- of the statement that asks.
CREATE FUNCTION ledger_find_broken_rule(kind text, entry_type text, category text, amount numeric, income numeric,
    reference_id text, reason text, description text, lease_id bigint, due_on date, effective_on date,
    balance_id bigint, funding_id bigint, reverses_id bigint, payment_id bigint, payout_id bigint)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN NOT (amount > 0 AND amount <> 'NaN') THEN 'ledger_postings_amount_positive'
        WHEN reference_id COLLATE "C" !~ '^[!-~]+$' THEN 'ledger_postings_reference_given'
        WHEN entry_type NOT IN ('DEBIT', 'CREDIT') THEN 'ledger_postings_entry_known'
        -- What PostgreSQL calls a date and Python can't read ('infinity', the year 10000) would block all later reading.
        WHEN effective_on NOT BETWEEN '0001-01-01' AND '9999-12-31' OR due_on NOT BETWEEN '0001-01-01' AND '9999-12-31'
            THEN 'ledger_postings_dates_readable'
        WHEN category NOT IN ('TAXES', 'EZPASS', 'LEASE', 'RECOVERY', 'PVB', 'TLC', 'REPAIR', 'LOAN', 'MISC', 'PAYMENT',
            'DEPOSIT', 'EARNINGS') THEN 'ledger_postings_category_known'
        -- Each kind has exactly its row's shape (the table of kinds in docs/architecture.md, line by line), told in one
        -- text: to ask for each by itself takes more than twice as many operators, which a single posting pays for.
        WHEN CASE kind WHEN 'VOID' THEN num_nonnulls(balance_id, reverses_id) < 2 OR due_on IS NOT NULL
            ELSE kind || ' ' || entry_type
                || CASE WHEN due_on IS NULL THEN '' ELSE ' due' END
                || CASE WHEN balance_id IS NULL THEN '' ELSE ' balance' END
                || CASE WHEN funding_id IS NULL THEN '' ELSE ' funding' END
                || CASE WHEN payment_id IS NULL THEN '' ELSE ' payment' END
                || CASE WHEN payout_id IS NULL THEN '' ELSE ' payout' END
                || CASE WHEN reverses_id IS NULL THEN '' ELSE ' reverses' END
                NOT IN (
                    'OBLIGATION DEBIT due',
                    'PAYMENT CREDIT payment',
                    'DEPOSIT CREDIT payment',
                    'DEPOSIT CREDIT',
                    'EARNINGS CREDIT',
                    'CREDIT_MEMO CREDIT',
                    'ALLOCATION CREDIT balance funding payment',
                    'APPLICATION CREDIT balance funding',
                    'PAYOUT DEBIT balance payout',
                    'WRITE_OFF CREDIT balance')
            END
            -- What was paid, deposited and earned is of the category so called, and nothing else that opens a balance is.
            OR balance_id IS NULL AND CASE WHEN kind IN ('PAYMENT', 'DEPOSIT', 'EARNINGS') THEN category <> kind
                ELSE category IN ('PAYMENT', 'DEPOSIT', 'EARNINGS') END
            -- A recovery is voided, never refunded.
            OR kind = 'CREDIT_MEMO' AND category = 'RECOVERY'
            -- Only a deposit carried over at go-live has no payment.
            OR kind = 'DEPOSIT' AND (lease_id IS NULL OR payment_id IS NULL AND reference_id NOT LIKE 'OPEN-DEPOSIT-%')
            OR kind IN ('CREDIT_MEMO', 'WRITE_OFF', 'VOID') AND reason !~ '\S'
            THEN 'ledger_postings_shape'
        -- Words belong to what opens a balance; a movement is told by what it moves. They are one line that reads as it
        -- is written: no control characters, and none that turn the direction of what follows them.
        WHEN description <> '' AND balance_id IS NOT NULL THEN 'ledger_postings_description_of_opening'
        WHEN description <> btrim(description)
            OR description COLLATE "C" ~ '[\u0001-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]'
            THEN 'ledger_postings_description_readable'
        -- Interest is part of what a loan's charge amounts to; a void gives it back with the charge (below).
        WHEN income <> 0 AND NOT (income > 0 AND income <= amount AND category = 'LOAN'
            AND (kind = 'OBLIGATION' OR (kind = 'VOID' AND reverses_id = balance_id)))
            THEN 'ledger_postings_income_of_loan' END
$$;

ALTER TABLE ledger_balances SET (fillfactor = 80);

-- A key checked row by row costs more than the row. So the keys sit on small tables that name each lease, vehicle and
-- author once, when a posting first does; nothing ever leaves them, and the projection looks there for a whole statement
-- at once. A movement repeats its balance's lease and vehicle, so only what opens a balance is looked up. A lease is named
-- together with the driver, so that each pair is held against the lease's drivers once.
ALTER TABLE ledger_named_leases
    ADD CONSTRAINT ledger_postings_lease_exists FOREIGN KEY (lease_id) REFERENCES leases_lease (id);
ALTER TABLE ledger_named_vehicles
    ADD CONSTRAINT ledger_postings_vehicle_exists FOREIGN KEY (vehicle_id) REFERENCES leases_vehicle (id);
ALTER TABLE ledger_named_authors
    ADD CONSTRAINT ledger_postings_author_exists FOREIGN KEY (user_id) REFERENCES auth_user (id);

ALTER TABLE ledger_accounts
    ADD CONSTRAINT ledger_accounts_driver_exists FOREIGN KEY (driver_id) REFERENCES leases_driver (id);

ALTER TABLE ledger_payments
    -- NaN is above every number, so it would pass the checks of the model and cover any posting.
    ADD CONSTRAINT ledger_payments_amount_is_number CHECK (amount <> 'NaN'),
    ADD CONSTRAINT ledger_payments_dates_readable CHECK (received_on BETWEEN '0001-01-01' AND '9999-12-31'
        AND isfinite(received_at)),
    ADD CONSTRAINT ledger_payments_driver_exists FOREIGN KEY (driver_id) REFERENCES leases_driver (id),
    ADD CONSTRAINT ledger_payments_lease_exists FOREIGN KEY (lease_id) REFERENCES leases_lease (id),
    ADD CONSTRAINT ledger_payments_received_by FOREIGN KEY (received_by_id) REFERENCES auth_user (id);

ALTER TABLE ledger_payouts
    ADD CONSTRAINT ledger_payouts_amount_is_number CHECK (amount <> 'NaN'),
    ADD CONSTRAINT ledger_payouts_dates_readable CHECK (paid_on BETWEEN '0001-01-01' AND '9999-12-31'
        AND isfinite(paid_at)),
    ADD CONSTRAINT ledger_payouts_driver_exists FOREIGN KEY (driver_id) REFERENCES leases_driver (id),
    ADD CONSTRAINT ledger_payouts_lease_exists FOREIGN KEY (lease_id) REFERENCES leases_lease (id),
    ADD CONSTRAINT ledger_payouts_paid_by FOREIGN KEY (paid_by_id) REFERENCES auth_user (id);

ALTER TABLE ledger_waterfall_orders
    ADD CONSTRAINT ledger_waterfall_orders_is_permutation CHECK (array_ndims(categories) = 1
        AND cardinality(categories) = 9 AND categories @> ARRAY[
        'TAXES', 'EZPASS', 'LEASE', 'RECOVERY', 'PVB', 'TLC', 'REPAIR', 'LOAN', 'MISC']::varchar[]),
    ADD CONSTRAINT ledger_waterfall_orders_date_readable CHECK (effective_on BETWEEN '0001-01-01' AND '9999-12-31');

------------------------------------------------------------------------------------------------------------------------
-- 2. Append-only
------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_append_only', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_postings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_payments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_payments
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_payouts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_payouts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_waterfall_orders_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_waterfall_orders
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_accounts_kept BEFORE DELETE OR TRUNCATE ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- Balances take no write but the projection's, which runs one trigger deep; nothing ever deletes one.
CREATE FUNCTION ledger_refuse_direct_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept by the database alone: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_kept_by_database', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER ledger_balances_kept_by_database BEFORE INSERT OR UPDATE ON ledger_balances
    FOR EACH STATEMENT WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION ledger_refuse_direct_write();
CREATE TRIGGER ledger_balances_never_deleted BEFORE DELETE OR TRUNCATE ON ledger_balances
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_direct_write();
CREATE TRIGGER ledger_named_leases_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_named_leases
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_direct_write();
CREATE TRIGGER ledger_named_vehicles_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_named_vehicles
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_direct_write();
CREATE TRIGGER ledger_named_authors_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_named_authors
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_direct_write();

------------------------------------------------------------------------------------------------------------------------
-- 3. Receipt numbers without gaps: one above the highest, found under the counter's row lock
------------------------------------------------------------------------------------------------------------------------

-- core_draw_number() is core's (core/sql/guards.sql).

CREATE TRIGGER ledger_payments_number BEFORE INSERT ON ledger_payments
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('number');
CREATE TRIGGER ledger_payouts_number BEFORE INSERT ON ledger_payouts
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('number');

------------------------------------------------------------------------------------------------------------------------
-- 4. A lease is its driver's: primary or further, at some time
------------------------------------------------------------------------------------------------------------------------

-- Who was on a lease when first named with it stays so here: taken off it later, they still settle what they owe of it.
CREATE FUNCTION ledger_check_lease() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- A lease that does not exist is its foreign key's to refuse.
    IF EXISTS (SELECT FROM leases_lease WHERE id = NEW.lease_id)
        AND NOT EXISTS (SELECT FROM leases_leasedriver WHERE lease_id = NEW.lease_id AND driver_id = NEW.driver_id)
        AND NOT EXISTS (SELECT FROM ledger_named_leases WHERE lease_id = NEW.lease_id AND driver_id = NEW.driver_id)
    THEN
        RAISE EXCEPTION 'driver % was never on lease %', NEW.driver_id, NEW.lease_id
            USING ERRCODE = '23514', CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_named_leases_of_driver BEFORE INSERT ON ledger_named_leases
    FOR EACH ROW EXECUTE FUNCTION ledger_check_lease('ledger_postings_lease_of_driver');
CREATE TRIGGER ledger_payments_lease_of_driver BEFORE INSERT ON ledger_payments
    FOR EACH ROW WHEN (NEW.lease_id IS NOT NULL)
    EXECUTE FUNCTION ledger_check_lease('ledger_payments_lease_of_driver');
CREATE TRIGGER ledger_payouts_lease_of_driver BEFORE INSERT ON ledger_payouts
    FOR EACH ROW WHEN (NEW.lease_id IS NOT NULL)
    EXECUTE FUNCTION ledger_check_lease('ledger_payouts_lease_of_driver');

------------------------------------------------------------------------------------------------------------------------
-- 5. Books are closed through a day: nothing is dated on or before it any more
------------------------------------------------------------------------------------------------------------------------

-- The row of ledger_books is what everybody who books reads FOR SHARE and who closes locks FOR UPDATE: so a close waits
-- for what is in flight, what comes later sees it, and a snapshot from before it is refused (40001).
ALTER TABLE ledger_books ADD CONSTRAINT ledger_books_one_row CHECK (id = 1);

CREATE TRIGGER ledger_books_kept_by_database BEFORE INSERT OR UPDATE ON ledger_books
    FOR EACH STATEMENT WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION ledger_refuse_direct_write();
CREATE TRIGGER ledger_books_never_deleted BEFORE DELETE OR TRUNCATE ON ledger_books
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_direct_write();
CREATE TRIGGER ledger_books_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_books_log
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

ALTER TABLE ledger_books_log
    ADD CONSTRAINT ledger_books_log_day_readable CHECK (day BETWEEN '0001-01-01' AND '9999-12-31');

-- The last day that is closed; null where none is.
CREATE FUNCTION ledger_closed_through() RETURNS date LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT closed_through FROM ledger_books WHERE id = 1), ledger_closed_at_first());
END $$;

-- The same before the first close: the books of a fleet begin with its first lease; what is booked today is never too
-- early (a deposit may be paid before the lease begins).
CREATE FUNCTION ledger_closed_at_first() RETURNS date LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    first_lease date := (SELECT min(start_on) FROM leases_lease);
BEGIN
    IF first_lease IS NULL THEN RETURN NULL; END IF;
    RETURN least(first_lease, (statement_timestamp() AT TIME ZONE 'America/New_York')::date) - 1;
END $$;

-- The same, held until the transaction ends.
CREATE FUNCTION ledger_hold_books() RETURNS date LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    closed date;
BEGIN
    LOOP
        SELECT closed_through INTO closed FROM ledger_books WHERE id = 1 FOR SHARE;
        EXIT WHEN FOUND;
        INSERT INTO ledger_books (id) VALUES (1) ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN coalesce(closed, ledger_closed_at_first());
END $$;

CREATE FUNCTION ledger_is_reopened(closed_day date) RETURNS boolean LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM ledger_books_log
        WHERE kind = 'REOPENED' AND day = closed_day AND statement_timestamp() BETWEEN at AND until_at
    )
$$;

CREATE FUNCTION ledger_refuse_day(table_name text, refused date, closed date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- A sentence for people: the services show it as it is.
    RAISE EXCEPTION 'Nothing can be booked on %: the books are closed through %.',
        to_char(refused, 'Mon FMDD, YYYY'), to_char(closed, 'Mon FMDD, YYYY')
        USING ERRCODE = '23514', CONSTRAINT = table_name || '_day_open', TABLE = table_name, DETAIL = closed::text;
END $$;

-- No day that has not come: the day that a service was given as today (ledger/services/transactions.py), and for whoever names
-- none a slip of the keyboard all the same.
CREATE FUNCTION ledger_check_day_has_come(table_name text, last_day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    today date := nullif(current_setting('ledger.today', true), '')::date;
BEGIN
    IF last_day > today OR last_day > (statement_timestamp() + interval '2 years')::date THEN
        RAISE EXCEPTION 'Nothing can be booked on %: that day has not come.', to_char(last_day, 'Mon FMDD, YYYY')
            USING ERRCODE = '23514', CONSTRAINT = table_name || '_day_has_come', TABLE = table_name,
                DETAIL = coalesce(today::text, '');
    END IF;
END $$;

-- For the documents, which are written one by one; the column that holds the day is the trigger's argument.
CREATE FUNCTION ledger_check_document_day() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    booked date;
    closed date := ledger_hold_books();
BEGIN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[0]) INTO booked USING NEW;
    IF booked NOT BETWEEN '0001-01-01' AND '9999-12-31' THEN
        RETURN NEW;  -- no day at all: the table's own constraint says so
    END IF;
    PERFORM ledger_check_day_has_come(TG_TABLE_NAME, booked);
    IF booked <= closed AND NOT ledger_is_reopened(booked) THEN
        PERFORM ledger_refuse_day(TG_TABLE_NAME, booked, closed);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_payments_day_open BEFORE INSERT ON ledger_payments
    FOR EACH ROW EXECUTE FUNCTION ledger_check_document_day('received_on');
CREATE TRIGGER ledger_payouts_day_open BEFORE INSERT ON ledger_payouts
    FOR EACH ROW EXECUTE FUNCTION ledger_check_document_day('paid_on');

-- A closing moves the day forward. A day is reopened for some hours, by a superuser, and is closed again by itself.
CREATE FUNCTION ledger_enter_books() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    closed date;
    rule text;
BEGIN
    INSERT INTO ledger_books (id) VALUES (1) ON CONFLICT DO NOTHING;
    PERFORM FROM ledger_books WHERE id = 1 FOR UPDATE;
    closed := ledger_closed_through();
    -- The lock is had by now: what was in flight bears an earlier moment, and what comes a later one.
    NEW.at := clock_timestamp();
    NEW.until_at := NEW.at + NEW.hours * interval '1 hour';
    IF NEW.kind = 'REOPENED' THEN
        rule := CASE
            WHEN NEW.day > closed OR closed IS NULL THEN 'ledger_books_log_day_is_closed'
            WHEN NOT EXISTS (SELECT FROM auth_user WHERE id = NEW.by_id AND is_superuser AND is_active)
                THEN 'ledger_books_log_by_superuser' END;
    ELSE
        rule := CASE
            WHEN NEW.day <= closed THEN 'ledger_books_log_moves_forward'
            -- A week that ends on or before the day and was closed has moved the day to its Saturday: none lies between.
            WHEN NEW.kind = 'HAND' AND NEW.day - (extract(dow FROM NEW.day)::int + 1) % 7 > closed
                THEN 'ledger_books_log_weeks_closed' END;
    END IF;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION '% of % refused: the books are closed through %', NEW.kind, NEW.day, closed
            USING ERRCODE = '23514', CONSTRAINT = rule, TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.kind <> 'REOPENED' THEN
        UPDATE ledger_books SET closed_through = NEW.day WHERE id = 1;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_books_log_enter BEFORE INSERT ON ledger_books_log
    FOR EACH ROW EXECUTE FUNCTION ledger_enter_books();

------------------------------------------------------------------------------------------------------------------------
-- 6. The cut only moves forward, and only to the driver's last posting
------------------------------------------------------------------------------------------------------------------------

-- No sequential scan: a plan made while postings were few is kept, and would read all of them for each account.
CREATE FUNCTION ledger_check_account() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.sealed_through = 0 THEN RETURN NEW; END IF;
    ELSIF NEW.driver_id = OLD.driver_id AND NEW.opened_at = OLD.opened_at AND (NEW.sealed_through = OLD.sealed_through OR (
        NEW.sealed_through > OLD.sealed_through
        AND NEW.sealed_through = (SELECT max(id) FROM ledger_postings WHERE driver_id = NEW.driver_id)))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the account of driver %: its cut moves forward, to the last posting, and nothing else changes',
        NEW.driver_id
        USING ERRCODE = '23514', CONSTRAINT = 'ledger_accounts_cut_moves_forward', TABLE = 'ledger_accounts';
END $$;

CREATE TRIGGER ledger_accounts_cut_moves_forward BEFORE INSERT OR UPDATE ON ledger_accounts
    FOR EACH ROW EXECUTE FUNCTION ledger_check_account();

------------------------------------------------------------------------------------------------------------------------
-- 7. The projection: balances follow from postings, set by set
------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION ledger_refuse_posting(rule text, posting bigint, sqlstate_ text, sentence text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'posting %: %', posting, sentence
        USING ERRCODE = sqlstate_, CONSTRAINT = rule, TABLE = 'ledger_postings';
END $$;

-- Plans are kept per session, and the first call may have had one row or a hundred thousand: with hash joins and
-- sequential scans off, every join goes from the new rows to an index, which is right for both.
CREATE FUNCTION ledger_project_postings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET jit = off AS $$
DECLARE
    -- The new rows, looked at once: what is at fault, and what there is to do in the phases below.
    broken text;
    sealed bigint;
    other_clock bigint;
    first_id bigint;
    last_id bigint;
    first_driver bigint;
    last_driver bigint;
    opens boolean;
    has_movement boolean;
    has_void boolean;
    has_document boolean;
    claims_document boolean;
    names_lease boolean;
    names_vehicle boolean;
    first_author integer;
    last_author integer;
    first_day date;
    last_day date;
    recovers boolean;
BEGIN
    -- All new rows are looked at once; no rule of a row by itself is broken.
    SELECT min(ledger_find_broken_rule(kind, entry_type, category, amount, income, reference_id, reason, description,
            lease_id, due_on, effective_on, balance_id, funding_id, reverses_id, payment_id, payout_id)),
        min(id) FILTER (WHERE posted_at <> statement_timestamp()), min(id), max(id), min(driver_id), max(driver_id),
        count(balance_id) < count(*), bool_or(balance_id IS NOT NULL AND kind <> 'VOID'), bool_or(kind = 'VOID'),
        count(payment_id) + count(payout_id) > 0, bool_or(kind IN ('PAYMENT', 'DEPOSIT', 'PAYOUT')),
        count(lease_id) > 0, count(vehicle_id) > 0, min(posted_by_id), max(posted_by_id),
        min(effective_on), max(effective_on),
        bool_or(balance_id IS NULL AND (reference_id LIKE 'WINBACK-%' OR reference_id LIKE 'RETURNED-%'))
    INTO broken, other_clock, first_id, last_id, first_driver, last_driver, opens, has_movement, has_void,
        has_document, claims_document, names_lease, names_vehicle, first_author, last_author, first_day, last_day,
        recovers
    FROM new_rows;
    IF broken IS NOT NULL THEN
        PERFORM ledger_refuse_posting(broken, last_id, '23514', 'it, or one before it, is refused by ' || broken);
    END IF;

    -- Every driver has an account, and from here on nobody else moves their money. (A service already locked it: then
    -- this costs little.)
    <<lock_accounts>>
    DECLARE
        without_account boolean;
    BEGIN
        -- What another session sealed meanwhile is seen: who waited for a row's lock is given the row as it is then.
        LOOP
            IF first_driver = last_driver THEN
                -- One driver, who has an account, is the rule.
                SELECT sealed_through INTO sealed FROM ledger_accounts WHERE driver_id = first_driver FOR UPDATE;
                without_account := NOT FOUND;
                sealed := CASE WHEN first_id <= sealed THEN first_id END;
            ELSE
                -- In id order. LATERAL, so that whatever plan is kept asks the index for each driver and never reads
                -- all the accounts.
                SELECT bool_or(a.sealed_through IS NULL), min(n.first_id) FILTER (WHERE n.first_id <= a.sealed_through)
                    INTO without_account, sealed
                    FROM (
                        SELECT driver_id, min(id) AS first_id FROM new_rows GROUP BY driver_id ORDER BY driver_id
                    ) AS n
                    LEFT JOIN LATERAL (
                        SELECT sealed_through FROM ledger_accounts WHERE driver_id = n.driver_id FOR UPDATE
                    ) AS a ON true;
            END IF;
            EXIT WHEN without_account IS NOT TRUE;
            INSERT INTO ledger_accounts (driver_id, sealed_through, opened_at)
                SELECT DISTINCT driver_id, 0, statement_timestamp() FROM new_rows ORDER BY driver_id
                ON CONFLICT (driver_id) DO NOTHING;
        END LOOP;
    END lock_accounts;

    IF recovers THEN
        PERFORM ledger_check_recovery(id, kind, category, reference_id, driver_id, amount) FROM new_rows
            WHERE balance_id IS NULL AND (reference_id LIKE 'WINBACK-%' OR reference_id LIKE 'RETURNED-%');
    END IF;

    -- Nothing is posted into what a DTR has sealed, under another clock, or under an id that was not drawn.
    <<refuse_sealed_ids>>
    BEGIN
        IF sealed IS NOT NULL THEN
            PERFORM ledger_refuse_posting('ledger_postings_above_cut', sealed, '40001',
                'a DTR has sealed this driver''s account above this id; post again');
        END IF;
        IF other_clock IS NOT NULL THEN
            PERFORM ledger_refuse_posting('ledger_postings_database_clock', other_clock, '23514',
                'posted_at is the database''s clock');
        END IF;
        -- An id from the future would drag its driver's cut with it, and bar every posting until the sequence got
        -- there.
        IF last_id > coalesce(pg_sequence_last_value('ledger_postings_id_seq'), 0) THEN
            PERFORM ledger_refuse_posting('ledger_postings_id_drawn', last_id, '23514',
                'its id was not drawn from the sequence');
        END IF;
    END refuse_sealed_ids;

    -- Nothing is posted on a day that is closed, or has not come. The books come after the accounts, here as everywhere.
    <<refuse_days>>
    DECLARE
        closed date := ledger_hold_books();
        refused date;
    BEGIN
        PERFORM ledger_check_day_has_come('ledger_postings', last_day);
        IF first_day <= closed THEN
            SELECT min(effective_on) INTO refused FROM new_rows
                WHERE effective_on <= closed AND NOT ledger_is_reopened(effective_on);
            IF refused IS NOT NULL THEN
                PERFORM ledger_refuse_day('ledger_postings', refused, closed);
            END IF;
        END IF;
    END refuse_days;

    -- Every lease, vehicle and author exists, and a lease is the driver's: each is named once, where that is seen to.
    -- LATERAL and OFFSET 0, so that a plan that was made when few were named asks the index and never reads all.
    <<name_keys>>
    BEGIN
        IF opens AND names_lease THEN
            INSERT INTO ledger_named_leases (lease_id, driver_id)
                SELECT n.lease_id, n.driver_id
                FROM (
                    SELECT DISTINCT lease_id, driver_id FROM new_rows
                    WHERE balance_id IS NULL AND lease_id IS NOT NULL
                ) AS n
                LEFT JOIN LATERAL (
                    SELECT true AS is_named FROM ledger_named_leases
                    WHERE lease_id = n.lease_id AND driver_id = n.driver_id OFFSET 0
                ) AS k ON true
                WHERE k.is_named IS NULL
                ORDER BY n.lease_id, n.driver_id ON CONFLICT DO NOTHING;
        END IF;
        IF opens AND names_vehicle THEN
            INSERT INTO ledger_named_vehicles (vehicle_id)
                SELECT n.vehicle_id
                FROM (SELECT DISTINCT vehicle_id FROM new_rows WHERE balance_id IS NULL AND vehicle_id IS NOT NULL) AS n
                LEFT JOIN LATERAL (
                    SELECT true AS is_named FROM ledger_named_vehicles WHERE vehicle_id = n.vehicle_id OFFSET 0
                ) AS k ON true
                WHERE k.is_named IS NULL
                ORDER BY n.vehicle_id ON CONFLICT DO NOTHING;
        END IF;
        -- One author, who is named already, is the rule.
        IF first_author < last_author
            OR (first_author IS NOT NULL AND NOT EXISTS (SELECT FROM ledger_named_authors WHERE user_id = first_author))
        THEN
            INSERT INTO ledger_named_authors (user_id)
                SELECT n.posted_by_id
                FROM (SELECT DISTINCT posted_by_id FROM new_rows WHERE posted_by_id IS NOT NULL) AS n
                LEFT JOIN LATERAL (
                    SELECT true AS is_named FROM ledger_named_authors WHERE user_id = n.posted_by_id OFFSET 0
                ) AS k ON true
                WHERE k.is_named IS NULL
                ORDER BY n.posted_by_id ON CONFLICT DO NOTHING;
        END IF;
    END name_keys;

    -- What opens a balance has one, with all of its money still on it.
    <<open_balances>>
    BEGIN
        IF opens THEN
            INSERT INTO ledger_balances (posting_id, entry_type, category, reference_id, driver_id, lease_id,
                    vehicle_id, due_on, effective_on, original_amount, remaining, status)
                SELECT id, entry_type, category, reference_id, driver_id, lease_id, vehicle_id,
                    due_on, effective_on, amount, amount, 'OPEN'
                FROM new_rows WHERE balance_id IS NULL;
        END IF;
    END open_balances;

    -- What names a payment or payout names one of its own driver's, and all that do so never say more than it does.
    <<check_documents>>
    DECLARE
        bad record;
    BEGIN
        IF has_document THEN
            -- They are never deleted, so one that is seen here stays.
            SELECT n.id, CASE
                    WHEN n.payment_id IS NOT NULL AND p.id IS NULL THEN 'ledger_postings_payment_exists'
                    WHEN n.payout_id IS NOT NULL AND o.id IS NULL THEN 'ledger_postings_payout_exists'
                    ELSE 'ledger_postings_one_driver' END AS rule
                INTO bad
                FROM new_rows n
                LEFT JOIN ledger_payments p ON p.id = n.payment_id LEFT JOIN ledger_payouts o ON o.id = n.payout_id
                WHERE (n.payment_id IS NOT NULL AND p.driver_id IS DISTINCT FROM n.driver_id)
                    OR (n.payout_id IS NOT NULL AND o.driver_id IS DISTINCT FROM n.driver_id)
                LIMIT 1;
            IF FOUND THEN
                PERFORM ledger_refuse_posting(bad.rule, bad.id, '23514', 'its payment or payout is not this driver''s');
            END IF;
            -- What is due on one lease leaves from that lease's credits. A movement repeats its balance's lease.
            SELECT n.id INTO bad FROM new_rows n JOIN ledger_payouts o ON o.id = n.payout_id
                WHERE (o.dtr_number <> '' OR o.lease_id IS NOT NULL) AND n.lease_id IS DISTINCT FROM o.lease_id
                LIMIT 1;
            IF FOUND THEN
                PERFORM ledger_refuse_posting('ledger_postings_payout_of_its_lease', bad.id, '23514',
                    'its payout draws the credits of another lease');
            END IF;
        END IF;
        IF claims_document THEN
            -- Under REPEATABLE READ a lock alone lets an old snapshot pass, and the sums below would miss what another
            -- session claimed of the same document; a new version of the account row refuses it (40001).
            UPDATE ledger_accounts SET sealed_through = sealed_through
                WHERE driver_id IN (SELECT driver_id FROM new_rows);
            -- A payment is its deposit and the rest of it.
            SELECT min(n.id) AS id INTO bad FROM new_rows n
                WHERE (n.kind IN ('PAYMENT', 'DEPOSIT')
                       AND (SELECT sum(s.amount) FROM ledger_postings s
                            WHERE s.payment_id = n.payment_id AND s.kind = n.kind)
                           > (SELECT CASE n.kind WHEN 'DEPOSIT' THEN p.deposit ELSE p.amount - p.deposit END
                              FROM ledger_payments p WHERE p.id = n.payment_id))
                   OR (n.kind = 'PAYOUT'
                       AND (SELECT sum(s.amount) FROM ledger_postings s
                            WHERE s.payout_id = n.payout_id AND s.kind = 'PAYOUT')
                           > (SELECT o.amount FROM ledger_payouts o WHERE o.id = n.payout_id));
            IF bad.id IS NOT NULL THEN
                PERFORM ledger_refuse_posting('ledger_postings_within_paper', bad.id, '23514',
                    'more than its payment or payout says');
            END IF;
        END IF;
    END check_documents;

    IF NOT (has_movement OR has_void) THEN RETURN NULL; END IF;

    <<check_movements>>
    DECLARE
        bad record;
    BEGIN
        -- A movement repeats the balance it moves, and is paid by a credit of the same driver.
        IF has_movement THEN
            SELECT * INTO bad FROM (
                SELECT n.id, CASE
                    WHEN b.posting_id IS NULL THEN 'ledger_postings_balance_exists'
                    WHEN n.funding_id IS NOT NULL AND f.posting_id IS NULL THEN 'ledger_postings_funding_exists'
                    WHEN n.driver_id <> b.driver_id OR n.driver_id <> f.driver_id THEN 'ledger_postings_one_driver'
                    WHEN n.category <> b.category OR n.reference_id <> b.reference_id
                        OR n.lease_id IS DISTINCT FROM b.lease_id OR n.vehicle_id IS DISTINCT FROM b.vehicle_id
                        THEN 'ledger_postings_repeats_its_balance'
                    WHEN n.kind IN ('ALLOCATION', 'APPLICATION', 'WRITE_OFF') AND b.entry_type <> 'DEBIT'
                        THEN 'ledger_postings_pays_an_obligation'
                    WHEN f.entry_type <> 'CREDIT' THEN 'ledger_postings_funded_by_a_credit'
                    WHEN n.kind = 'PAYOUT' AND b.entry_type <> 'CREDIT' THEN 'ledger_postings_pays_out_a_credit'
                    -- A deposit stands for its own lease: it pays what is owed on that lease, or on none.
                    WHEN f.category = 'DEPOSIT' AND b.lease_id <> f.lease_id THEN 'ledger_postings_deposit_of_its_lease'
                    -- What the payer named is funded by the credit of their own payment.
                    WHEN n.kind = 'ALLOCATION' AND (p.kind = 'PAYMENT' AND p.payment_id = n.payment_id) IS NOT TRUE
                        THEN 'ledger_postings_funded_by_its_payment'
                    END AS rule
                FROM new_rows n
                    LEFT JOIN ledger_balances b ON b.posting_id = n.balance_id
                    LEFT JOIN ledger_balances f ON f.posting_id = n.funding_id
                    -- A join, since of an EXISTS PostgreSQL may make one reading of all postings, and keep that plan.
                    LEFT JOIN ledger_postings p ON p.id = CASE n.kind WHEN 'ALLOCATION' THEN n.funding_id END
                WHERE n.balance_id IS NOT NULL AND n.kind <> 'VOID'
            ) AS judged WHERE rule IS NOT NULL LIMIT 1;
            IF FOUND THEN
                PERFORM ledger_refuse_posting(bad.rule, bad.id, '23514', 'refused by ' || bad.rule);
            END IF;
        END IF;
        -- A void mirrors its original, which was looked at like that when it was written.
        IF has_void THEN
            SELECT * INTO bad FROM (
                SELECT n.id, CASE
                    WHEN o.id IS NULL OR n.balance_id <> coalesce(o.balance_id, o.id)
                        THEN 'ledger_postings_mirrors_its_original'
                    WHEN n.driver_id <> o.driver_id THEN 'ledger_postings_one_driver'
                    WHEN n.category <> o.category OR n.reference_id <> o.reference_id
                        OR n.lease_id IS DISTINCT FROM o.lease_id OR n.vehicle_id IS DISTINCT FROM o.vehicle_id
                        THEN 'ledger_postings_repeats_its_balance'
                    WHEN o.id >= n.id OR o.kind = 'VOID'
                        OR o.amount <> n.amount OR o.income <> n.income OR o.entry_type = n.entry_type
                        OR n.funding_id IS DISTINCT FROM o.funding_id OR n.payment_id IS DISTINCT FROM o.payment_id
                        OR n.payout_id IS DISTINCT FROM o.payout_id THEN 'ledger_postings_mirrors_its_original'
                    WHEN n.effective_on < o.effective_on THEN 'ledger_postings_void_not_before'
                    END AS rule
                FROM new_rows n LEFT JOIN ledger_postings o ON o.id = n.reverses_id
                WHERE n.kind = 'VOID'
            ) AS judged WHERE rule IS NOT NULL LIMIT 1;
            IF FOUND THEN
                PERFORM ledger_refuse_posting(bad.rule, bad.id, '23514', 'refused by ' || bad.rule);
            END IF;
        END IF;
    END check_movements;

    -- A movement lowers its balance and its funding; its reversal raises both again.
    <<move_balances>>
    BEGIN
        -- The reversal of an opening takes all of it away, which the range check allows only when nothing else has
        -- moved it. Voided is voided: a movement and its reversal in one statement add up to nothing, and must not
        -- bring the balance back.
        UPDATE ledger_balances b
            SET remaining = b.remaining + d.change,
                status = CASE WHEN d.voids OR b.status = 'VOIDED' THEN 'VOIDED'
                    WHEN b.remaining + d.change = 0 THEN 'SETTLED' ELSE 'OPEN' END
            FROM (
                SELECT id, sum(change) AS change, bool_or(voids) AS voids
                FROM (
                    SELECT balance_id AS id,
                        CASE WHEN kind = 'VOID' AND reverses_id <> balance_id THEN amount ELSE -amount END AS change,
                        kind = 'VOID' AND reverses_id = balance_id AS voids
                    FROM new_rows WHERE balance_id IS NOT NULL
                    UNION ALL
                    SELECT funding_id, CASE WHEN kind = 'VOID' THEN amount ELSE -amount END, false
                    FROM new_rows WHERE funding_id IS NOT NULL
                ) AS effect
                GROUP BY id
            ) AS d
            WHERE b.posting_id = d.id;
    END move_balances;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_postings_project AFTER INSERT ON ledger_postings
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ledger_project_postings();

ALTER TABLE ledger_postings ENABLE ALWAYS TRIGGER ledger_postings_append_only;
ALTER TABLE ledger_postings ENABLE ALWAYS TRIGGER ledger_postings_project;
ALTER TABLE ledger_payments ENABLE ALWAYS TRIGGER ledger_payments_append_only;
ALTER TABLE ledger_payments ENABLE ALWAYS TRIGGER ledger_payments_number;
ALTER TABLE ledger_payments ENABLE ALWAYS TRIGGER ledger_payments_lease_of_driver;
ALTER TABLE ledger_payouts ENABLE ALWAYS TRIGGER ledger_payouts_lease_of_driver;
ALTER TABLE ledger_payouts ENABLE ALWAYS TRIGGER ledger_payouts_append_only;
ALTER TABLE ledger_payouts ENABLE ALWAYS TRIGGER ledger_payouts_number;
ALTER TABLE ledger_waterfall_orders ENABLE ALWAYS TRIGGER ledger_waterfall_orders_append_only;
ALTER TABLE ledger_accounts ENABLE ALWAYS TRIGGER ledger_accounts_kept;
ALTER TABLE ledger_accounts ENABLE ALWAYS TRIGGER ledger_accounts_cut_moves_forward;
ALTER TABLE ledger_payments ENABLE ALWAYS TRIGGER ledger_payments_day_open;
ALTER TABLE ledger_payouts ENABLE ALWAYS TRIGGER ledger_payouts_day_open;
ALTER TABLE ledger_books ENABLE ALWAYS TRIGGER ledger_books_kept_by_database;
ALTER TABLE ledger_books ENABLE ALWAYS TRIGGER ledger_books_never_deleted;
ALTER TABLE ledger_books_log ENABLE ALWAYS TRIGGER ledger_books_log_append_only;
ALTER TABLE ledger_books_log ENABLE ALWAYS TRIGGER ledger_books_log_enter;
ALTER TABLE ledger_balances ENABLE ALWAYS TRIGGER ledger_balances_kept_by_database;
ALTER TABLE ledger_balances ENABLE ALWAYS TRIGGER ledger_balances_never_deleted;
ALTER TABLE ledger_named_leases ENABLE ALWAYS TRIGGER ledger_named_leases_kept;
ALTER TABLE ledger_named_leases ENABLE ALWAYS TRIGGER ledger_named_leases_of_driver;
ALTER TABLE ledger_named_vehicles ENABLE ALWAYS TRIGGER ledger_named_vehicles_kept;
ALTER TABLE ledger_named_authors ENABLE ALWAYS TRIGGER ledger_named_authors_kept;
