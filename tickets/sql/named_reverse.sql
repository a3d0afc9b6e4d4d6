ALTER TABLE tickets_import_rows RESET (fillfactor);

DROP TRIGGER tickets_import_rows_name_this_file ON tickets_imports;
DROP TRIGGER tickets_tickets_name_this_file ON tickets_imports;
DROP TRIGGER tickets_tickets_name_this_lease ON leases_lease;
DROP TRIGGER tickets_tickets_name_this_vehicle ON leases_vehicle;
DROP TRIGGER tickets_tickets_name_this_driver ON leases_driver;
DROP FUNCTION tickets_refuse_named_gone();
DROP TRIGGER tickets_import_rows_file_stays ON tickets_import_rows;
DROP TRIGGER tickets_import_rows_file_is_there ON tickets_import_rows;
DROP FUNCTION tickets_check_rows_file();
DROP TRIGGER tickets_tickets_names_stay_there ON tickets_tickets;
DROP TRIGGER tickets_tickets_names_are_there ON tickets_tickets;
DROP FUNCTION tickets_check_named();
DROP FUNCTION tickets_hold_named(text, text, bigint[]);
