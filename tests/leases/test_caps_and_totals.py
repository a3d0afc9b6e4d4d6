"""Weeks above the legal cap, and what is paid of a driver's own vehicle."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from leases import selectors
from tests.factories import WeeklyCapFactory
from tests.leases.office import charge_rent, pay, start_lease

pytestmark = pytest.mark.django_db


class TestCaps:
    def test_warns_of_weeks_above_the_cap_of_their_first_day(self) -> None:
        WeeklyCapFactory.create(from_on=date(2026, 1, 1), amount=Decimal("500.00"))
        WeeklyCapFactory.create(from_on=date(2026, 3, 15), amount=Decimal("499.99"))
        WeeklyCapFactory.create(lease_type="SHIFT", amount=Decimal("1.00"))
        WeeklyCapFactory.create(shift="DAY", amount=Decimal("1.00"))
        lease = start_lease()
        assert [str(week) for week in selectors.list_weeks_above_cap(lease)] == [
            "Rent Mar 15–21, due Mar 21, 2026: $500.00 is above the cap of $499.99",
            "Rent Mar 22–28, due Mar 28, 2026: $214.29 for 3 of 7 days is above $214.28, their part of the cap of "
            "$499.99 a week",
        ]

    def test_compares_a_part_of_a_week_with_its_part_of_the_cap(self) -> None:
        """4 of 7 days at 1,000.00 charge 571.43; under a cap of 700.00 a week 400.00 is allowed."""
        WeeklyCapFactory.create(from_on=date(2026, 1, 1), amount=Decimal("700.00"))
        lease = start_lease(weekly_amount=Decimal("1000.00"), end_on=date(2026, 3, 7))
        assert [str(week) for week in selectors.list_weeks_above_cap(lease)] == [
            "Rent Mar 1–7, due Mar 7, 2026: $571.43 for 4 of 7 days is above $400.00, their part of the cap of "
            "$700.00 a week"
        ]

    def test_a_part_of_a_week_at_the_cap_is_not_above_it(self) -> None:
        WeeklyCapFactory.create(from_on=date(2026, 1, 1), amount=Decimal("500.00"))
        assert selectors.list_weeks_above_cap(start_lease()) == []

    def test_the_first_day_of_rent_tells_the_cap_of_a_first_week(self) -> None:
        # The lease starts on Wednesday, the cap on the day before.
        WeeklyCapFactory.create(from_on=date(2026, 3, 3), amount=Decimal("400.00"))
        assert str(selectors.list_weeks_above_cap(start_lease())[0]) == (
            "Rent Mar 1–7, due Mar 7, 2026: $285.71 for 4 of 7 days is above $228.57, their part of the cap of "
            "$400.00 a week"
        )

    def test_warns_of_nothing_where_nobody_entered_a_cap(self) -> None:
        assert selectors.list_weeks_above_cap(start_lease()) == []

    def test_finds_the_cap_in_force(self) -> None:
        first = WeeklyCapFactory.create(from_on=date(2026, 1, 1))
        second = WeeklyCapFactory.create(from_on=date(2026, 3, 1))
        days = [date(2025, 12, 31), date(2026, 2, 28), date(2026, 3, 1)]
        assert [selectors.find_cap(lease_type="LONG_TERM", shift="FULL", on=day) for day in days] == [
            None,
            first,
            second,
        ]

    def test_one_cap_begins_on_a_day(self) -> None:
        WeeklyCapFactory.create()
        with pytest.raises(IntegrityError, match="leases_weeklycap_one_a_day"), transaction.atomic():
            WeeklyCapFactory.create()


class TestSumSchedule:
    def test_says_what_is_paid_to_date_and_what_remains(self) -> None:
        lease = start_lease(lease_type="DRIVER_OWNED")
        charge_rent(date(2026, 3, 14))
        pay(lease, "400.00", W10="285.71", W11="114.29")
        totals = selectors.sum_schedule(selectors.list_schedule(lease.pk))
        assert (totals.total, totals.settled, totals.remaining) == (
            Decimal("1500.00"),
            Decimal("400.00"),
            Decimal("1100.00"),
        )
