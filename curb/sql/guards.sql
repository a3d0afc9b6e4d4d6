-- What came from CURB is kept as it came, and held by PostgreSQL itself, in the manner of the ledger's guards: every
-- trigger is ENABLE ALWAYS, and every refusal carries SQLSTATE 23514 and a constraint name.
--
-- ledger_refuse_change() is the ledger's (ledger/sql/guards.sql).

------------------------------------------------------------------------------------------------------------------------
-- 1. A trip stays as received, the raw XML too. Whose it is and as what it counts may be found out later; once a close
--    has counted it, such a change is for the next close to look at. Its receipt stands once it is given
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER curb_trips_never_deleted BEFORE DELETE OR TRUNCATE ON curb_trips
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION curb_refuse_trip_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'trip %-%: what was received and whom it counted for never changes', OLD.period, OLD.record_id
        USING ERRCODE = '23514', CONSTRAINT = 'curb_trips_kept_as_received', TABLE = 'curb_trips';
END $$;

CREATE TRIGGER curb_trips_kept_as_received BEFORE UPDATE ON curb_trips
    FOR EACH ROW WHEN (
        (OLD.id, OLD.period, OLD.record_id, OLD.file_id, OLD.supersedes_id, OLD.raw, OLD.received_at,
         OLD.license, OLD.cab, OLD.service_number, OLD.start_at, OLD.end_at, OLD.payment_type, OLD.fare, OLD.tips,
         OLD.extras, OLD.tolls, OLD.mta_tax, OLD.improvement, OLD.congestion, OLD.airport, OLD.cbd, OLD.ehail,
         OLD.health, OLD.total, OLD.passed_through)
        IS DISTINCT FROM
        (NEW.id, NEW.period, NEW.record_id, NEW.file_id, NEW.supersedes_id, NEW.raw, NEW.received_at,
         NEW.license, NEW.cab, NEW.service_number, NEW.start_at, NEW.end_at, NEW.payment_type, NEW.fare, NEW.tips,
         NEW.extras, NEW.tolls, NEW.mta_tax, NEW.improvement, NEW.congestion, NEW.airport, NEW.cbd, NEW.ehail,
         NEW.health, NEW.total, NEW.passed_through)
        OR NOT OLD.is_current AND NEW.is_current
        OR (OLD.week_end IS NOT NULL AND OLD.week_end IS DISTINCT FROM NEW.week_end)
        OR (OLD.paired_with_id IS NOT NULL AND OLD.paired_with_id IS DISTINCT FROM NEW.paired_with_id)
        OR (OLD.reconciliation_id IS NOT NULL AND OLD.reconciliation_id IS DISTINCT FROM NEW.reconciliation_id))
    EXECUTE FUNCTION curb_refuse_trip_change();

CREATE FUNCTION curb_refuse_silent_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'trip %-%: it was counted, so the next close must look at what has changed', OLD.period, OLD.record_id
        USING ERRCODE = '23514', CONSTRAINT = 'curb_trips_change_awaits_count', TABLE = 'curb_trips';
END $$;

CREATE TRIGGER curb_trips_change_awaits_count BEFORE UPDATE ON curb_trips
    FOR EACH ROW WHEN (OLD.week_end IS NOT NULL AND NOT NEW.awaits_count
        AND (OLD.driver_id, OLD.vehicle_id, OLD.lease_id, OLD.counts_as, OLD.is_current)
        IS DISTINCT FROM (NEW.driver_id, NEW.vehicle_id, NEW.lease_id, NEW.counts_as, NEW.is_current))
    EXECUTE FUNCTION curb_refuse_silent_change();

------------------------------------------------------------------------------------------------------------------------
-- 1b. The driver, the vehicle and the lease that a trip names are there. A foreign key asks for each row by itself, which
--     is a quarter of the time of an import; here one question is asked of all rows of a statement. What is named is
--     held as a foreign key holds it, so that it can't go away before this is committed
------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION curb_hold_named(called text, those bigint[]) RETURNS void LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    held bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %I WHERE id = ANY ($1) FOR KEY SHARE) AS held', 'leases_' || called)
        INTO held USING those;
    IF held < cardinality(those) THEN
        RAISE EXCEPTION 'a trip names a % that is not there, of %', called, those[1:20]
            USING ERRCODE = '23503', CONSTRAINT = 'curb_trips_names_a_' || called, TABLE = 'curb_trips';
    END IF;
END $$;

CREATE FUNCTION curb_check_named() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM curb_hold_named('driver', ARRAY(SELECT DISTINCT driver_id FROM curb_trips_added WHERE driver_id IS NOT NULL));
    PERFORM curb_hold_named('vehicle', ARRAY(SELECT DISTINCT vehicle_id FROM curb_trips_added WHERE vehicle_id IS NOT NULL));
    PERFORM curb_hold_named('lease', ARRAY(SELECT DISTINCT lease_id FROM curb_trips_added WHERE lease_id IS NOT NULL));
    RETURN NULL;
END $$;

CREATE TRIGGER curb_trips_names_are_there AFTER INSERT ON curb_trips REFERENCING NEW TABLE AS curb_trips_added
    FOR EACH STATEMENT EXECUTE FUNCTION curb_check_named();

-- Later a trip is given to somebody one by one, or by a few; what counts it leaves the names as they are.
CREATE FUNCTION curb_check_named_anew() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM curb_hold_named('driver', array_remove(ARRAY[NEW.driver_id], NULL));
    PERFORM curb_hold_named('vehicle', array_remove(ARRAY[NEW.vehicle_id], NULL));
    PERFORM curb_hold_named('lease', array_remove(ARRAY[NEW.lease_id], NULL));
    RETURN NULL;
END $$;

CREATE TRIGGER curb_trips_names_stay_there AFTER UPDATE ON curb_trips
    FOR EACH ROW WHEN ((OLD.driver_id, OLD.vehicle_id, OLD.lease_id)
        IS DISTINCT FROM (NEW.driver_id, NEW.vehicle_id, NEW.lease_id))
    EXECUTE FUNCTION curb_check_named_anew();

-- Their own table refuses to lose what a trip names. The row is locked by then, so no trip that names it is on its way;
-- but whoever reads by an older snapshot would not see one that has just come, and deletes nothing at all.
CREATE FUNCTION curb_refuse_named_gone() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    is_named boolean := current_setting('transaction_isolation') <> 'read committed';
BEGIN
    IF NOT is_named THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM curb_trips WHERE %1$I = $1)
            OR EXISTS (SELECT FROM curb_trip_counts WHERE %1$I = $1)', TG_ARGV[0]) INTO is_named USING OLD.id;
    END IF;
    IF is_named THEN
        RAISE EXCEPTION '% % has trips, or may have some', TG_TABLE_NAME, OLD.id
            USING ERRCODE = '23503', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER curb_trips_name_this_driver BEFORE DELETE OR UPDATE OF id ON leases_driver
    FOR EACH ROW EXECUTE FUNCTION curb_refuse_named_gone('driver_id');
CREATE TRIGGER curb_trips_name_this_vehicle BEFORE DELETE OR UPDATE OF id ON leases_vehicle
    FOR EACH ROW EXECUTE FUNCTION curb_refuse_named_gone('vehicle_id');
CREATE TRIGGER curb_trips_name_this_lease BEFORE DELETE OR UPDATE OF id ON leases_lease
    FOR EACH ROW EXECUTE FUNCTION curb_refuse_named_gone('lease_id');

------------------------------------------------------------------------------------------------------------------------
-- 2. So do card transactions, of which an amended one supersedes the one before, and a receipt that CURB has confirmed;
--    one that is to be sent may only count its attempts
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER curb_card_transactions_never_deleted BEFORE DELETE OR TRUNCATE ON curb_card_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER curb_card_transactions_kept BEFORE UPDATE ON curb_card_transactions
    FOR EACH ROW WHEN (NOT OLD.is_current OR NEW.is_current
        OR (OLD.id, OLD.row_id, OLD.supersedes_id, OLD.state, OLD.file_id, OLD.raw, OLD.received, OLD.received_at,
            OLD.license, OLD.cab, OLD.service_number, OLD.start_at, OLD.end_at, OLD.fare, OLD.tips, OLD.extras,
            OLD.tolls, OLD.mta_tax, OLD.improvement, OLD.congestion, OLD.airport, OLD.cbd, OLD.ehail, OLD.amount)
        IS DISTINCT FROM
           (NEW.id, NEW.row_id, NEW.supersedes_id, NEW.state, NEW.file_id, NEW.raw, NEW.received, NEW.received_at,
            NEW.license, NEW.cab, NEW.service_number, NEW.start_at, NEW.end_at, NEW.fare, NEW.tips, NEW.extras,
            NEW.tolls, NEW.mta_tax, NEW.improvement, NEW.congestion, NEW.airport, NEW.cbd, NEW.ehail, NEW.amount))
    EXECUTE FUNCTION ledger_refuse_change();

CREATE TRIGGER curb_reconciliations_never_deleted BEFORE DELETE OR TRUNCATE ON curb_reconciliations
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER curb_reconciliations_stays_confirmed BEFORE UPDATE ON curb_reconciliations
    FOR EACH ROW WHEN (OLD.confirmed_at IS NOT NULL
        OR (OLD.id, OLD.week_end, OLD.period, OLD.created_at)
        IS DISTINCT FROM (NEW.id, NEW.week_end, NEW.period, NEW.created_at))
    EXECUTE FUNCTION ledger_refuse_change();

------------------------------------------------------------------------------------------------------------------------
-- 3. What was counted stays; a trip counts for one driver at a time, as it is, and is counted back as it was counted
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER curb_trip_counts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON curb_trip_counts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER curb_trip_corrections_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON curb_trip_corrections
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION curb_refuse_count(rule text, trip bigint, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'trip %: %', trip, sentence
        USING ERRCODE = '23514', CONSTRAINT = rule, TABLE = 'curb_trip_counts';
END $$;

-- LATERAL and OFFSET 0: whatever plan a session keeps, made when trips were few, asks the index for each and reads no more.
CREATE FUNCTION curb_check_counts() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE
    bad bigint;
    missing bigint;
    amended bigint[];
    more bigint[];
BEGIN
    -- What is named is there, and held as a foreign key holds it. (A trip is never deleted.)
    PERFORM curb_hold_named('driver', ARRAY(SELECT DISTINCT driver_id FROM new_rows));
    PERFORM curb_hold_named('vehicle', ARRAY(SELECT DISTINCT vehicle_id FROM new_rows));
    PERFORM curb_hold_named('lease', ARRAY(SELECT DISTINCT lease_id FROM new_rows WHERE lease_id IS NOT NULL));
    -- What is counted is the trip as it stands: whose it is, how it was paid, and its figures. One that is counted for
    -- the first time, once, is in order; what more there is of a trip is summed up.
    SELECT min(n.trip_id) FILTER (WHERE t.id IS NULL),
        min(n.trip_id) FILTER (WHERE n.sign = 1 AND NOT n.is_void AND (NOT t.is_current
            OR (n.driver_id, n.vehicle_id, n.lease_id, n.payment_type, n.total)
            IS DISTINCT FROM (t.driver_id, t.vehicle_id, t.lease_id,
                CASE WHEN t.counts_as = '' THEN t.payment_type ELSE t.counts_as END, t.total)
            OR (n.payment_type IN ('CARD', 'CASH')
                AND (n.mta_tax, n.improvement, n.congestion, n.airport, n.cbd)
                IS DISTINCT FROM (t.mta_tax, t.improvement, t.congestion, t.airport, t.cbd)))),
        array_agg(n.trip_id) FILTER (WHERE t.supersedes_id IS NOT NULL OR NOT t.is_current),
        array_agg(n.trip_id) FILTER (WHERE c.rows <> 1 OR c.least <> 1)
        INTO missing, bad, amended, more
        FROM new_rows n
        LEFT JOIN LATERAL (SELECT * FROM curb_trips WHERE id = n.trip_id OFFSET 0) AS t ON true
        CROSS JOIN LATERAL (
            SELECT count(*) AS rows, min(sign) AS least FROM curb_trip_counts WHERE trip_id = n.trip_id OFFSET 0
        ) AS c;
    IF missing IS NOT NULL THEN
        PERFORM curb_refuse_count('curb_trip_counts_trip_is_there', missing, 'there is no such trip');
    ELSIF bad IS NOT NULL THEN
        PERFORM curb_refuse_count('curb_trip_counts_repeats_its_trip', bad, 'it counts as something else than it is');
    END IF;
    more := ARRAY(SELECT DISTINCT unnest(more));
    -- The rows of a driver, a cab, a lease and a way of payment come to nothing, or to the trip once.
    SELECT trip_id INTO bad FROM (
            SELECT c.trip_id, sum(c.sign) AS net, abs(sum(c.total)) + abs(sum(c.mta_tax)) + abs(sum(c.improvement))
                + abs(sum(c.congestion)) + abs(sum(c.airport)) + abs(sum(c.cbd)) AS money
            FROM unnest(more) AS n (trip_id)
            CROSS JOIN LATERAL (SELECT * FROM curb_trip_counts WHERE trip_id = n.trip_id OFFSET 0) AS c
            GROUP BY c.trip_id, c.driver_id, c.vehicle_id, c.lease_id, c.payment_type
        ) AS sums
        WHERE net NOT IN (0, 1) OR (net = 0 AND money <> 0) LIMIT 1;
    IF bad IS NOT NULL THEN
        PERFORM curb_refuse_count('curb_trip_counts_back_as_counted', bad, 'counted back otherwise than it was counted');
    END IF;
    -- A record counts once, for whomever, in whichever of its versions.
    WITH records AS (
        SELECT DISTINCT t.period, t.record_id FROM unnest(amended) AS n (trip_id)
            CROSS JOIN LATERAL (SELECT period, record_id FROM curb_trips WHERE id = n.trip_id OFFSET 0) AS t
    ), versions AS (
        SELECT a.period, a.record_id, t.id FROM records a CROSS JOIN LATERAL (
            SELECT id FROM curb_trips
                WHERE period = a.period AND record_id = a.record_id AND is_current OFFSET 0
        ) AS t
        UNION ALL
        SELECT a.period, a.record_id, t.id FROM records a CROSS JOIN LATERAL (
            SELECT id FROM curb_trips
                WHERE period = a.period AND record_id = a.record_id AND NOT is_current OFFSET 0
        ) AS t
    )
    SELECT min(c.trip_id) INTO bad FROM versions v
        CROSS JOIN LATERAL (SELECT trip_id, sign FROM curb_trip_counts WHERE trip_id = v.id OFFSET 0) AS c
        GROUP BY v.period, v.record_id HAVING sum(c.sign) NOT IN (0, 1) LIMIT 1;
    IF bad IS NULL THEN
        SELECT c.trip_id INTO bad FROM unnest(more) AS n (trip_id)
            CROSS JOIN LATERAL (SELECT trip_id, sign FROM curb_trip_counts WHERE trip_id = n.trip_id OFFSET 0) AS c
            GROUP BY c.trip_id HAVING sum(c.sign) NOT IN (0, 1) LIMIT 1;
    END IF;
    IF bad IS NOT NULL THEN
        PERFORM curb_refuse_count('curb_trip_counts_one_at_a_time', bad, 'it would count twice, or less than not at all');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER curb_trip_counts_checked AFTER INSERT ON curb_trip_counts
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION curb_check_counts();

------------------------------------------------------------------------------------------------------------------------
-- 4. What a close credited and charged for a share is voided together or not at all, untouched, and with its counts
------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION curb_refuse_void(rule text, share text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trips of %: %', share, sentence
        USING ERRCODE = '23514', CONSTRAINT = rule, TABLE = 'ledger_postings';
END $$;

CREATE FUNCTION curb_check_void() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    named text := substring(NEW.reference_id FROM '-(.*)$');
    posted int;
    live int;
BEGIN
    IF NEW.reference_id !~ '^(CURB|TAXES)-' OR NOT EXISTS (SELECT FROM curb_trip_counts WHERE share = named) THEN
        RETURN NULL;
    END IF;
    SELECT count(DISTINCT reference_id), count(*) FILTER (WHERE status <> 'VOIDED') INTO posted, live
        FROM ledger_balances WHERE reference_id IN ('CURB-' || named, 'TAXES-' || named);
    IF live NOT IN (0, posted) THEN
        PERFORM curb_refuse_void('curb_trip_counts_voided_together', named,
            'what credited and what taxed them is voided together');
    END IF;
    IF live = 0 AND EXISTS (SELECT FROM curb_trip_counts WHERE share = named AND payment_type IN ('CARD', 'CASH')
            GROUP BY trip_id, driver_id, payment_type HAVING sum(sign) <> 0) THEN
        PERFORM curb_refuse_void('curb_trip_counts_voided_with_money', named, 'they stay counted, their money is gone');
    END IF;
    -- (What a correction charges anew takes the place of what it voids.)
    IF live = 0 AND EXISTS (SELECT FROM ledger_postings v WHERE (v.balance_id = NEW.balance_id OR v.funding_id = NEW.balance_id)
            AND v.kind = 'VOID' AND v.reverses_id <> v.balance_id AND v.posted_at = NEW.posted_at) THEN
        PERFORM curb_refuse_void('curb_trip_counts_void_untouched', named, 'voided only while nothing of it is used');
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER curb_trip_counts_voided_together AFTER INSERT ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.reverses_id = NEW.balance_id)
    EXECUTE FUNCTION curb_check_void();

CREATE FUNCTION curb_check_void_row() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_balances WHERE status <> 'VOIDED'
            AND reference_id IN ('CURB-' || NEW.share, 'TAXES-' || NEW.share)) THEN
        PERFORM curb_refuse_void('curb_trip_counts_void_of_money', NEW.share, 'their money stands');
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER curb_trip_counts_void_of_money AFTER INSERT ON curb_trip_counts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.is_void) EXECUTE FUNCTION curb_check_void_row();

------------------------------------------------------------------------------------------------------------------------
-- 5. An unread record is told once, and it is said once that somebody has looked at it
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER curb_unread_records_never_deleted BEFORE DELETE OR TRUNCATE ON curb_unread_records
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER curb_unread_records_kept BEFORE UPDATE ON curb_unread_records
    FOR EACH ROW WHEN (OLD.seen_at IS NOT NULL
        OR (OLD.id, OLD.file_id, OLD.row, OLD.attribute, OLD.message, OLD.day)
        IS DISTINCT FROM (NEW.id, NEW.file_id, NEW.row, NEW.attribute, NEW.message, NEW.day))
    EXECUTE FUNCTION ledger_refuse_change();

------------------------------------------------------------------------------------------------------------------------
-- 6. Since when card trips are expected is said anew, never changed
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER curb_card_trips_expected_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON curb_card_trips_expected
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

------------------------------------------------------------------------------------------------------------------------
-- 7. What was ruled of an attribute stays; what was told of a record's amounts stays as it was told
------------------------------------------------------------------------------------------------------------------------

CREATE TRIGGER curb_attributes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON curb_attributes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER curb_amount_remarks_never_deleted BEFORE DELETE OR TRUNCATE ON curb_amount_remarks
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER curb_amount_remarks_kept BEFORE UPDATE ON curb_amount_remarks
    FOR EACH ROW WHEN (OLD.seen_at IS NOT NULL
        OR (OLD.id, OLD.trip_id, OLD.transaction_id, OLD.what, OLD.key, OLD.name, OLD.amount)
        IS DISTINCT FROM (NEW.id, NEW.trip_id, NEW.transaction_id, NEW.what, NEW.key, NEW.name, NEW.amount))
    EXECUTE FUNCTION ledger_refuse_change();

ALTER TABLE curb_attributes ENABLE ALWAYS TRIGGER curb_attributes_append_only;
ALTER TABLE curb_amount_remarks ENABLE ALWAYS TRIGGER curb_amount_remarks_never_deleted;
ALTER TABLE curb_amount_remarks ENABLE ALWAYS TRIGGER curb_amount_remarks_kept;
ALTER TABLE curb_card_trips_expected ENABLE ALWAYS TRIGGER curb_card_trips_expected_append_only;
ALTER TABLE curb_trips ENABLE ALWAYS TRIGGER curb_trips_never_deleted;
ALTER TABLE curb_trips ENABLE ALWAYS TRIGGER curb_trips_change_awaits_count;
ALTER TABLE curb_trip_counts ENABLE ALWAYS TRIGGER curb_trip_counts_append_only;
ALTER TABLE curb_trip_counts ENABLE ALWAYS TRIGGER curb_trip_counts_checked;
ALTER TABLE curb_trip_counts ENABLE ALWAYS TRIGGER curb_trip_counts_void_of_money;
ALTER TABLE ledger_postings ENABLE ALWAYS TRIGGER curb_trip_counts_voided_together;
ALTER TABLE curb_trip_corrections ENABLE ALWAYS TRIGGER curb_trip_corrections_append_only;
ALTER TABLE curb_unread_records ENABLE ALWAYS TRIGGER curb_unread_records_never_deleted;
ALTER TABLE curb_unread_records ENABLE ALWAYS TRIGGER curb_unread_records_kept;
ALTER TABLE curb_trips ENABLE ALWAYS TRIGGER curb_trips_kept_as_received;
ALTER TABLE curb_card_transactions ENABLE ALWAYS TRIGGER curb_card_transactions_never_deleted;
ALTER TABLE curb_card_transactions ENABLE ALWAYS TRIGGER curb_card_transactions_kept;
ALTER TABLE curb_reconciliations ENABLE ALWAYS TRIGGER curb_reconciliations_never_deleted;
ALTER TABLE curb_reconciliations ENABLE ALWAYS TRIGGER curb_reconciliations_stays_confirmed;
ALTER TABLE curb_trips ENABLE ALWAYS TRIGGER curb_trips_names_are_there;
ALTER TABLE curb_trips ENABLE ALWAYS TRIGGER curb_trips_names_stay_there;
ALTER TABLE leases_driver ENABLE ALWAYS TRIGGER curb_trips_name_this_driver;
ALTER TABLE leases_vehicle ENABLE ALWAYS TRIGGER curb_trips_name_this_vehicle;
ALTER TABLE leases_lease ENABLE ALWAYS TRIGGER curb_trips_name_this_lease;

-- What programs outside are told of it (core_tell_facts() is core's): facts, in the transaction of the act.

CREATE TRIGGER curb_trip_corrections_told AFTER INSERT ON curb_trip_corrections
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'trip_corrected'$$,
        'coalesce(n.to_driver_id, n.from_driver_id)',
        $$jsonb_build_object('trip_id', n.trip_id, 'act', n.act, 'from_driver_id', n.from_driver_id,
            'to_driver_id', n.to_driver_id, 'counts_as', n.counts_as)$$);
CREATE TRIGGER curb_trip_files_told AFTER UPDATE ON curb_trip_files
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN n.imported_count > o.imported_count THEN 'trips_imported' END$$,
        'null::bigint',
        $$jsonb_build_object('trip_file_id', n.id, 'origin', n.origin, 'rows', n.row_count,
            'imported', n.imported_count, 'known', n.known_count, 'errors', n.error_count)$$);

ALTER TABLE curb_trip_corrections ENABLE ALWAYS TRIGGER curb_trip_corrections_told;
ALTER TABLE curb_trip_files ENABLE ALWAYS TRIGGER curb_trip_files_told;
