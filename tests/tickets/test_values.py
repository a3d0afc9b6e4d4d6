"""How cities and toll agencies write amounts, dates, times, plates and numbers."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import at
from tests.tickets.files import TODAY
from tickets.importers.values import (
    Clock,
    moment_of,
    read_amount,
    read_city_clock,
    read_clock,
    read_date,
    read_number,
    read_plate,
    read_state,
    read_tag_or_plate,
    shorten,
)

CENTS = st.integers(min_value=0, max_value=999_999_999)


class TestReadAmount:
    @pytest.mark.parametrize(
        ("written", "amount"),
        [
            ("$-9.11", "-9.11"),
            ("-$9.11", "-9.11"),
            ("($9.11)", "-9.11"),
            ("(9.11)", "-9.11"),
            ("$-1,009.11", "-1009.11"),
            ("1,234,567.80", "1234567.80"),
            ("9", "9.00"),
            ("9.", "9.00"),
            (".5", "0.50"),
            ("9.110", "9.11"),
            ("$0.00", "0.00"),
            ("-0.00", "0.00"),
            ("($0.00)", "0.00"),
            ("$ 9.11", "9.11"),
            ("9999999.99", "9999999.99"),
        ],
    )
    def test_reads(self, written, amount):
        assert str(read_amount(written)) == amount

    @pytest.mark.parametrize(
        ("odd", "says"),
        [
            ("", "The amount is missing."),
            ("$", "'$' is not an amount in dollars."),
            ("9.1.1", "'9.1.1' is not an amount in dollars."),
            ("12,50", "'12,50' is not an amount in dollars."),
            ("(9.11", "'(9.11' is not an amount in dollars."),
            ("-(9.11)", "'-(9.11)' is not an amount in dollars."),
            ("9 .11", "'9 .11' is not an amount in dollars."),
            ("1,2,3,4", "'1,2,3,4' is not an amount in dollars."),
            ("1_000", "'1_000' is not an amount in dollars."),
            ("+9.11", "'+9.11' is not an amount in dollars."),
            ("(-9.11)", "'(-9.11)' is below zero twice over."),
            ("-$-9.11", "'-$-9.11' is below zero twice over."),
            ("9.111", "'9.111' is finer than a cent."),
            ("NaN", "'NaN' is not an amount in dollars."),
            ("1e3", "'1e3' is not an amount in dollars."),
            ("٩.١١", "'٩.١١' is not an amount in dollars."),
            ("10000000", "'10000000' is above the largest amount of a ticket, 9,999,999.99."),
        ],
    )
    def test_refuses_by_a_sentence(self, odd, says):
        with pytest.raises(ValueError) as refusal:
            read_amount(odd)
        assert str(refusal.value) == says

    @given(CENTS, st.sampled_from(["{}", "${}", "$ {}"]), st.booleans())
    def test_whole_cents_read_back_to_the_cent(self, cents, dress, with_commas):
        dollars = f"{cents // 100:,}" if with_commas else str(cents // 100)
        written = dress.format(f"{dollars}.{cents % 100:02d}")
        assert read_amount(written) * 100 == cents

    @given(CENTS, st.sampled_from(["-{}", "-${}", "$-{}", "({})", "(${})"]))
    def test_each_way_of_less_means_the_same(self, cents, dress):
        written = dress.format(f"{cents // 100}.{cents % 100:02d}")
        assert read_amount(written) * 100 == -cents

    @given(st.text(max_size=15))
    def test_whatever_it_reads_is_whole_cents_within_bounds(self, written):
        try:
            amount = read_amount(written)
        except ValueError:
            return
        assert abs(amount) <= Decimal("9999999.99")
        assert amount.as_tuple().exponent == -2
        assert str(amount) != "-0.00"


class TestReadDate:
    @pytest.mark.parametrize(
        ("written", "day"),
        [
            ("11/16/2026", date(2026, 11, 16)),
            ("1/2/2026", date(2026, 1, 2)),
            ("11/16/2026 00:00", date(2026, 11, 16)),
            ("11/16/2026 00:00:00", date(2026, 11, 16)),
            ("2026-11-16", date(2026, 11, 16)),
            ("2026-11-16T00:00:00", date(2026, 11, 16)),
            ("02/29/2024", date(2024, 2, 29)),
            ("01/01/2000", date(2000, 1, 1)),
            ("11/18/2026", TODAY),
        ],
    )
    def test_reads(self, written, day):
        assert read_date(written, latest_on=TODAY) == day

    @pytest.mark.parametrize(
        ("odd", "says"),
        [
            ("", "The date is missing."),
            ("51/71/2004", "'51/71/2004' does not exist in the calendar."),
            ("02/29/2026", "'02/29/2026' does not exist in the calendar."),
            ("13/01/2026", "'13/01/2026' does not exist in the calendar."),
            ("11/16/26", "'11/16/26' is not a date (MM/DD/YYYY)."),
            ("11/16/2026 10:00", "'11/16/2026 10:00' is not a date (MM/DD/YYYY)."),
            ("12/31/1999", "'12/31/1999' is not a plausible date."),
            ("11/19/2026", "'11/19/2026' lies in the future."),
        ],
    )
    def test_refuses_by_a_sentence(self, odd, says):
        with pytest.raises(ValueError) as refusal:
            read_date(odd, latest_on=TODAY)
        assert str(refusal.value) == says

    def test_without_a_latest_day_the_century_is_the_bound(self):
        assert read_date("12/31/2099") == date(2099, 12, 31)
        with pytest.raises(ValueError, match="plausible"):
            read_date("01/01/2100")

    @given(st.dates(date(2000, 1, 1), TODAY))
    def test_both_ways_of_writing_a_day_agree(self, day):
        assert read_date(f"{day:%m/%d/%Y}", latest_on=TODAY) == read_date(day.isoformat(), latest_on=TODAY) == day


class TestClocks:
    @pytest.mark.parametrize(
        ("written", "clock"),
        [
            ("11:10:36 AM", time(11, 10, 36)),
            ("02:05:00 PM", time(14, 5)),
            ("12:00:00 AM", time(0)),
            ("12:00 PM", time(12)),
            ("17:05", time(17, 5)),
            ("17:05:59", time(17, 5, 59)),
            ("5:05 p.m.", time(17, 5)),
            ("11/16/2026 17:05", time(17, 5)),
        ],
    )
    def test_statements(self, written, clock):
        assert read_clock(written).shows == clock

    @pytest.mark.parametrize(
        ("written", "day"),
        [
            ("11/16/2026 5:05 PM", date(2026, 11, 16)),
            ("2026-11-16T17:05:00", date(2026, 11, 16)),
            ("17:05", None),
            # Where a spreadsheet keeps a time as a moment of its first days.
            ("12/31/1899 17:05:00", None),
            ("1/1/1900 17:05", None),
        ],
    )
    def test_may_bear_a_day_of_their_own(self, written, day):
        assert read_clock(written) == Clock(time(17, 5), day)

    @pytest.mark.parametrize(
        ("written", "clock"),
        [
            ("06:56P", time(18, 56)),
            ("0752A", time(7, 52)),
            ("12:15A", time(0, 15)),
            ("0015A", time(0, 15)),
            ("1200P", time(12)),
            ("0005P", time(12, 5)),
            ("17:05", time(17, 5)),
        ],
    )
    def test_the_city(self, written, clock):
        assert read_city_clock(written).shows == clock

    @pytest.mark.parametrize(
        ("odd", "says"),
        [
            ("25:00", "'25:00' does not exist on a clock."),
            ("13:00 PM", "'13:00 PM' does not exist on a clock."),
            ("1360P", "'1360P' does not exist on a clock."),
            ("0761A", "'0761A' does not exist on a clock."),
            ("noon", "'noon' is not a time of day."),
            ("11/16/2026", "'11/16/2026' is not a time of day."),
            ("about 17:05", "'about 17:05' is not a time of day."),
            ("13/45/2026 17:05", "'13/45/2026' does not exist in the calendar."),
            ("0752", "'0752' is not a time of day."),
        ],
    )
    def test_refuse_by_a_sentence(self, odd, says):
        with pytest.raises(ValueError) as refusal:
            read_city_clock(odd)
        assert str(refusal.value) == says


class TestMomentOf:
    def test_a_clock_tells_one_moment(self):
        moment = moment_of(date(2026, 11, 16), time(10))
        assert moment.at == moment.at_latest
        assert moment.at.isoformat() == "2026-11-16T10:00:00-05:00"

    def test_no_clock_means_any_second_of_the_day(self):
        moment = moment_of(date(2026, 11, 16), None)
        assert moment.at.isoformat() == "2026-11-16T00:00:00-05:00"
        assert moment.at_latest.isoformat() == "2026-11-16T23:59:59-05:00"

    @pytest.mark.parametrize(
        ("day", "first", "last"),
        [
            (date(2026, 11, 1), "2026-11-01T00:00:00-04:00", "2026-11-01T23:59:59-05:00"),
            (date(2026, 3, 8), "2026-03-08T00:00:00-05:00", "2026-03-08T23:59:59-04:00"),
        ],
        ids=["the day of 25 hours", "the day of 23 hours"],
    )
    def test_no_clock_on_a_day_of_the_change(self, day, first, last):
        moment = moment_of(day, None)
        assert (moment.at.isoformat(), moment.at_latest.isoformat()) == (first, last)

    def test_the_hour_shown_twice_may_mean_either(self):
        twice = moment_of(date(2026, 11, 1), time(1, 30))
        assert twice.at.isoformat() == "2026-11-01T01:30:00-04:00"
        assert twice.at_latest.isoformat() == "2026-11-01T01:30:00-05:00"
        assert twice.at_latest.timestamp() - twice.at.timestamp() == 3600

    @pytest.mark.parametrize("clock", [time(0, 59, 59), time(2)])
    def test_just_outside_the_hour_shown_twice(self, clock):
        moment = moment_of(date(2026, 11, 1), clock)
        assert moment.at.timestamp() == moment.at_latest.timestamp()

    def test_the_hour_that_no_clock_showed(self):
        never = moment_of(date(2026, 3, 8), time(2, 30))
        assert never.at.isoformat() == never.at_latest.isoformat() == "2026-03-08T03:30:00-04:00"

    @given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001  (a wall clock)
    def test_of_any_wall_clock_the_earlier_comes_first(self, shown):
        moment = moment_of(shown.date(), shown.time().replace(microsecond=0))
        assert moment.at.timestamp() <= moment.at_latest.timestamp()
        assert moment.at.timestamp() >= at(shown.date()).timestamp()


class TestNumbersPlatesAndTags:
    @pytest.mark.parametrize(
        ("written", "number"),
        [
            ("fn-1", "FN-1"),
            ("004664359196", "4664359196"),
            ("000", "0"),
            ("00A1", "00A1"),
            ("'0123", "123"),
            ("9" * 40,) * 2,
        ],
    )
    def test_numbers(self, written, number):
        assert read_number(written) == number

    @pytest.mark.parametrize(
        ("odd", "says"),
        [
            ("", "The number is missing."),
            ("9" * 41, "is not a number of at most forty letters, digits and hyphens."),
            ("-1", "is not a number of at most forty"),
            ("1 2", "is not a number of at most forty"),
            ("7-refund", "'7-refund' ends as only references of refunds do."),
        ],
    )
    def test_odd_numbers(self, odd, says):
        with pytest.raises(ValueError) as refusal:
            read_number(odd)
        assert says in str(refusal.value)

    @pytest.mark.parametrize(
        ("written", "state", "plate"),
        [
            ("t10 0001-c", "", ("T100001C", "")),
            ("", "", ("", "")),
            ("9Z90B", "NY", ("9Z90B", "NY")),
            ("7G52C-NY", "", ("7G52C", "NY")),
            ("7g52c - ny", "NY", ("7G52C", "NY")),
            ("NY 7G52C", "", ("7G52C", "NY")),
            ("NY  7G 52C", "NY", ("7G52C", "NY")),
            # What may be a part of the plate is one.
            ("NY7G52C", "", ("NY7G52C", "")),
            ("1234-MD", "NY", ("1234MD", "NY")),
            ("7G52-CX", "", ("7G52CX", "")),
            ("MD 2020", "NY", ("MD2020", "NY")),
            ("NY GIANTS", "", ("NYGIANTS", "")),
        ],
    )
    def test_plates(self, written, state, plate):
        assert read_plate(written, state) == plate

    @pytest.mark.parametrize("odd", ["T100001C234", "Ö1", "T_1"])
    def test_odd_plates(self, odd):
        with pytest.raises(ValueError, match="is not a license plate"):
            read_plate(odd)

    def test_states(self):
        assert (read_state("ny"), read_state("")) == ("NY", "")
        with pytest.raises(ValueError, match="two letters"):
            read_state("N.Y.")

    @pytest.mark.parametrize(
        ("written", "told"),
        [
            (" 99900000111", ("99900000111", "", "")),
            ("'00412345678'", ("00412345678", "", "")),
            ("NY T100001C", ("", "T100001C", "NY")),
            ("NJ T10 0001C", ("", "T100001C", "NJ")),
            ("T100001C", ("", "T100001C", "")),
            ("1234567", ("", "1234567", "")),
            ("7G52C-NY", ("", "7G52C", "NY")),
            ("7G52C-NJ", ("", "7G52C", "NJ")),
            ("004-70001266", ("00470001266", "", "")),
            ('="00470001266"', ("00470001266", "", "")),
        ],
    )
    def test_a_tag_or_a_plate(self, written, told):
        assert read_tag_or_plate(written) == told

    @pytest.mark.parametrize(
        ("odd", "says"), [("' '", "The tag or plate is missing."), ("NY ?", "'NY ?' is neither a tag nor a plate.")]
    )
    def test_neither(self, odd, says):
        with pytest.raises(ValueError) as refusal:
            read_tag_or_plate(odd)
        assert str(refusal.value) == says

    def test_a_sentence_never_repeats_a_long_cell(self):
        assert shorten("x" * 500) == repr("x" * 40 + "…")
