DROP TRIGGER core_upload_parts_fit ON core_upload_parts;
DROP TRIGGER core_upload_parts_never_emptied ON core_upload_parts;
DROP TRIGGER core_upload_parts_kept ON core_upload_parts;
DROP TRIGGER core_uploads_never_emptied ON core_uploads;
DROP TRIGGER core_uploads_kept ON core_uploads;
DROP FUNCTION core_check_upload_part();
DROP FUNCTION core_refuse_upload_change();
