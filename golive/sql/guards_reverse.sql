-- Undoes guards.sql; for development only.
DROP TRIGGER golive_opening_imports_told ON golive_opening_imports;
