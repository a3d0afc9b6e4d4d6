DROP TRIGGER dtr_dtrs_name_this_lease ON leases_lease;
DROP TRIGGER dtr_dtrs_name_this_driver ON leases_driver;
DROP TRIGGER dtr_dtrs_names_are_there ON dtr_dtrs;
DROP FUNCTION dtr_check_named();
