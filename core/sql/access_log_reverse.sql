DROP TRIGGER core_access_log_never_emptied ON core_access_log;
DROP TRIGGER core_access_log_append_only ON core_access_log;
DROP FUNCTION core_refuse_access_log_change();
