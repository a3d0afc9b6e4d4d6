"""One check for each kind of argument: what it takes, what it makes of it, and how it says no."""

from datetime import date

import pytest

from core.checks import check_date, check_key, check_reason, check_text
from core.errors import ReasonRequired, ValueInvalid


class TestCheckReason:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("Hearing won", "Hearing won"),
            ("  Hearing won \n", "Hearing won"),
            ("Two\nlines", "Two lines"),
            ("Two\r\n\tlines", "Two lines"),
            ("ñ" * 500, "ñ" * 500),
        ],
    )
    def test_a_reason_is_kept_as_one_line(self, given, kept):
        assert check_reason(given) == kept

    @pytest.mark.parametrize("given", ["", "   ", "\n\t", None, 5])
    def test_nothing_but_blanks_is_no_reason(self, given):
        with pytest.raises(ReasonRequired) as refusal:
            check_reason(given)
        assert (refusal.value.code, refusal.value.at_field) == ("reason_required", "reason")

    @pytest.mark.parametrize("given", ["a" * 501, "bell \x07", "null \x00", "unit \x1f separator", "back\u202ewards"])
    def test_one_that_nobody_could_read_is_refused(self, given):
        with pytest.raises(ValueInvalid) as refusal:
            check_reason(given)
        assert (refusal.value.code, refusal.value.at_field) == ("invalid_value", "reason")


class TestCheckText:
    def test_names_the_field_at_fault(self):
        with pytest.raises(ValueInvalid, match="1 to 3 characters") as refusal:
            check_text("four", field="workshop", longest=3)
        assert refusal.value.at_field == "workshop"

    def test_may_be_left_out_where_it_is_not_required(self):
        assert check_text(" ", field="note", longest=3, required=False) == ""
        with pytest.raises(ValueInvalid):
            check_text(" ", field="note", longest=3)


class TestCheckDate:
    @pytest.mark.parametrize("day", [date(2000, 1, 1), date(2026, 11, 26), date(2099, 12, 31)])
    def test_takes_what_an_office_may_mean(self, day):
        assert check_date(day, field="start_on") == day

    @pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1)])
    def test_refuses_a_slip_of_the_keyboard(self, day):
        with pytest.raises(ValueInvalid) as refusal:
            check_date(day, field="start_on")
        assert refusal.value.at_field == "start_on"

    def test_refuses_a_day_that_is_still_to_come_where_it_must_be_past(self):
        with pytest.raises(ValueInvalid):
            check_date(date(2026, 11, 27), field="invoiced_on", latest=date(2026, 11, 26))


class TestCheckKey:
    @pytest.mark.parametrize("key", [None, "k", "k" * 200])
    def test_takes_a_key_or_none(self, key):
        assert check_key(key) == key

    @pytest.mark.parametrize("key", ["", "k" * 201, "two\nlines"])
    def test_refuses_what_is_none(self, key):
        with pytest.raises(ValueInvalid) as refusal:
            check_key(key)
        assert refusal.value.at_field == "idempotency_key"
