"""How CURB writes names, moments and amounts: what is read, to the letter, and what is refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import in_new_york
from curb.importers.values import plain, read_amount, read_component, read_moment, read_name


class TestPlain:
    @pytest.mark.parametrize("spelling", ["TOTAL_AMOUNT", "TotalAmount", "total-amount", "TOTAL AMOUNT", "totalamount"])
    def test_spellings_of_a_name_are_one(self, spelling):
        assert plain(spelling) == "TOTALAMOUNT"

    def test_names_that_differ_in_a_digit_are_two(self):
        assert plain("GET_TRIPS_LOG10") != plain("GET_TRIPS_LOG1")


class TestReadName:
    @pytest.mark.parametrize(
        ("text", "name"), [("5000001", "5000001"), ("9z90", "9Z90"), ("", ""), ("a b", "A B"), ("x" * 20, "X" * 20)]
    )
    def test_a_name_is_upper_case(self, text, name):
        assert read_name(text) == name

    @pytest.mark.parametrize("text", ["x" * 21, "9Z9\n0", "9Z9\x00", "５０００", "é"])
    def test_a_name_of_other_characters_is_refused(self, text):
        with pytest.raises(ValueError, match="is not a number of at most 20 plain characters"):
            read_name(text)


class TestReadMoment:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("03/03/2026 10:00:00", datetime(2026, 3, 3, 10)),  # noqa: DTZ001
            ("3/3/2026 9:05", datetime(2026, 3, 3, 9, 5)),  # noqa: DTZ001
            ("12/31/2099 23:59:59", datetime(2099, 12, 31, 23, 59, 59)),  # noqa: DTZ001
            ("02/29/2028 00:00", datetime(2028, 2, 29)),  # noqa: DTZ001
        ],
    )
    def test_a_moment_is_a_wall_clock_with_or_without_seconds(self, text, moment):
        assert read_moment(text) == moment

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "is not a moment"),
            ("2026-03-03 10:00:00", "is not a moment"),
            ("03/03/26 10:00:00", "is not a moment"),
            ("03/03/2026", "is not a moment"),
            ("03/03/2026 10:00:00 AM", "is not a moment"),
            ("03/03/2026T10:00:00", "is not a moment"),
            ("02/29/2026 10:00:00", "does not exist in the calendar"),
            ("13/01/2026 10:00:00", "does not exist in the calendar"),
            ("03/03/2026 24:00:00", "does not exist in the calendar"),
            ("03/03/2026 10:60", "does not exist in the calendar"),
            ("03/03/1999 10:00:00", "is not a year of this century"),
            ("03/03/2100 10:00:00", "is not a year of this century"),
        ],
    )
    def test_a_moment_that_no_clock_showed_is_refused(self, text, says):
        with pytest.raises(ValueError, match=says):
            read_moment(text)

    @pytest.mark.parametrize(
        ("text", "in_utc"),
        [
            # In spring the hour from two to three is left out: such a clock was not put forward yet.
            ("03/08/2026 01:59:59", datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC)),
            ("03/08/2026 02:30:00", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
            ("03/08/2026 03:00:00", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
            # In autumn the hour from one to two comes twice: the first time is meant.
            ("11/01/2026 00:59:59", datetime(2026, 11, 1, 4, 59, 59, tzinfo=UTC)),
            ("11/01/2026 01:30:00", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
            ("11/01/2026 02:00:00", datetime(2026, 11, 1, 7, 0, tzinfo=UTC)),
        ],
    )
    def test_moments_on_the_sundays_when_clocks_change(self, text, in_utc):
        assert in_new_york(read_moment(text)).astimezone(UTC) == in_utc


class TestReadAmount:
    @pytest.mark.parametrize(
        ("text", "amount"),
        [
            ("17.30", "17.30"),
            ("17.3", "17.30"),
            ("17.", "17.00"),
            (".5", "0.50"),
            ("0", "0.00"),
            ("-8.30", "-8.30"),
            ("12.5000", "12.50"),
            ("999999.99", "999999.99"),
            ("1,014.00", "1014.00"),
            ("$8.30", "8.30"),
            ("(8.30)", "-8.30"),
        ],
    )
    def test_an_amount_is_dollars_to_the_cent(self, text, amount):
        assert str(read_amount(text)) == amount

    @pytest.mark.parametrize("text", ["-0", "-0.0", "-.0"])
    def test_there_is_no_zero_below_zero(self, text):
        assert str(read_amount(text)) == "0.00"

    @pytest.mark.parametrize(
        "text", [" 1", "+1", "12,50", "1,2,3,4", "1_000", "1e3", "NaN", "Infinity", "1.2.3", "١٢", "１２", "1 2"]
    )
    def test_what_is_no_amount_is_refused(self, text):
        with pytest.raises(ValueError, match="is not an amount in dollars"):
            read_amount(text)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "The amount is missing."),
            ("--1", "'--1' is below zero twice over."),
            ("1000000.00", "'1000000.00' is above the largest amount of a trip, 999,999.99."),
        ],
    )
    def test_what_else_is_refused(self, text, says):
        with pytest.raises(ValueError) as refusal:
            read_amount(text)
        assert str(refusal.value) == says

    @pytest.mark.parametrize("text", ["1.001", "0.0001", "-2.999"])
    def test_parts_of_a_cent_are_refused(self, text):
        with pytest.raises(ValueError, match="is finer than a cent"):
            read_amount(text)

    @given(st.integers(min_value=-99_999_999, max_value=99_999_999))
    def test_every_amount_is_read_back_as_it_is_written(self, cents):
        amount = Decimal(cents) / 100
        assert read_amount(f"{amount:.2f}") == amount


class TestReadComponent:
    def test_a_blank_component_is_none_of_it(self):
        assert read_component("") == Decimal("0.00")

    def test_a_component_that_is_given_is_an_amount(self):
        assert read_component("2.50") == Decimal("2.50")
        with pytest.raises(ValueError, match="is not an amount"):
            read_component("-")
