-- Uploads come in and stay as they are. What lies below files/ (documents of drivers, vehicles and leases) stays for
-- ever; a file of tickets goes again where it was refused. And a part has the bytes that its place in the file asks
-- for, so nothing can be put behind an upload that is whole.

CREATE FUNCTION core_refuse_upload_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF TG_TABLE_NAME = 'core_uploads' THEN
            named := OLD.name;
        ELSE
            SELECT name INTO named FROM core_uploads WHERE id = OLD.upload_id;
        END IF;
        IF named NOT LIKE 'files/%' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% are kept: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_kept', TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION core_check_upload_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole bigint;
BEGIN
    SELECT size INTO whole FROM core_uploads WHERE id = NEW.upload_id;
    IF octet_length(NEW.content) IS DISTINCT FROM least(1048576, whole - NEW.number::bigint * 1048576)
       OR octet_length(NEW.content) = 0 THEN
        RAISE EXCEPTION 'part % of upload % has other bytes than its place asks for', NEW.number, NEW.upload_id
            USING ERRCODE = '23514', CONSTRAINT = 'core_upload_parts_fit', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER core_uploads_kept BEFORE UPDATE OR DELETE ON core_uploads
    FOR EACH ROW EXECUTE FUNCTION core_refuse_upload_change();
CREATE TRIGGER core_uploads_never_emptied BEFORE TRUNCATE ON core_uploads
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_upload_change();
CREATE TRIGGER core_upload_parts_kept BEFORE UPDATE OR DELETE ON core_upload_parts
    FOR EACH ROW EXECUTE FUNCTION core_refuse_upload_change();
CREATE TRIGGER core_upload_parts_never_emptied BEFORE TRUNCATE ON core_upload_parts
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_upload_change();
CREATE TRIGGER core_upload_parts_fit BEFORE INSERT ON core_upload_parts
    FOR EACH ROW EXECUTE FUNCTION core_check_upload_part();

ALTER TABLE core_uploads ENABLE ALWAYS TRIGGER core_uploads_kept;
ALTER TABLE core_uploads ENABLE ALWAYS TRIGGER core_uploads_never_emptied;
ALTER TABLE core_upload_parts ENABLE ALWAYS TRIGGER core_upload_parts_kept;
ALTER TABLE core_upload_parts ENABLE ALWAYS TRIGGER core_upload_parts_never_emptied;
ALTER TABLE core_upload_parts ENABLE ALWAYS TRIGGER core_upload_parts_fit;
