"""Cutting an invoice into installments: by its band, to the cent, whatever the amount."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.installments.rules import (
    DEFAULT_BANDS,
    Band,
    BandsInvalid,
    PlanStartInvalid,
    PlanTooLong,
    check_bands,
    check_start,
    find_delay,
    find_weekly_amount,
    split_amount,
)
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

    def test_every_amount_to_ten_thousand_dollars_is_split_to_the_cent(self) -> None:
        """Each cent from 0.01 to 10,000.00: the sum is the amount, nothing is zero, the last is at most the others."""
        cent, amount = Decimal("0.01"), Decimal("0.00")
        for _ in range(1_000_000):
            amount += cent
            parts = split_amount(amount, find_weekly_amount(amount, DEFAULT_BANDS))
            first, last, others = parts[0], parts[-1], len(parts) - 1
            is_right = 0 < last <= first and parts.count(first) >= others and first * others + last == amount
            if not is_right:
                pytest.fail(f"{amount} became {parts}")

    def test_a_sample_by_any_bands(self) -> None:
        generator = random.Random(3)
        for _ in range(2_000):
            bounds = sorted(generator.sample(range(100, 400_000), 3))
            bands = [
                Band(Decimal(bound).scaleb(-2), Decimal(generator.randint(2_000, 50_000)).scaleb(-2))
                for bound in bounds
            ]
            bands.append(Band(None, Decimal("300.00")))
            amount = Decimal(generator.randint(1, 1_000_000)).scaleb(-2)
            parts = split_amount(amount, find_weekly_amount(amount, bands))
            assert sum(parts) == amount
            assert len(set(parts[:-1])) <= 1
            assert all(part > 0 for part in parts)
            assert parts[-1] <= parts[0]


class TestBands:
    def test_the_defaults_stand(self) -> None:
        assert check_bands(DEFAULT_BANDS) == list(DEFAULT_BANDS)

    @pytest.mark.parametrize(
        "bands",
        [
            [],
            [Band(Decimal(200), None)],
            [Band(None, None), Band(None, Decimal(100))],
            [Band(None, Decimal(100)), Band(Decimal(200), None)],
            [Band(Decimal(500), Decimal(100)), Band(Decimal(200), None), Band(None, Decimal(300))],
            [Band(Decimal(500), Decimal(100)), Band(Decimal(500), None), Band(None, Decimal(300))],
        ],
    )
    def test_a_gap_or_an_overlap_is_refused(self, bands: list[Band]) -> None:
        with pytest.raises(BandsInvalid) as refusal:
            check_bands(bands)
        assert refusal.value.at_field == "bands"

    @pytest.mark.parametrize("bad", ["0", "-1", "0.001", "NaN", "Infinity", "1e12"])
    def test_a_bad_amount_is_refused(self, bad: str) -> None:
        for bands in ([Band(Decimal(bad), None), Band(None, Decimal(1))], [Band(None, Decimal(bad))]):
            with pytest.raises(ledger.InvalidAmount) as refusal:
                check_bands(bands)
            assert refusal.value.at_field == "bands"


class TestStart:
    @pytest.mark.parametrize("today", [SUNDAY, SUNDAY + timedelta(days=3), SUNDAY + timedelta(days=6)])
    def test_this_week_or_next(self, today: date) -> None:
        check_start(SUNDAY, today)
        check_start(SUNDAY + timedelta(days=7), today)
        for days in (-7, -1, 1, 6, 8, 14):
            with pytest.raises(PlanStartInvalid):
                check_start(SUNDAY + timedelta(days=days), today)

    @pytest.mark.parametrize(
        ("first_due_on", "weeks"), [(date(2026, 11, 21), 0), (date(2026, 11, 7), 2), (date(2026, 12, 5), 0)]
    )
    def test_a_plan_goes_on_late_never_early(self, first_due_on: date, weeks: int) -> None:
        assert find_delay(first_due_on, SUNDAY) == timedelta(weeks=weeks)
