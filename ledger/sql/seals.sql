-- Seals, held by PostgreSQL itself: never changed, and each follows the one before. Whoever goes around these guards can
-- change a seal, but not without another head.

-- Digests don't compress.
ALTER TABLE ledger_seals ALTER COLUMN digests SET STORAGE EXTERNAL;

ALTER TABLE ledger_seals
    ADD CONSTRAINT ledger_seals_row_by_row CHECK (cardinality(ids) = row_count AND octet_length(digests) = 12 * row_count);

CREATE TRIGGER ledger_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seals
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_seal_checks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal_checks
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION ledger_refuse_seal(rule text, seal bigint, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'seal %: %', seal, sentence
        USING ERRCODE = '23514', CONSTRAINT = rule, TABLE = 'ledger_seals';
END $$;

-- A seal that claimed ids which are still to come would have nothing sealed any more, and nobody would be told: so it is
-- held against its table. Not so the digests of its rows, which would cost as much as sealing them: those the next
-- verification compares (ledger/selectors/seal_findings.py).
CREATE FUNCTION ledger_check_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    last_number bigint;
    last_digest text;
    last_through bigint;
    sealed regclass := to_regclass(format('public.%I', NEW.table_name));
    key_column name;
    key_sequence regclass;
    last_key bigint;
    ids_there bigint[];
BEGIN
    -- One who seals at a time. (Whoever has an older snapshot finds the number taken.)
    PERFORM pg_advisory_xact_lock(hashtextextended('ledger_seals', 0));
    SELECT number, digest INTO last_number, last_digest FROM ledger_seals ORDER BY number DESC LIMIT 1;
    SELECT through_id INTO last_through FROM ledger_seals WHERE table_name = NEW.table_name
        ORDER BY number DESC LIMIT 1;
    IF (NEW.number, NEW.previous, NEW.after_id) IS DISTINCT FROM
        (coalesce(last_number, 0) + 1, coalesce(last_digest, ''), coalesce(last_through, 0))
    THEN
        PERFORM ledger_refuse_seal('ledger_seals_follow', NEW.number,
            'it follows the last one, and begins where its table''s last one ended');
    END IF;

    -- Of a table that is only added to, by its primary key; up to what its sequence drew, or has without one.
    SELECT a.attname INTO key_column FROM pg_trigger t
        JOIN pg_index i ON i.indrelid = t.tgrelid AND i.indisprimary
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE t.tgrelid = sealed AND t.tgname = NEW.table_name || '_append_only';
    IF key_column IS NULL THEN
        PERFORM ledger_refuse_seal('ledger_seals_of_kept_rows', NEW.number,
            format('%s is no table that is only added to', NEW.table_name));
    END IF;
    key_sequence := pg_get_serial_sequence(sealed::text, key_column);
    IF key_sequence IS NULL THEN
        EXECUTE format('SELECT max(%I) FROM %s', key_column, sealed) INTO last_key;
    ELSE
        last_key := pg_sequence_last_value(key_sequence);
    END IF;
    last_key := coalesce(last_key, 0);
    IF NEW.through_id > last_key THEN
        PERFORM ledger_refuse_seal('ledger_seals_drawn', NEW.number,
            format('%s has no id above %s yet', NEW.table_name, last_key));
    END IF;
    EXECUTE format('SELECT array_agg(%1$I ORDER BY %1$I) FROM %2$s WHERE %1$I > $1 AND %1$I <= $2', key_column, sealed)
        INTO ids_there USING NEW.after_id, NEW.through_id;
    IF NEW.ids IS DISTINCT FROM ids_there THEN
        PERFORM ledger_refuse_seal('ledger_seals_of_rows_there', NEW.number, 'it is of the rows that are there');
    END IF;

    IF NEW.sealed_at <> statement_timestamp() THEN
        PERFORM ledger_refuse_seal('ledger_seals_database_clock', NEW.number, 'sealed_at is the database''s clock');
    END IF;
    -- As ledger/selectors/seals.py has it.
    IF NEW.digest <> encode(sha256(convert_to(jsonb_build_array(NEW.number, NEW.table_name, NEW.version, NEW.after_id,
        NEW.through_id, NEW.row_count, NEW.ids, encode(NEW.digests, 'hex'), NEW.previous,
        to_char(NEW.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'UTF8')), 'hex')
    THEN
        PERFORM ledger_refuse_seal('ledger_seals_own_digest', NEW.number, 'its digest is that of its columns');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_seals_follow BEFORE INSERT ON ledger_seals
    FOR EACH ROW EXECUTE FUNCTION ledger_check_seal();

ALTER TABLE ledger_seals ENABLE ALWAYS TRIGGER ledger_seals_append_only;
ALTER TABLE ledger_seals ENABLE ALWAYS TRIGGER ledger_seals_follow;
ALTER TABLE ledger_seal_checks ENABLE ALWAYS TRIGGER ledger_seal_checks_append_only;
