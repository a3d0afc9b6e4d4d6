DROP TRIGGER curb_trips_counted_later ON curb_trips;
DROP TRIGGER curb_trip_counts_week_begun ON curb_trip_counts;
DROP TRIGGER curb_trips_week_begun ON curb_trips;
DROP FUNCTION dtr_refuse_counted_at_once();
DROP FUNCTION dtr_check_week_begun();

ALTER TABLE curb_trips
    ADD CONSTRAINT curb_trips_week_begun FOREIGN KEY (week_end) REFERENCES dtr_week_closes (week_end)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE curb_trip_counts
    ADD CONSTRAINT curb_trip_counts_week_begun FOREIGN KEY (week_end) REFERENCES dtr_week_closes (week_end)
    DEFERRABLE INITIALLY DEFERRED;
