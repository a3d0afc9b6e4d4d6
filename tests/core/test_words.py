"""Days, times and amounts as people read them, and lines that fit."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.checks import check_description
from core.weeks import week_ending
from core.words import (
    Free,
    clean,
    lower_first,
    make_sentence,
    say_amount,
    say_day,
    say_days,
    say_facts,
    say_full_moment,
    say_moment,
    say_path,
    say_time,
    say_week,
    shorten,
)

NOVEMBER = date(2026, 11, 18)


class TestDays:
    @pytest.mark.parametrize(
        ("day", "told_on", "said"),
        [
            (date(2026, 11, 15), NOVEMBER, "Nov 15"),
            (date(2026, 11, 5), NOVEMBER, "Nov 5"),
            (date(2025, 11, 15), NOVEMBER, "Nov 15, 2025"),
            (date(2026, 12, 29), date(2027, 1, 4), "Dec 29, 2026"),
            # A week is of the year of its Saturday.
            (date(2026, 12, 29), date(2026, 12, 29), "Dec 29, 2026"),
            (date(2027, 1, 2), date(2026, 12, 29), "Jan 2"),
        ],
    )
    def test_a_day_has_its_year_where_it_is_not_the_week_s(self, day, told_on, said):
        assert say_day(day, told_on=told_on) == said

    @pytest.mark.parametrize(
        ("first", "last", "told_on", "said"),
        [
            (date(2026, 11, 15), date(2026, 11, 21), NOVEMBER, "Nov 15–21"),
            (date(2026, 11, 29), date(2026, 12, 5), NOVEMBER, "Nov 29–Dec 5"),
            (date(2026, 12, 27), date(2027, 1, 2), NOVEMBER, "Dec 27, 2026–Jan 2, 2027"),
            (date(2026, 11, 18), date(2026, 11, 18), NOVEMBER, "Nov 18"),
            (date(2025, 11, 16), date(2025, 11, 22), NOVEMBER, "Nov 16–22, 2025"),
            (date(2025, 11, 30), date(2025, 12, 6), NOVEMBER, "Nov 30–Dec 6, 2025"),
        ],
    )
    def test_a_run_of_days(self, first, last, told_on, said):
        assert say_days(first, last, told_on=told_on) == said

    @pytest.mark.parametrize(
        ("saturday", "told_on", "said"),
        [
            (date(2026, 11, 21), None, "Nov 15–21"),
            (date(2025, 11, 22), None, "Nov 16–22"),
            (date(2025, 11, 22), NOVEMBER, "Nov 16–22, 2025"),
        ],
    )
    def test_a_week(self, saturday, told_on, said):
        assert say_week(week_ending(saturday), told_on=told_on) == said


class TestTimes:
    @pytest.mark.parametrize(
        ("hour", "minute", "said"),
        [(19, 35, "2:35 PM"), (5, 0, "12:00 AM"), (17, 5, "12:05 PM"), (13, 2, "8:02 AM")],
    )
    def test_are_those_of_new_york(self, hour, minute, said):
        assert say_time(datetime(2026, 11, 20, hour, minute, tzinfo=UTC)) == said

    def test_a_moment_is_of_new_york_s_day(self):
        assert say_moment(datetime(2026, 11, 21, 4, 59, tzinfo=UTC), told_on=NOVEMBER) == "Nov 20 11:59 PM"
        assert say_full_moment(datetime(2026, 11, 21, 4, 59, tzinfo=UTC)) == "Nov 20, 2026 11:59 PM"
        assert say_moment(datetime(2025, 11, 21, 5, 1, tzinfo=UTC), told_on=NOVEMBER) == "Nov 21, 2025 12:01 AM"


class TestWords:
    @pytest.mark.parametrize(("amount", "said"), [("350", "350.00"), ("1250.5", "1,250.50"), ("0", "0.00")])
    def test_an_amount_has_two_places(self, amount, said):
        assert say_amount(Decimal(amount)) == said

    @pytest.mark.parametrize(
        ("words", "within"),
        [
            ("Card trips Nov 15–21", "card trips Nov 15–21"),
            ("No standing", "no standing"),
            ("E-ZPass Nov 20", "E-ZPass Nov 20"),
            ("TLC summons 1", "TLC summons 1"),
            ("A", "A"),
            ("", ""),
        ],
    )
    def test_within_a_sentence(self, words, within):
        assert lower_first(words) == within

    def test_what_cannot_be_seen_is_dropped(self):
        assert clean("  W 34\n St\u202e\x00 \u200bcorner ") == "W 34 St corner"


class TestSentence:
    def test_leaves_out_what_is_not_known_with_its_comma(self):
        assert make_sentence("No standing", "", "Nov 3", " ", "summons 1") == "No standing, Nov 3, summons 1"
        assert make_sentence("") == ""

    @pytest.mark.parametrize("length", [150, 199, 200, 201, 500, 5000])
    def test_shortens_what_somebody_typed_and_never_the_number(self, length):
        typed = ("brakes and " * length)[:length]
        line = make_sentence(Free(typed), "Queens Auto invoice 4711", "part 2 of 5")
        assert len(line) <= 200
        assert line.endswith(", Queens Auto invoice 4711, part 2 of 5")
        assert check_description(line) == line
        if length >= 200:
            assert "…, Queens Auto" in line
            assert len(line) > 180

    def test_shortens_two_alike(self):
        line = make_sentence(Free("a" * 150), Free("b" * 150), "summons 8012345678")
        first, second, number = line.split(", ")
        assert number == "summons 8012345678"
        assert len(line) <= 200
        assert abs(len(first) - len(second)) < 60

    def test_whatever_is_given_fits(self):
        assert len(make_sentence("x" * 300)) == 200
        assert len(make_sentence(Free("y" * 300), "x" * 195)) <= 200

    @pytest.mark.parametrize(
        ("words", "longest", "cut"),
        [
            ("Side mirror and door handle", 40, "Side mirror and door handle"),
            ("Side mirror and door handle", 20, "Side mirror and…"),
            ("Side mirror, and door", 13, "Side mirror…"),
            ("Sidemirroranddoorhandle", 10, "Sidemirro…"),
        ],
    )
    def test_is_cut_between_two_words(self, words, longest, cut):
        assert shorten(words, longest) == cut


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (Path("/in/café.csv"), "/in/café.csv"),
        (Path("/in/caf\udce9.csv"), "/in/caf\N{REPLACEMENT CHARACTER}.csv"),
        ("caf\udce9.csv", "caf\N{REPLACEMENT CHARACTER}.csv"),
    ],
)
def test_a_file_is_named_as_far_as_its_name_is_text(path, said):
    assert say_path(path) == said


def test_facts_fill_a_sentence_with_days_as_people_read_them():
    facts = {"day": date(2026, 3, 7), "at": datetime(2026, 3, 7, 17, 5, tzinfo=UTC), "id": 7, "none": None}
    assert say_facts(facts) == {"day": "Mar 7, 2026", "at": "Mar 7, 2026 12:05 PM", "id": 7, "none": None}
