"""The fleet's week: Sunday to Saturday, named by the ISO week of its Saturday."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotASaturday
from core.weeks import Week, find_week_ending, week_ending, week_of, weeks_between

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31))


class TestWeekOf:
    @pytest.mark.parametrize(
        ("day", "start", "end", "label"),
        [
            (date(2026, 3, 8), date(2026, 3, 8), date(2026, 3, 14), "2026W11"),  # clocks go forward on its Sunday
            (date(2026, 3, 7), date(2026, 3, 1), date(2026, 3, 7), "2026W10"),
            (date(2026, 11, 1), date(2026, 11, 1), date(2026, 11, 7), "2026W45"),  # and back on this one
            (date(2025, 12, 31), date(2025, 12, 28), date(2026, 1, 3), "2026W01"),  # over New Year
            (date(2026, 1, 1), date(2025, 12, 28), date(2026, 1, 3), "2026W01"),
            (date(2027, 1, 1), date(2026, 12, 27), date(2027, 1, 2), "2026W53"),  # a year of 53 weeks
            (date(2027, 1, 3), date(2027, 1, 3), date(2027, 1, 9), "2027W01"),
            (date(2024, 2, 29), date(2024, 2, 25), date(2024, 3, 2), "2024W09"),
        ],
    )
    def test_finds_the_sunday_the_saturday_and_the_name(self, day: date, start: date, end: date, label: str) -> None:
        week = week_of(day)
        assert (week.start, week.end, week.label) == (start, end, label)

    @given(days)
    def test_holds_the_day_in_seven_days_from_a_sunday(self, day: date) -> None:
        week = week_of(day)
        assert day in week
        assert week.start.strftime("%A") == "Sunday"
        assert week.end - week.start == timedelta(days=6)
        assert week.start - timedelta(days=1) not in week
        assert week.end + timedelta(days=1) not in week

    @given(days)
    def test_neighbors_touch_and_lead_back(self, day: date) -> None:
        week = week_of(day)
        assert week.next.start == week.end + timedelta(days=1)
        assert week.next.previous == week
        assert week.previous < week < week.next

    @given(days, days)
    def test_a_label_names_one_week_only(self, day: date, other: date) -> None:
        assert (week_of(day).label == week_of(other).label) == (week_of(day) == week_of(other))

    def test_no_two_weeks_of_a_century_share_a_label(self) -> None:
        labels = [week.label for week in weeks_between(date(2000, 1, 1), date(2099, 12, 31))]
        assert len(set(labels)) == len(labels) == 5219
        assert labels == sorted(labels)


class TestWeek:
    def test_refuses_another_weekday(self) -> None:
        with pytest.raises(ValueError, match="2026-03-02 is a Monday"):
            Week(date(2026, 3, 2))

    def test_refuses_a_moment(self) -> None:
        with pytest.raises(TypeError, match="is a moment"):
            week_of(datetime(2026, 3, 1, 12, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("start_on", "end_on", "shared"),
        [
            (date(2026, 3, 1), date(2026, 3, 7), 7),
            (date(2026, 1, 1), date(2026, 12, 31), 7),
            (date(2026, 3, 4), date(2026, 12, 31), 4),
            (date(2026, 1, 1), date(2026, 3, 1), 1),
            (date(2026, 3, 3), date(2026, 3, 4), 2),
            (date(2026, 3, 8), date(2026, 3, 9), 0),
            (date(2026, 2, 1), date(2026, 2, 28), 0),
        ],
    )
    def test_counts_the_days_it_shares_with_a_span(self, start_on: date, end_on: date, shared: int) -> None:
        assert Week(date(2026, 3, 1)).days_between(start_on, end_on) == shared


class TestWeeksBetween:
    def test_includes_the_weeks_of_both_ends(self) -> None:
        weeks = list(weeks_between(date(2026, 3, 7), date(2026, 3, 15)))
        assert [week.label for week in weeks] == ["2026W10", "2026W11", "2026W12"]

    def test_is_empty_when_reversed_over_a_week(self) -> None:
        assert list(weeks_between(date(2026, 3, 8), date(2026, 3, 7))) == []

    @given(days, st.integers(min_value=0, max_value=800))
    def test_shares_every_day_once(self, start_on: date, length: int) -> None:
        end_on = start_on + timedelta(days=length)
        shared = [week.days_between(start_on, end_on) for week in weeks_between(start_on, end_on)]
        assert sum(shared) == length + 1
        assert min(shared) > 0


class TestWeekEnding:
    def test_is_named_by_its_saturday(self):
        assert week_ending(date(2026, 11, 21)) == Week(date(2026, 11, 15))

    @pytest.mark.parametrize("day", [date(2026, 11, 20), date(2026, 11, 22)])
    def test_another_day_names_none(self, day):
        with pytest.raises(NotASaturday) as refusal:
            week_ending(day)
        assert (refusal.value.code, refusal.value.at_field, refusal.value.facts) == (
            "not_a_saturday",
            "week_end",
            {"week_end": day.isoformat()},
        )

    @pytest.mark.parametrize("text", ["", None, "2026-11-20", "saturday", "2026-02-30"])
    def test_an_address_that_names_none_is_no_error(self, text):
        assert find_week_ending(text) is None
