"""The schedule of a loan: principal by the bands, interest by actual days, and what a payoff comes to."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger.installments.rules import DEFAULT_BANDS
from ledger.installments.services import PlanTooLong
from loans import rules

TUESDAY = date(2026, 11, 17)
SUNDAY = date(2026, 11, 15)


def plan(principal: str, rate: str = "10", disbursed_on: date = TUESDAY) -> list[rules.PlannedInstallment]:
    return rules.plan_loan(
        Decimal(principal),
        rate_percent=Decimal(rate),
        disbursed_on=disbursed_on,
        starts_on=SUNDAY,
        bands=DEFAULT_BANDS,
    )


class TestAccrue:
    @pytest.mark.parametrize(
        ("principal", "rate", "days", "interest"),
        [
            ("1200", "10", 4, "1.32"),  # 1.315068…
            ("1200", "0", 4, "0.00"),
            ("1200", "10", 0, "0.00"),
            ("36.50", "10", 50, "0.50"),
            ("36.50", "1", 5, "0.01"),  # 0.005 exactly: half up
            ("36.50", "1", 4, "0.00"),
            ("10000", "16", 365, "1600.00"),
        ],
    )
    def test_is_rounded_once_half_up(self, principal: str, rate: str, days: int, interest: str) -> None:
        assert str(rules.accrue(Decimal(principal), Decimal(rate), days)) == interest


class TestPlanLoan:
    def test_keeps_principal_and_interest_apart(self) -> None:
        """1,200.00 at 10 % lent on a Tuesday, 250.00 a week.

        4 days on 1,200.00   1.3151 → 1.32
        7 days on   950.00   1.8219 → 1.82
        7 days on   700.00   1.3425 → 1.34
        7 days on   450.00   0.8630 → 0.86
        7 days on   200.00   0.3836 → 0.38
        """
        assert [(str(p.due_on), str(p.principal), str(p.interest), str(p.amount)) for p in plan("1200.00")] == [
            ("2026-11-21", "250.00", "1.32", "251.32"),
            ("2026-11-28", "250.00", "1.82", "251.82"),
            ("2026-12-05", "250.00", "1.34", "251.34"),
            ("2026-12-12", "250.00", "0.86", "250.86"),
            ("2026-12-19", "200.00", "0.38", "200.38"),
        ]

    def test_interest_runs_from_an_earlier_disbursement(self) -> None:
        first = plan("1200.00", disbursed_on=date(2026, 11, 7))[0]
        assert (first.accrues_from, str(first.interest)) == (date(2026, 11, 7), "4.60")  # 14 days: 4.6027

    def test_500_50_falls_in_the_200_a_week_band(self) -> None:
        assert [str(part.amount) for part in plan("500.50", rate="0")] == ["200.00", "200.00", "100.50"]

    def test_not_beyond_ten_years(self) -> None:
        with pytest.raises(PlanTooLong):
            plan("156000.01")

    def test_any_loan_is_repaid_to_the_cent(self) -> None:
        """The principal adds up, nothing is zero, a week lies between due dates, and interest falls."""
        generator = random.Random(7)
        for _ in range(3_000):
            principal = Decimal(generator.randint(1, 1_000_000)).scaleb(-2)
            parts = plan(str(principal), str(Decimal(generator.randint(0, 1600)).scaleb(-2)))
            assert sum(part.principal for part in parts) == principal
            assert all(part.principal > 0 and part.interest >= 0 for part in parts)
            assert len({part.principal for part in parts[:-1]}) <= 1
            assert parts[-1].principal <= parts[0].principal
            assert [part.due_on for part in parts] == [
                date(2026, 11, 21) + timedelta(weeks=week) for week in range(len(parts))
            ]
            full_weeks = [part.interest for part in parts[1:]]
            assert full_weeks == sorted(full_weeks, reverse=True)


class TestComputePayoff:
    def pay_off(self, as_of: date, charged: int) -> tuple[str, str]:
        payoff = rules.compute_payoff(
            plan("1200.00"), frozenset(range(1, charged + 1)), rate_percent=Decimal(10), as_of=as_of
        )
        return str(payoff.principal), str(payoff.interest)

    @pytest.mark.parametrize(
        ("as_of", "charged", "expected"),
        [
            (date(2026, 12, 2), 2, ("700.00", "0.77")),  # the third week: 4 days on 700.00 are 0.7671
            (date(2026, 11, 28), 2, ("700.00", "0.00")),  # on a due date that is charged
            (date(2026, 11, 28), 1, ("950.00", "1.82")),  # and on one that is not yet
            (date(2026, 12, 2), 1, ("950.00", "2.59")),  # 1.82 + 0.77
            (TUESDAY, 0, ("1200.00", "0.00")),
            (date(2026, 12, 19), 0, ("1200.00", "5.72")),  # to the end: the entire interest
            (date(2027, 12, 19), 0, ("1200.00", "5.72")),  # and none on arrears
            (date(2026, 12, 2), 3, ("450.00", "0.00")),  # charged ahead: its week's interest is charged already
            (date(2026, 12, 2), 5, ("0.00", "0.00")),
        ],
    )
    def test_principal_left_and_interest_earned(self, as_of: date, charged: int, expected: tuple[str, str]) -> None:
        assert self.pay_off(as_of, charged) == expected

    def test_grows_with_the_days_and_never_beyond_the_schedule(self) -> None:
        generator = random.Random(11)
        for _ in range(1_000):
            rate = Decimal(generator.randint(0, 16))
            parts = plan(str(Decimal(generator.randint(1, 500_000)).scaleb(-2)), str(rate))
            charged = frozenset(range(1, generator.randint(0, len(parts)) + 1))
            left = [part for part in parts if part.number not in charged]
            before = Decimal("0.00")
            for days in sorted(generator.sample(range(300), 3)):
                as_of = TUESDAY + timedelta(days=days)
                payoff = rules.compute_payoff(parts, charged, rate_percent=rate, as_of=as_of)
                assert payoff.principal == sum((part.principal for part in left), start=Decimal("0.00"))
                assert before <= payoff.interest <= sum(part.interest for part in left)
                before = payoff.interest
