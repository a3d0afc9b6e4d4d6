DROP TRIGGER dtr_week_closes_from_cut_over ON dtr_week_closes;
DROP FUNCTION dtr_check_cut_over();
