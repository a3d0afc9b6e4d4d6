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
            "Rent Mar 15–21, due 2026-03-21: $500.00 is above the cap of $499.99"
        ]

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
