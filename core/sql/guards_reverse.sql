-- Undoes guards.sql; for development only.
DROP TABLE core_counters;
DROP FUNCTION core_draw_number();
DROP FUNCTION core_refuse_counter_write();
