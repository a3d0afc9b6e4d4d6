"""The rent of a lease, week by week."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import NEW_YORK
from core.weeks import week_of
from leases.models import Driver
from leases.rules import (
    USUAL_HOURS,
    Hours,
    Rate,
    earliest_settlement,
    is_in_shift,
    lease_day,
    license_key,
    name_memos,
    name_rent,
    pro_rate,
    say_rent,
    schedule_rent,
    span_of_days,
    sum_rent,
    tag_key,
)

cents = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999999999.99"), places=2)
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 12, 31))
lengths = st.integers(min_value=0, max_value=3_659)


class TestKeys:
    """What tells a license or a tag; PostgreSQL says the same of what it is given (``Driver.license_key``)."""

    WRITTEN: ClassVar[dict[str, str]] = {
        "5401671": "5401671",
        "05401671": "5401671",
        " 05401671 ": "5401671",
        "0041234567": "41234567",
        "004 12345": "412345",
        "100": "100",
        "000": "",
        "": "",
        "00ab1": "00AB1",
        "٠٥": "٠٥",
    }

    @pytest.mark.parametrize("written", WRITTEN)
    def test_zeros_and_spaces_do_not_make_another(self, written: str) -> None:
        assert (license_key(written), tag_key(written)) == (self.WRITTEN[written], self.WRITTEN[written])

    @pytest.mark.django_db
    def test_the_database_tells_them_alike(self) -> None:
        for written, key in self.WRITTEN.items():
            driver = Driver.objects.create(first_name="A", last_name="B", tlc_license=written)
            assert (driver.license_key, Driver.objects.get(license_key=written).pk) == (key, driver.pk)
            Driver.objects.all().delete()


class TestProRate:
    @pytest.mark.parametrize(
        ("weekly", "of_days", "rent"),
        [
            ("500.00", 4, "285.71"),  # the daily rate rounded first would give 285.72
            ("500.00", 7, "500.00"),
            ("500.00", 1, "71.43"),
            ("0.01", 3, "0.00"),
            ("0.01", 4, "0.01"),
            ("9999999999.99", 7, "9999999999.99"),
        ],
    )
    def test_pro_rating_multiplies_then_rounds_once(self, weekly: str, of_days: int, rent: str) -> None:
        assert pro_rate(Decimal(weekly), of_days) == Decimal(rent)


class TestDaysAway:
    @given(weekly=cents, changed=cents, on=st.integers(0, 6), order=st.permutations(range(7)))
    def test_days_priced_one_at_a_time_sum_to_the_week(
        self, weekly: Decimal, changed: Decimal, on: int, order: list[int]
    ) -> None:
        """Whatever the rates and the order in which the days are taken off: no price is below zero, no cent is lost."""
        week = week_of(date(2026, 3, 8))
        rates = [Rate(date(2026, 1, 1), weekly), Rate(week.start + timedelta(days=on), changed)]
        away: list[date] = []
        rents = [sum_rent(week, start_on=week.start, end_on=week.end, rates=rates)]
        for number in order:
            away.append(week.start + timedelta(days=number))
            rents.append(sum_rent(week, start_on=week.start, end_on=week.end, rates=rates, away=away))
        prices = [before - after for before, after in pairwise(rents)]
        assert min(prices) >= 0
        assert rents[-1] == 0
        assert sum(prices) == rents[0]

    @given(weekly=cents, start=st.integers(0, 6), end=st.integers(0, 6), away=st.sets(st.integers(0, 6)))
    def test_what_is_left_costs_what_a_lease_of_those_days_would(
        self, weekly: Decimal, start: int, end: int, away: set[int]
    ) -> None:
        week = week_of(date(2026, 3, 8))
        rates = [Rate(date(2026, 1, 1), weekly)]
        left = sum_rent(
            week,
            start_on=week.start + timedelta(days=start),
            end_on=week.start + timedelta(days=end),
            rates=rates,
            away=[week.start + timedelta(days=number) for number in away],
        )
        assert left == pro_rate(weekly, len(set(range(start, end + 1)) - away))

    def test_names_memos(self) -> None:
        assert name_memos(12, week_of(date(2026, 3, 7)), 2) == ["HOLD-12-2026W10-1", "HOLD-12-2026W10-2"]
        assert name_memos(12, week_of(date(2026, 3, 7)), 0) == []


class TestScheduleRent:
    def test_counts_the_days_of_the_first_and_last_week(self) -> None:
        # Wednesday to Tuesday: 4 days, two whole weeks (clocks change in the first), 3 days.
        schedule = schedule_rent(start_on=date(2026, 3, 4), end_on=date(2026, 3, 24), weekly_amount=Decimal("500.00"))
        assert [(rent.number, rent.week.label, rent.days, rent.amount, rent.due_on) for rent in schedule] == [
            (1, "2026W10", 4, Decimal("285.71"), date(2026, 3, 7)),
            (2, "2026W11", 7, Decimal("500.00"), date(2026, 3, 14)),
            (3, "2026W12", 7, Decimal("500.00"), date(2026, 3, 21)),
            (4, "2026W13", 3, Decimal("214.29"), date(2026, 3, 28)),
        ]

    def test_charges_days_within_one_week_once(self) -> None:
        (rent,) = schedule_rent(start_on=date(2026, 3, 3), end_on=date(2026, 3, 5), weekly_amount=Decimal("700.00"))
        assert (rent.days, rent.amount, rent.due_on) == (3, Decimal("300.00"), date(2026, 3, 7))

    def test_charges_a_lease_of_one_saturday_the_same_day(self) -> None:
        (rent,) = schedule_rent(start_on=date(2026, 3, 7), end_on=date(2026, 3, 7), weekly_amount=Decimal("700.00"))
        assert (rent.days, rent.amount, rent.due_on) == (1, Decimal("100.00"), date(2026, 3, 7))

    def test_goes_over_new_year_without_a_gap(self) -> None:
        schedule = schedule_rent(start_on=date(2026, 12, 20), end_on=date(2027, 1, 9), weekly_amount=Decimal("500.00"))
        assert [rent.week.label for rent in schedule] == ["2026W52", "2026W53", "2027W01"]
        assert [rent.amount for rent in schedule] == [Decimal("500.00")] * 3

    def test_leaves_out_a_part_that_rounds_to_nothing(self) -> None:
        # Thursday to Tuesday at a cent a week: 3 days are 0.43 cents, whole weeks a cent.
        schedule = schedule_rent(start_on=date(2026, 3, 5), end_on=date(2026, 3, 17), weekly_amount=Decimal("0.01"))
        assert [(rent.number, rent.week.label, rent.amount) for rent in schedule] == [(1, "2026W11", Decimal("0.01"))]

    @given(start_on=days, length=lengths, weekly_amount=cents)
    def test_charges_each_week_once_in_order_and_no_more_than_a_week(
        self, start_on: date, length: int, weekly_amount: Decimal
    ) -> None:
        end_on = start_on + timedelta(days=length)
        schedule = schedule_rent(start_on=start_on, end_on=end_on, weekly_amount=weekly_amount)
        assert [rent.number for rent in schedule] == list(range(1, len(schedule) + 1))
        assert all(earlier.week < later.week for earlier, later in pairwise(schedule))
        assert all(week_of(start_on) <= rent.week <= week_of(end_on) for rent in schedule)
        assert all(Decimal("0.00") < rent.amount <= weekly_amount for rent in schedule)
        assert all(rent.amount == weekly_amount for rent in schedule if rent.days == 7)
        assert all(rent.days == 7 for rent in schedule[1:-1])
        assert all(rent.due_on in rent.week and rent.due_on >= start_on for rent in schedule)

    @given(start_on=days, length=lengths, weekly_amount=cents)
    def test_sums_to_the_days_leased_within_a_cent(self, start_on: date, length: int, weekly_amount: Decimal) -> None:
        """Only the first and the last week are rounded, by half a cent each at most."""
        end_on = start_on + timedelta(days=length)
        total = sum(
            rent.amount for rent in schedule_rent(start_on=start_on, end_on=end_on, weekly_amount=weekly_amount)
        )
        # In sevenths of a cent, so that the expectation is exact: whole cents × days.
        exact = int(weekly_amount * 100) * (length + 1)
        assert abs(int(total * 100) * 7 - exact) <= 7

    @given(start_on=days, other_start_on=days)
    def test_names_two_weeks_of_a_lease_differently(self, start_on: date, other_start_on: date) -> None:
        week, other_week = week_of(start_on), week_of(other_start_on)
        assert (name_rent(12, week) == name_rent(12, other_week)) == (week == other_week)


class TestNameRent:
    def test_names_the_lease_and_the_week_of_its_saturday(self) -> None:
        assert name_rent(12, week_of(date(2026, 3, 7))) == "LEASE-12-2026W10"


class TestSayRent:
    @pytest.mark.parametrize(
        ("day", "said"),
        [
            (date(2026, 11, 21), "Rent Nov 15–21"),
            (date(2026, 3, 1), "Rent Mar 1–7"),
            (date(2026, 12, 5), "Rent Nov 29–Dec 5"),
            (date(2027, 1, 2), "Rent Dec 27, 2026–Jan 2, 2027"),
        ],
    )
    def test_says_the_days_of_a_week_as_people_do(self, day: date, said: str) -> None:
        assert say_rent(week_of(day)) == said


class TestSumRent:
    @given(start_on=days, length=lengths, weekly_amount=cents)
    def test_a_sum_at_one_rate_is_the_schedule(self, start_on: date, length: int, weekly_amount: Decimal) -> None:
        """The same rent by two ways: weeks times a rate, and days each at theirs."""
        end_on = start_on + timedelta(days=length)
        rates = [Rate(start_on, weekly_amount)]
        schedule = schedule_rent(start_on=start_on, end_on=end_on, weekly_amount=weekly_amount)
        for rent in (*schedule[:2], *schedule[-2:]):
            assert sum_rent(rent.week, start_on=start_on, end_on=end_on, rates=rates) == rent.amount

    @given(
        changed_on=st.integers(min_value=0, max_value=6), days_leased=st.integers(min_value=1, max_value=7), old=cents,
        new=cents,
    )  # fmt: skip
    def test_counts_each_day_at_its_rate_and_rounds_once(
        self, changed_on: int, days_leased: int, old: Decimal, new: Decimal
    ) -> None:
        week = week_of(date(2026, 3, 1))
        rates = [Rate(date(2026, 1, 1), old), Rate(week.start + timedelta(days=changed_on), new)]
        amount = sum_rent(week, start_on=week.start, end_on=week.start + timedelta(days=days_leased - 1), rates=rates)
        # In sevenths of a cent, so that the expectation is exact; half a cent is 3.5 of them.
        exact = int(old * 100) * min(changed_on, days_leased) + int(new * 100) * max(0, days_leased - changed_on)
        assert abs(int(amount * 100) * 7 - exact) * 2 <= 7

    def test_a_week_outside_the_lease_sums_to_nothing(self) -> None:
        week = week_of(date(2026, 3, 1))
        rates = [Rate(date(2026, 1, 1), Decimal("500.00"))]
        assert sum_rent(week, start_on=date(2026, 3, 8), end_on=date(2026, 3, 9), rates=rates) == Decimal("0.00")


NIGHT = USUAL_HOURS["NIGHT"]


class TestShifts:
    @given(start_on=days, length=lengths)
    def test_days_after_days_leave_no_gap(self, start_on: date, length: int) -> None:
        end_on = start_on + timedelta(days=length)
        for hours in (None, USUAL_HOURS["DAY"]):
            first = span_of_days(start_on, end_on, hours)
            second = span_of_days(end_on + timedelta(days=1), end_on + timedelta(days=9), hours)
            assert first.until_at == second.from_at

    def test_a_night_runs_from_its_hour_to_the_morning_after(self) -> None:
        span = span_of_days(date(2026, 3, 7), date(2026, 3, 7), NIGHT)
        # The clocks change in it: 17:00 EST to 05:00 EDT are eleven hours.
        assert span.from_at == datetime(2026, 3, 7, 17, tzinfo=NEW_YORK)
        assert span.until_at.timestamp() - span.from_at.timestamp() == 11 * 3600

    @given(st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2089, 1, 1)))  # noqa: DTZ001
    def test_day_and_night_share_every_moment_between_them(self, naive: datetime) -> None:
        moment = naive.replace(tzinfo=NEW_YORK)
        assert is_in_shift(moment, USUAL_HOURS["DAY"]) != is_in_shift(moment, NIGHT)
        assert is_in_shift(moment, None)

    @pytest.mark.parametrize(
        ("clock", "hours", "day"),
        [
            (time(4, 59), NIGHT, date(2026, 3, 9)),
            (time(5), NIGHT, date(2026, 3, 10)),
            (time(4, 59), USUAL_HOURS["DAY"], date(2026, 3, 10)),
            (time(4, 59), None, date(2026, 3, 10)),
        ],
    )
    def test_the_small_hours_belong_to_the_night_before(self, clock: time, hours: Hours | None, day: date) -> None:
        assert lease_day(datetime.combine(date(2026, 3, 10), clock, tzinfo=NEW_YORK), hours) == day


class TestEarliestSettlement:
    def test_a_deposit_is_settled_thirty_days_after_the_end(self) -> None:
        assert earliest_settlement(date(2026, 3, 24)) == date(2026, 4, 23)
