-- What programs outside are told of it (core_tell_facts() is core's): facts, in the transaction of the act.

CREATE TRIGGER golive_opening_imports_told AFTER UPDATE ON golive_opening_imports
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION core_tell_facts(
        $$CASE WHEN n.imported_at IS NOT NULL AND o.imported_at IS NULL THEN 'opening_imported' END$$,
        'null::bigint',
        $$jsonb_build_object('opening_id', n.id, 'cut_on', n.cut_on)$$);

ALTER TABLE golive_opening_imports ENABLE ALWAYS TRIGGER golive_opening_imports_told;
