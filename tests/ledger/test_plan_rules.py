"""Plans of installments: bands in order, amounts split to the cent, weeks that start on Sundays."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.installments.rules import (
    DEFAULT_BANDS,
    Band,
    check_bands,
    check_start,
    find_delay,
    find_weekly_amount,
    list_due_dates,
    split_amount,
)
from ledger.installments.services import BandsInvalid, PlanStartInvalid, PlanTooLong

SUNDAY = date(2026, 11, 15)


class TestSplitAmount:
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

    @pytest.mark.parametrize(
        ("amount", "weekly", "parts"),
        [
            ("0.01", "100.00", ["0.01"]),
            ("100.00", "100.00", ["100.00"]),
            ("100.01", "100.00", ["100.00", "0.01"]),
            ("250.00", "100.00", ["100.00", "100.00", "50.00"]),
        ],
    )
    def test_the_last_part_is_the_rest(self, amount: str, weekly: str, parts: list[str]) -> None:
        assert [str(part) for part in split_amount(Decimal(amount), Decimal(weekly))] == parts

    def test_not_beyond_ten_years(self) -> None:
        assert len(split_amount(Decimal("520.00"), Decimal("1.00"))) == 520
        with pytest.raises(PlanTooLong, match="520 weeks"):
            split_amount(Decimal("520.01"), Decimal("1.00"))


class TestWeeklyAmount:
    @pytest.mark.parametrize(
        ("amount", "weekly"),
        [
            ("200.00", "200.00"),  # in full
            ("200.01", "100.00"),
            ("500.00", "100.00"),
            ("500.01", "200.00"),
            ("1000.01", "250.00"),
            ("3000.00", "250.00"),
            ("3000.01", "300.00"),
        ],
    )
    def test_a_band_holds_its_bound_and_the_next_begins_a_cent_above(self, amount: str, weekly: str) -> None:
        assert find_weekly_amount(Decimal(amount), DEFAULT_BANDS) == Decimal(weekly)


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
            with pytest.raises(ledger.AmountInvalid) as refusal:
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
    def test_a_plan_resumes_late_never_early(self, first_due_on: date, weeks: int) -> None:
        assert find_delay(first_due_on, SUNDAY) == timedelta(weeks=weeks)

    def test_due_dates_are_the_saturdays_of_its_weeks(self) -> None:
        """Over the new year too: weeks are counted, not dates of a month."""
        days = list_due_dates(date(2026, 12, 20), 3)
        assert days == [date(2026, 12, 26), date(2027, 1, 2), date(2027, 1, 9)]
        assert list_due_dates(SUNDAY, 0) == []
