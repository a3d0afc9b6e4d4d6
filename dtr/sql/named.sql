-- What a DTR names is there: its driver, and its lease. Asked once for all DTRs of a statement, and held as a foreign key
-- holds it; a foreign key asks for each DTR by itself, by a plan that a session may have made when drivers were few.
-- tickets_hold_named() and tickets_refuse_named_gone() are the tickets' (tickets/sql/named.sql). A DTR never changes.
CREATE FUNCTION dtr_check_named() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM tickets_hold_named('leases_driver', 'dtr_dtrs_name_a_driver', ARRAY(SELECT DISTINCT driver_id FROM new_rows));
    PERFORM tickets_hold_named('leases_lease', 'dtr_dtrs_name_a_lease', ARRAY(SELECT DISTINCT lease_id FROM new_rows));
    RETURN NULL;
END $$;

CREATE TRIGGER dtr_dtrs_names_are_there AFTER INSERT ON dtr_dtrs
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION dtr_check_named();
CREATE TRIGGER dtr_dtrs_name_this_driver BEFORE DELETE OR UPDATE OF id ON leases_driver
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse_named_gone('dtr_dtrs', 'driver_id');
CREATE TRIGGER dtr_dtrs_name_this_lease BEFORE DELETE OR UPDATE OF id ON leases_lease
    FOR EACH ROW EXECUTE FUNCTION tickets_refuse_named_gone('dtr_dtrs', 'lease_id');

ALTER TABLE dtr_dtrs ENABLE ALWAYS TRIGGER dtr_dtrs_names_are_there;
ALTER TABLE leases_driver ENABLE ALWAYS TRIGGER dtr_dtrs_name_this_driver;
ALTER TABLE leases_lease ENABLE ALWAYS TRIGGER dtr_dtrs_name_this_lease;
