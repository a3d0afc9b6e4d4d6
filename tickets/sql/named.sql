-- What a ticket names is there: its driver, vehicle and lease, its file, and the trip inside which it happened. A
-- foreign key asks for each row by itself when the transaction ends, which is a tenth of the time of an import; here
-- one question is asked of all rows of a statement. What is named is held as a foreign key holds it, so that it can't
-- go away before this is committed. So it is with the rows of a file.

CREATE FUNCTION tickets_hold_named(table_name text, rule text, those bigint[]) RETURNS void LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    held bigint;
BEGIN
    those := array_remove(those, NULL);
    IF those = '{}' OR those IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %I WHERE id = ANY ($1) FOR KEY SHARE) AS held', table_name)
        INTO held USING those;
    IF held < cardinality(those) THEN
        RAISE EXCEPTION 'one of % is not there, of %', table_name, those[1:20]
            USING ERRCODE = '23503', CONSTRAINT = rule, TABLE = split_part(rule, '_name', 1);
    END IF;
END $$;

CREATE FUNCTION tickets_check_named() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    drivers bigint[];
    vehicles bigint[];
    leases bigint[];
    files bigint[];
    trips bigint[];
    there bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT driver_id), array_agg(DISTINCT vehicle_id), array_agg(DISTINCT lease_id),
            array_agg(DISTINCT import_id), array_agg(DISTINCT trip_id)
        INTO drivers, vehicles, leases, files, trips FROM new_rows;
    ELSE
        -- What an update leaves as it was is there.
        SELECT array_agg(DISTINCT n.driver_id) FILTER (WHERE n.driver_id IS DISTINCT FROM o.driver_id),
            array_agg(DISTINCT n.vehicle_id) FILTER (WHERE n.vehicle_id IS DISTINCT FROM o.vehicle_id),
            array_agg(DISTINCT n.lease_id) FILTER (WHERE n.lease_id IS DISTINCT FROM o.lease_id),
            array_agg(DISTINCT n.import_id) FILTER (WHERE n.import_id IS DISTINCT FROM o.import_id),
            array_agg(DISTINCT n.trip_id) FILTER (WHERE n.trip_id IS DISTINCT FROM o.trip_id)
        INTO drivers, vehicles, leases, files, trips FROM new_rows n LEFT JOIN old_rows o ON o.id = n.id;
    END IF;
    PERFORM tickets_hold_named('leases_driver', 'tickets_tickets_names_a_driver', drivers);
    PERFORM tickets_hold_named('leases_vehicle', 'tickets_tickets_names_a_vehicle', vehicles);
    PERFORM tickets_hold_named('leases_lease', 'tickets_tickets_names_a_lease', leases);
    PERFORM tickets_hold_named('tickets_imports', 'tickets_tickets_names_a_file', files);
    -- A trip is never deleted, and keeps its id: what is there stays there.
    trips := array_remove(trips, NULL);
    IF trips <> '{}' THEN
        EXECUTE 'SELECT count(*) FROM curb_trips WHERE id = ANY ($1)' INTO there USING trips;
        IF there < cardinality(trips) THEN
            RAISE EXCEPTION 'a trip is not there, of %', trips[1:20]
                USING ERRCODE = '23503', CONSTRAINT = 'tickets_tickets_names_a_trip', TABLE = 'tickets_tickets';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_tickets_names_are_there AFTER INSERT ON tickets_tickets
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tickets_check_named();
CREATE TRIGGER tickets_tickets_names_stay_there AFTER UPDATE ON tickets_tickets
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tickets_check_named();

CREATE FUNCTION tickets_check_rows_file() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM tickets_hold_named('tickets_imports', 'tickets_import_rows_name_a_file',
        ARRAY(SELECT DISTINCT import_id FROM new_rows));
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_import_rows_file_is_there AFTER INSERT ON tickets_import_rows
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tickets_check_rows_file();
CREATE TRIGGER tickets_import_rows_file_stays BEFORE UPDATE OF import_id ON tickets_import_rows
    FOR EACH ROW WHEN (OLD.import_id <> NEW.import_id) EXECUTE FUNCTION ledger_refuse_change();

-- Their own table refuses to lose what a ticket or a row names. The row is locked by then, so nothing that names it is
-- on its way; but whoever reads by an older snapshot would not see what has just come, and deletes nothing at all.
CREATE FUNCTION tickets_refuse_named_gone() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    is_named boolean := current_setting('transaction_isolation') <> 'read committed';
BEGIN
    IF NOT is_named THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I = $1)', TG_ARGV[0], TG_ARGV[1])
            INTO is_named USING OLD.id;
    END IF;
    IF is_named THEN
        RAISE EXCEPTION '% % is named by %, or may be', TG_TABLE_NAME, OLD.id, TG_ARGV[0]
            USING ERRCODE = '23503', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER tickets_tickets_name_this_driver BEFORE DELETE OR UPDATE OF id ON leases_driver
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse_named_gone('tickets_tickets', 'driver_id');
CREATE TRIGGER tickets_tickets_name_this_vehicle BEFORE DELETE OR UPDATE OF id ON leases_vehicle
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse_named_gone('tickets_tickets', 'vehicle_id');
CREATE TRIGGER tickets_tickets_name_this_lease BEFORE DELETE OR UPDATE OF id ON leases_lease
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse_named_gone('tickets_tickets', 'lease_id');
CREATE TRIGGER tickets_tickets_name_this_file BEFORE DELETE OR UPDATE OF id ON tickets_imports
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse_named_gone('tickets_tickets', 'import_id');
CREATE TRIGGER tickets_import_rows_name_this_file BEFORE DELETE OR UPDATE OF id ON tickets_imports
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse_named_gone('tickets_import_rows', 'import_id');

ALTER TABLE tickets_tickets ENABLE ALWAYS TRIGGER tickets_tickets_names_are_there;
ALTER TABLE tickets_tickets ENABLE ALWAYS TRIGGER tickets_tickets_names_stay_there;
ALTER TABLE tickets_import_rows ENABLE ALWAYS TRIGGER tickets_import_rows_file_is_there;
ALTER TABLE tickets_import_rows ENABLE ALWAYS TRIGGER tickets_import_rows_file_stays;
ALTER TABLE leases_driver ENABLE ALWAYS TRIGGER tickets_tickets_name_this_driver;
ALTER TABLE leases_vehicle ENABLE ALWAYS TRIGGER tickets_tickets_name_this_vehicle;
ALTER TABLE leases_lease ENABLE ALWAYS TRIGGER tickets_tickets_name_this_lease;
ALTER TABLE tickets_imports ENABLE ALWAYS TRIGGER tickets_tickets_name_this_file;
ALTER TABLE tickets_imports ENABLE ALWAYS TRIGGER tickets_import_rows_name_this_file;

-- A row is told once more what became of it: in its own page, and in no index, since none holds its state.
ALTER TABLE tickets_import_rows SET (fillfactor = 50);
