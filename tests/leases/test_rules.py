"""The rent of a lease, week by week."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kit.weeks import week_of
from leases.rules import name_rent, pro_rate, schedule_rent

cents = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999999999.99"), places=2)
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 12, 31))
lengths = st.integers(min_value=0, max_value=3_659)


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
    def test_multiplies_then_rounds_once(self, weekly: str, of_days: int, rent: str) -> None:
        assert pro_rate(Decimal(weekly), of_days) == Decimal(rent)


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
