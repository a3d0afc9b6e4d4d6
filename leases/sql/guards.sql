-- What leases promises and PostgreSQL holds, in the manner of the ledger's guards: every trigger is ENABLE ALWAYS, and
-- every refusal carries SQLSTATE 23514 and a constraint name. ledger_refuse_change() is the ledger's.

-- A lease is known to people by its number, and the ledger's references carry it (LEASE-40-2026W47): it runs without gaps.
-- core_draw_number() is core's (core/sql/guards.sql).

ALTER TABLE leases_lease ALTER COLUMN id DROP IDENTITY;
CREATE TRIGGER leases_lease_number BEFORE INSERT ON leases_lease
    FOR EACH ROW EXECUTE FUNCTION core_draw_number('id');

ALTER TABLE leases_lease ENABLE ALWAYS TRIGGER leases_lease_number;

-- A settlement was handed to a driver: it is never changed.
CREATE TRIGGER leases_deposit_settlements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leases_deposit_settlements
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

ALTER TABLE leases_deposit_settlements ENABLE ALWAYS TRIGGER leases_deposit_settlements_append_only;

-- Notes and files are kept as they were written down. A paper is corrected, with history, and never lost.
CREATE TRIGGER leases_driver_notes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leases_driver_notes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER leases_files_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leases_files
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER leases_papers_kept BEFORE DELETE OR TRUNCATE ON leases_papers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

ALTER TABLE leases_driver_notes ENABLE ALWAYS TRIGGER leases_driver_notes_append_only;
ALTER TABLE leases_files ENABLE ALWAYS TRIGGER leases_files_append_only;
ALTER TABLE leases_papers ENABLE ALWAYS TRIGGER leases_papers_kept;

-- A driver's lock is put there once and lifted once. Whoever puts it there waits for a payout or a lease of theirs that
-- is being written, and the other way round: both lock the driver's row, and look only then.
CREATE FUNCTION leases_keep_driver_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM FROM leases_driver WHERE id = NEW.driver_id FOR NO KEY UPDATE;
        RETURN NEW;
    END IF;
    IF OLD.unlocked_at IS NULL AND NEW.unlocked_at IS NOT NULL
        AND (OLD.id, OLD.driver_id, OLD.reason, OLD.locked_at, OLD.locked_by_id)
            IS NOT DISTINCT FROM (NEW.id, NEW.driver_id, NEW.reason, NEW.locked_at, NEW.locked_by_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the lock of driver %: it is lifted once, and nothing else changes', OLD.driver_id
        USING ERRCODE = '23514', CONSTRAINT = 'leases_driver_locks_lifted_once', TABLE = 'leases_driver_locks';
END $$;

CREATE TRIGGER leases_driver_locks_lifted_once BEFORE INSERT OR UPDATE ON leases_driver_locks
    FOR EACH ROW EXECUTE FUNCTION leases_keep_driver_lock();
CREATE TRIGGER leases_driver_locks_kept BEFORE DELETE OR TRUNCATE ON leases_driver_locks
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION leases_refuse_locked_driver() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    locked bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
BEGIN
    PERFORM FROM leases_driver WHERE id = locked FOR SHARE;
    IF EXISTS (SELECT FROM leases_driver_locks WHERE driver_id = locked AND unlocked_at IS NULL) THEN
        RAISE EXCEPTION 'driver % is locked: no payout and no lease', locked
            USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_driver_not_locked', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_payouts_driver_not_locked BEFORE INSERT ON ledger_payouts
    FOR EACH ROW EXECUTE FUNCTION leases_refuse_locked_driver('driver_id');
CREATE TRIGGER leases_lease_driver_not_locked BEFORE INSERT ON leases_lease
    FOR EACH ROW EXECUTE FUNCTION leases_refuse_locked_driver('primary_driver_id');
CREATE TRIGGER leases_leasedriver_driver_not_locked BEFORE INSERT ON leases_leasedriver
    FOR EACH ROW EXECUTE FUNCTION leases_refuse_locked_driver('driver_id');

ALTER TABLE leases_driver_locks ENABLE ALWAYS TRIGGER leases_driver_locks_lifted_once;
ALTER TABLE leases_driver_locks ENABLE ALWAYS TRIGGER leases_driver_locks_kept;
ALTER TABLE ledger_payouts ENABLE ALWAYS TRIGGER ledger_payouts_driver_not_locked;
ALTER TABLE leases_lease ENABLE ALWAYS TRIGGER leases_lease_driver_not_locked;
ALTER TABLE leases_leasedriver ENABLE ALWAYS TRIGGER leases_leasedriver_driver_not_locked;

-- Words by which drivers are found. The database makes them of the driver's row, by the same functions that take apart
-- what a person types; so they can't differ from it, whoever writes the row, and however.

-- Small letters without accents.
CREATE FUNCTION leases_fold(written text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(replace(replace(
        translate(regexp_replace(normalize(written, NFKD), U&'[\0300-\036F]', '', 'g'), 'ØøŁłĐđı', 'OoLlDdi'),
        'ß', 'ss'), 'æ', 'ae'))
$$;

-- Without the signs that stand inside of names, plates and telephone numbers.
CREATE FUNCTION leases_join(chunk text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT translate(chunk, '-._''`’‘"“”–—+#*:&!?%\$=<>[]{}|~^@', '')
$$;

-- What a person types, as words in their order: at hyphens too, but a number or an e-mail address stays whole.
CREATE FUNCTION leases_split_words(typed text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    words text[] := '{}';
    chunk text;
    piece text;
BEGIN
    FOREACH chunk IN ARRAY regexp_split_to_array(leases_fold(typed), '[\s,;/()]+') LOOP
        IF chunk LIKE '%_@_%' THEN
            words := words || chunk;
        ELSIF chunk ~ '[0-9]' THEN
            words := words || leases_join(chunk);
        ELSE
            FOREACH piece IN ARRAY string_to_array(translate(chunk, '._''’–—', '------'), '-') LOOP
                words := words || leases_join(piece);
            END LOOP;
        END IF;
    END LOOP;
    RETURN array_remove(words, '');
END $$;

-- The tokens of a driver. Each end of at least three signs of a name, a license and a telephone number is one.
CREATE FUNCTION leases_list_tokens(names text, license_key text, phone text, email text)
    RETURNS TABLE (token text, is_beginning boolean) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    address text := leases_fold(email);
    before_at text := split_part(address, '@', 1);
    -- The country's 1 is often left out.
    digits text := regexp_replace(translate(phone, ' ()-+./', ''), '^1(?=[0-9]{10}$)', '');
    -- A name of two parts is found by either, and written as one.
    with_ends text[] := leases_split_words(names) || leases_fold(license_key) || leases_join(digits)
        || string_to_array(leases_join(regexp_replace(leases_fold(names), '[\s,;/()]+', ' ', 'g')), ' ');
    -- Licenses are written with a zero before them too.
    whole text[] := leases_split_words(before_at) || leases_join(before_at) || address || ('0' || license_key);
BEGIN
    RETURN QUERY
        SELECT substr(word, start), bool_or(start = 1)
        FROM (
            SELECT unnest(with_ends) AS word, true AS has_ends UNION ALL SELECT unnest(whole), false
        ) AS words
        CROSS JOIN generate_series(1, CASE WHEN has_ends THEN greatest(length(word) - 2, 1) ELSE 1 END) AS start
        WHERE word <> '' GROUP BY 1;
END $$;

CREATE FUNCTION leases_keep_tokens() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM leases_driver_tokens t USING leases_driver_before o
        WHERE t.driver_id = o.id AND NOT EXISTS (
            SELECT FROM leases_driver_after n WHERE n.id = o.id
            AND (n.first_name, n.last_name, n.license_key, n.phone, n.email)
                IS NOT DISTINCT FROM (o.first_name, o.last_name, o.license_key, o.phone, o.email));
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM leases_driver_tokens t USING leases_driver_before o WHERE t.driver_id = o.id;
        RETURN NULL;
    END IF;
    INSERT INTO leases_driver_tokens (driver_id, token, is_beginning)
    SELECT n.id, made.token, made.is_beginning FROM leases_driver_after n
    CROSS JOIN LATERAL leases_list_tokens(
        n.first_name || ' ' || n.last_name, n.license_key, n.phone, n.email
    ) AS made
    WHERE NOT EXISTS (SELECT FROM leases_driver_tokens t WHERE t.driver_id = n.id);
    RETURN NULL;
END $$;

CREATE TRIGGER leases_driver_tokens_made AFTER INSERT ON leases_driver
    REFERENCING NEW TABLE AS leases_driver_after FOR EACH STATEMENT EXECUTE FUNCTION leases_keep_tokens();
CREATE TRIGGER leases_driver_tokens_made_anew AFTER UPDATE ON leases_driver
    REFERENCING OLD TABLE AS leases_driver_before NEW TABLE AS leases_driver_after
    FOR EACH STATEMENT EXECUTE FUNCTION leases_keep_tokens();
CREATE TRIGGER leases_driver_tokens_dropped AFTER DELETE ON leases_driver
    REFERENCING OLD TABLE AS leases_driver_before FOR EACH STATEMENT EXECUTE FUNCTION leases_keep_tokens();

CREATE FUNCTION leases_refuse_token_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept by the database alone: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = '23514', CONSTRAINT = 'leases_driver_tokens_kept_by_database', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER leases_driver_tokens_kept_by_database BEFORE INSERT OR UPDATE OR DELETE ON leases_driver_tokens
    FOR EACH STATEMENT WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION leases_refuse_token_write();

ALTER TABLE leases_driver ENABLE ALWAYS TRIGGER leases_driver_tokens_made;
ALTER TABLE leases_driver ENABLE ALWAYS TRIGGER leases_driver_tokens_made_anew;
ALTER TABLE leases_driver ENABLE ALWAYS TRIGGER leases_driver_tokens_dropped;
ALTER TABLE leases_driver_tokens ENABLE ALWAYS TRIGGER leases_driver_tokens_kept_by_database;

-- What programs outside are told of it (core_tell_facts() is core's): facts, in the transaction of the act.

CREATE TRIGGER leases_lease_told_started AFTER INSERT ON leases_lease
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'lease_started'$$,
        'n.primary_driver_id',
        $$jsonb_build_object('lease_id', n.id, 'driver_id', n.primary_driver_id, 'vehicle_id', n.vehicle_id,
            'lease_type', n.lease_type, 'start_on', n.start_on, 'end_on', n.end_on,
            'weekly_amount', n.weekly_amount::text, 'status', n.status)$$);
CREATE TRIGGER leases_lease_told AFTER UPDATE ON leases_lease
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE
            WHEN n.status <> o.status THEN CASE n.status
                WHEN 'HELD' THEN 'lease_held' WHEN 'ENDED' THEN 'lease_terminated' ELSE 'lease_resumed' END
            WHEN n.vehicle_id <> o.vehicle_id THEN 'lease_vehicle_swapped'
            WHEN (n.weekly_amount, n.start_on, n.end_on) <> (o.weekly_amount, o.start_on, o.end_on)
                THEN 'lease_changed' END$$,
        'n.primary_driver_id',
        $$jsonb_build_object('lease_id', n.id, 'driver_id', n.primary_driver_id, 'vehicle_id', n.vehicle_id,
            'lease_type', n.lease_type, 'start_on', n.start_on, 'end_on', n.end_on,
            'weekly_amount', n.weekly_amount::text, 'status', n.status)$$);
CREATE TRIGGER leases_leasedriver_told_added AFTER INSERT ON leases_leasedriver
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN NOT n.is_primary THEN 'lease_driver_added' END$$,
        'n.driver_id',
        $$jsonb_build_object('lease_id', n.lease_id, 'driver_id', n.driver_id, 'start_on', n.start_on,
            'end_on', n.end_on)$$);
CREATE TRIGGER leases_leasedriver_told AFTER UPDATE ON leases_leasedriver
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN NOT n.is_primary AND n.end_on <> o.end_on THEN 'lease_driver_ended' END$$,
        'n.driver_id',
        $$jsonb_build_object('lease_id', n.lease_id, 'driver_id', n.driver_id, 'start_on', n.start_on,
            'end_on', n.end_on)$$);
CREATE TRIGGER leases_days_away_told AFTER INSERT ON leases_leasedaysaway
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'days_away_recorded'$$,
        '(SELECT l.primary_driver_id FROM leases_lease l WHERE l.id = n.lease_id)',
        $$jsonb_build_object('lease_id', n.lease_id,
            'driver_id', (SELECT l.primary_driver_id FROM leases_lease l WHERE l.id = n.lease_id),
            'start_on', n.start_on, 'end_on', n.end_on)$$);
CREATE TRIGGER leases_days_away_told_taken_back AFTER UPDATE ON leases_leasedaysaway
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE
            WHEN n.is_taken_back AND NOT o.is_taken_back THEN 'days_away_taken_back'
            WHEN (n.start_on, n.end_on) <> (o.start_on, o.end_on) THEN 'days_away_changed' END$$,
        '(SELECT l.primary_driver_id FROM leases_lease l WHERE l.id = n.lease_id)',
        $$jsonb_build_object('lease_id', n.lease_id,
            'driver_id', (SELECT l.primary_driver_id FROM leases_lease l WHERE l.id = n.lease_id),
            'start_on', n.start_on, 'end_on', n.end_on)$$);
CREATE TRIGGER leases_deposit_settlements_told AFTER INSERT ON leases_deposit_settlements
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'deposit_settled'$$,
        'n.driver_id',
        $$jsonb_build_object('lease_id', n.lease_id, 'driver_id', n.driver_id, 'settled_on', n.settled_on,
            'held', n.held::text, 'applied', n.applied::text, 'released', n.released::text, 'kept', n.kept::text,
            'payout_reference', n.payout_reference)$$);
CREATE TRIGGER leases_driver_told_added AFTER INSERT ON leases_driver
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'driver_added'$$,
        'n.id',
        $$jsonb_build_object('driver_id', n.id, 'status', n.status)$$);
CREATE TRIGGER leases_driver_told AFTER UPDATE ON leases_driver
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN (n.first_name, n.last_name, n.tlc_license, n.status, n.phone, n.email)
            <> (o.first_name, o.last_name, o.tlc_license, o.status, o.phone, o.email) THEN 'driver_changed' END$$,
        'n.id',
        $$jsonb_build_object('driver_id', n.id, 'status', n.status)$$);
CREATE TRIGGER leases_vehicle_told_added AFTER INSERT ON leases_vehicle
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'vehicle_added'$$,
        'null::bigint',
        $$jsonb_build_object('vehicle_id', n.id, 'medallion', n.medallion, 'status', n.status)$$);
CREATE TRIGGER leases_vehicle_told AFTER UPDATE ON leases_vehicle
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN n.status <> o.status OR n.medallion <> o.medallion THEN 'vehicle_changed' END$$,
        'null::bigint',
        $$jsonb_build_object('vehicle_id', n.id, 'medallion', n.medallion, 'status', n.status)$$);
CREATE TRIGGER leases_driver_locks_told AFTER INSERT ON leases_driver_locks
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION core_tell_facts(
        $$'driver_locked'$$,
        'n.driver_id',
        $$jsonb_build_object('driver_id', n.driver_id)$$);
CREATE TRIGGER leases_driver_locks_told_lifted AFTER UPDATE ON leases_driver_locks
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN o.unlocked_at IS NULL AND n.unlocked_at IS NOT NULL THEN 'driver_unlocked' END$$,
        'n.driver_id',
        $$jsonb_build_object('driver_id', n.driver_id)$$);

ALTER TABLE leases_lease ENABLE ALWAYS TRIGGER leases_lease_told_started;
ALTER TABLE leases_lease ENABLE ALWAYS TRIGGER leases_lease_told;
ALTER TABLE leases_leasedriver ENABLE ALWAYS TRIGGER leases_leasedriver_told_added;
ALTER TABLE leases_leasedriver ENABLE ALWAYS TRIGGER leases_leasedriver_told;
ALTER TABLE leases_leasedaysaway ENABLE ALWAYS TRIGGER leases_days_away_told;
ALTER TABLE leases_leasedaysaway ENABLE ALWAYS TRIGGER leases_days_away_told_taken_back;
ALTER TABLE leases_deposit_settlements ENABLE ALWAYS TRIGGER leases_deposit_settlements_told;
ALTER TABLE leases_driver ENABLE ALWAYS TRIGGER leases_driver_told_added;
ALTER TABLE leases_driver ENABLE ALWAYS TRIGGER leases_driver_told;
ALTER TABLE leases_vehicle ENABLE ALWAYS TRIGGER leases_vehicle_told_added;
ALTER TABLE leases_vehicle ENABLE ALWAYS TRIGGER leases_vehicle_told;
ALTER TABLE leases_driver_locks ENABLE ALWAYS TRIGGER leases_driver_locks_told;
ALTER TABLE leases_driver_locks ENABLE ALWAYS TRIGGER leases_driver_locks_told_lifted;
