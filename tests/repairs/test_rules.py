"""Cutting an invoice into installments: by its band, to the cent, due on Saturdays."""

from datetime import date
from decimal import Decimal

import pytest

from leases.models import Lease
from ledger.installments.rules import DEFAULT_BANDS
from ledger.installments.services import PlanTooLong
from repairs import rules

SUNDAY = date(2026, 11, 15)


def plan(amount: str) -> list[str]:
    return [str(part.amount) for part in rules.plan_invoice(Decimal(amount), starts_on=SUNDAY, bands=DEFAULT_BANDS)]


class TestPlanInvoice:
    @pytest.mark.parametrize(
        ("amount", "expected"),
        [
            ("0.01", ["0.01"]),
            ("200.00", ["200.00"]),
            ("200.01", ["100.00", "100.00", "0.01"]),
            ("200.99", ["100.00", "100.00", "0.99"]),
            ("500.00", ["100.00"] * 5),
            ("500.50", ["200.00", "200.00", "100.50"]),
            ("1000.00", ["200.00"] * 5),
            ("1000.01", ["250.00"] * 4 + ["0.01"]),
            ("3000.00", ["250.00"] * 12),
            ("3000.01", ["300.00"] * 10 + ["0.01"]),
        ],
    )
    def test_by_its_band(self, amount: str, expected: list[str]) -> None:
        assert plan(amount) == expected

    def test_is_due_on_saturdays_one_after_the_other(self) -> None:
        parts = rules.plan_invoice(Decimal("500.50"), starts_on=SUNDAY, bands=DEFAULT_BANDS)
        assert [(part.number, part.due_on) for part in parts] == [
            (1, date(2026, 11, 21)),
            (2, date(2026, 11, 28)),
            (3, date(2026, 12, 5)),
        ]

    def test_by_what_was_agreed(self) -> None:
        parts = rules.plan_invoice(
            Decimal("120.00"), starts_on=SUNDAY, bands=DEFAULT_BANDS, weekly_amount=Decimal("50.00")
        )
        assert [str(part.amount) for part in parts] == ["50.00", "50.00", "20.00"]

    def test_not_beyond_ten_years(self) -> None:
        assert len(plan("156000.00")) == 520
        with pytest.raises(PlanTooLong) as refusal:
            plan("156000.01")
        assert refusal.value.at_field == "amount"


class TestReferences:
    def test_name_the_invoice_and_the_installments_number(self) -> None:
        assert rules.name_installment(5, 2) == "REPAIR-5-2"


class TestDefaultMaintenance:
    def test_names_each_type_of_lease_once(self) -> None:
        """35 RCNY § 58-21: with a lease by shift or by week the owner maintains the cab."""
        bearers = [(rule.lease_type, rule.is_owners) for rule in rules.DEFAULT_MAINTENANCE]
        assert sorted(bearers) == [
            ("DRIVER_OWNED", False),
            ("LONG_TERM", False),
            ("MEDALLION_ONLY", False),
            ("SHIFT", True),
            ("SHORT_TERM", True),
        ]
        assert {lease_type for lease_type, _ in bearers} == set(Lease.Type.values)
