-- Undoes heads.sql; for development only.
DROP TRIGGER dtr_dtrs_will_have_lines ON dtr_dtrs;
DROP TRIGGER dtr_dtrs_of_open_week ON dtr_dtrs;
DROP TABLE dtr_awaiting_lines;
DROP FUNCTION dtr_check_lineless();
DROP FUNCTION dtr_await_lines();
DROP FUNCTION dtr_check_seal();
