DROP FUNCTION core_find_answer(bigint, integer, text);
