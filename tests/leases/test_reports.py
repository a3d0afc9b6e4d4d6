"""The reports about leases, with figures from a calculator."""

from datetime import date
from decimal import Decimal

import pytest

from leases import services as leases
from ledger import services as ledger
from ledger.models import LedgerBalance
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory, VehicleFactory, WeeklyCapFactory
from tests.ledger.proofs import charge, hold_deposit, pay
from tests.reports import lines, read

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 31)
MARCH_1 = date(2026, 3, 1)


class TestRents:
    def test_rent_by_week_with_its_cap(self):
        """Four of seven days at 1,000.00: 571.43 charged, 400.00 allowed of 700.00; 300.00 paid, 71.43 forgiven."""
        driver = DriverFactory.create(first_name="Anil", last_name="Jeudy")
        lease = LeaseFactory.create(
            primary_driver=driver, vehicle__medallion="8H59", start_on=date(2026, 3, 4), weekly_amount=Decimal(1000)
        )
        WeeklyCapFactory.create(amount=Decimal(700), source="35 RCNY 58-21")
        LeaseInstallmentFactory.create(lease=lease, week_start=MARCH_1, amount=Decimal("571.43"))
        LeaseInstallmentFactory.create(lease=lease, week_start=date(2026, 3, 8), number=2)
        reference = f"LEASE-{lease.pk}-2026W10"
        on = {"effective_on": date(2026, 3, 7)}
        charge(driver, reference, "571.43", due_on=date(2026, 3, 7), lease_id=lease.pk, **on)
        pay(driver, "300.00", {reference: "300.00"}, **on)
        ledger.write_off_obligation(
            posting_id=LedgerBalance.objects.get(reference_id=reference).pk, amount=Decimal("71.43"), reason="Agreed",
            actor=None, **on,
        )  # fmt: skip
        columns: tuple[str, ...] = ("week_start", "cab", "weekly", "cap", "charged", "paid", "forgiven", "open")
        weeks = {"from_week": "2026-03-04", "to_week": "2026-03-08"}
        assert lines("rent-by-week", *columns, today=TODAY, **weeks) == [
            ("Mar 1–7", "8H59", "1,000.00", "400.00", "571.43", "300.00", "71.43", "200.00"),
            ("Mar 8–14", "8H59", "1,000.00", "700.00", "–", "–", "–", "–"),
            ("", "", "", "", "571.43", "300.00", "71.43", "200.00"),
        ]
        columns = ("driver", "cab", "lease_type", "shift", "start_on", "weekly", "cap", "rule", "deposit")
        assert lines("leases-and-caps", *columns, today=TODAY)[0] == (
            "Jeudy, Anil", "8H59", "Long-term", "Full time", "Mar 4, 2026", "1,000.00", "700.00", "35 RCNY 58-21", "–"
        )  # fmt: skip
        assert read("leases-and-caps", today=TODAY, as_of="2026-03-03").count == 0
        assert read("leases-and-caps", today=TODAY, lease_type="SHIFT").count == 0


class TestDeposits:
    def test_how_they_stand_and_what_became_of_one(self):
        """500.00 asked and received; a debt of 120.00 is paid by it on Apr 10, and 380.00 go back."""
        driver = DriverFactory.create(first_name="Anil", last_name="Jeudy", phone="555-0100")
        lease = LeaseFactory.create(
            primary_driver=driver, vehicle=VehicleFactory.create(), end_on=date(2026, 3, 10), deposit=Decimal(500)
        )
        hold_deposit(driver, lease.pk, "500.00", effective_on=date(2026, 1, 5))
        charge(driver, "MISC-1", "120.00", lease_id=lease.pk, due_on=date(2026, 3, 14), description="Lost key",
               effective_on=date(2026, 3, 9))  # fmt: skip
        columns: tuple[str, ...] = ("asked", "received", "applied", "released", "held", "ended_on", "settle_on", "kept")
        march = ("500.00", "500.00", "–", "–", "500.00", "Mar 10, 2026", "Apr 9, 2026", "–")
        settled = ("500.00", "500.00", "120.00", "380.00", "–", "Mar 10, 2026", "", "–")
        assert lines("deposits", *columns, today=TODAY)[0] == march
        owing = ("driver", "ended_on", "owed", "deposit", "settle_on", "phone", "last_payment")
        assert lines("left-and-owe", *owing, today=TODAY) == [
            ("Jeudy, Anil", "Mar 10, 2026", "120.00", "500.00", "Apr 9, 2026", "555-0100", "Jan 5, 2026"),
            ("", "", "120.00", "500.00", "", "", ""),
        ]
        assert read("left-and-owe", today=TODAY, as_of="2026-03-10").count == 0  # its last day
        assert read("deposits", today=TODAY, show="DUE").count == 0

        leases.settle_deposit(
            lease_id=lease.pk, method="CHECK", instrument_number="77", reason="Lease over", as_of=date(2026, 4, 10),
            actor=None,
        )  # fmt: skip
        assert lines("deposits", *columns, today=date(2026, 4, 11))[0] == settled
        assert lines("deposits", *columns, today=date(2026, 4, 11), as_of=TODAY)[0] == march
        columns = ("effective_on", "what", "words", "reference_id", "received", "applied", "released", "held")
        assert lines("deposit-statement", *columns, today=TODAY, lease=lease.pk) == [
            ("Jan 5, 2026", "Received", "", "DEPOSIT-000001", "500.00", "–", "–", "500.00"),
            ("Apr 10, 2026", "Paid", "Lost key", "MISC-1", "–", "120.00", "–", "380.00"),
            ("Apr 10, 2026", "Paid back", "", "OUT-000001", "–", "–", "380.00", "–"),
            ("", "", "", "", "500.00", "120.00", "380.00", ""),
        ]
        assert read("deposit-statement", today=TODAY).count == 0
