-- Undoes guards.sql; for development only.
DROP TRIGGER core_events_append_only ON core_events;
DROP TRIGGER core_facts_append_only ON core_facts;
DROP FUNCTION core_refuse_event_change();
DROP FUNCTION core_tell_facts();
DROP TABLE core_counters;
DROP FUNCTION core_draw_number();
DROP FUNCTION core_refuse_counter_write();
