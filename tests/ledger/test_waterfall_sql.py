"""The waterfall in SQL does what the waterfall in Python says, step for step, and its audits agree with both."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audits import examine, list_audits
from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import LedgerBalance, LedgerPosting, WaterfallOrder
from ledger.waterfall import OpenCredit, OpenDebt, Step, apply_credits
from tests.factories import DriverFactory
from tests.ledger.proofs import THURSDAY

SATURDAY = date(2026, 3, 7)

drivers = st.integers(min_value=0, max_value=2)
days = st.integers(min_value=-2, max_value=3).map(lambda back: SATURDAY - timedelta(days=back))
amounts = st.integers(min_value=1, max_value=5_000).map(lambda cents: Decimal(cents).scaleb(-2))
charges = st.lists(st.tuples(drivers, st.sampled_from(OBLIGATION_CATEGORIES), days, amounts), max_size=14)
earnings = st.lists(st.tuples(drivers, days, amounts), max_size=7)


class RollBack(Exception):
    """Ends an example without keeping its rows."""


def read_open(driver_id: int) -> tuple[list[OpenDebt], list[OpenCredit]]:
    balances = LedgerBalance.objects.open().filter(driver_id=driver_id)
    debts = [
        OpenDebt(balance.pk, balance.category, balance.due_on, balance.remaining)
        for balance in balances.obligations()
        if balance.due_on and balance.due_on <= SATURDAY and balance.effective_on <= SATURDAY
    ]
    held = balances.held_credits().filter(effective_on__lte=SATURDAY)
    return debts, [OpenCredit(balance.pk, balance.effective_on, balance.remaining) for balance in held]


def post(driver_ids: list[int], charged: list, earned: list, run: int) -> None:
    ledger.create_obligations(
        ledger.Opening(
            category=category,
            amount=amount,
            reference_id=f"CHARGE-{run}-{number}",
            driver_id=driver_ids[driver],
            due_on=due_on,
            effective_on=THURSDAY,
        )
        for number, (driver, category, due_on, amount) in enumerate(charged)
    )
    ledger.post_earnings_batch(
        ledger.Opening(
            amount=amount,
            reference_id=f"CURB-{run}-{number}",
            driver_id=driver_ids[driver],
            effective_on=effective_on,
            category="EARNINGS",
        )
        for number, (driver, effective_on, amount) in enumerate(earned)
    )


def apply_and_compare(driver_ids: list[int], order: list[str]) -> None:
    expected = {driver_id: apply_credits(*read_open(driver_id), order) for driver_id in driver_ids}
    before = set(LedgerPosting.objects.values_list("pk", flat=True))
    ledger.apply_weekly_earnings(as_of=SATURDAY)
    applied = LedgerPosting.objects.exclude(pk__in=before).order_by("pk")
    for driver_id in driver_ids:
        steps = [
            Step(posting.balance_id, posting.funding_id, posting.amount)
            for posting in applied
            if posting.driver_id == driver_id and posting.balance_id and posting.funding_id
        ]
        assert steps == expected[driver_id]
    assert len(applied) == sum(len(steps) for steps in expected.values())


@pytest.mark.django_db
class TestApplyWeeklyEarnings:
    @settings(max_examples=50, deadline=None)
    @given(charges, earnings, charges, earnings, st.permutations(list(OBLIGATION_CATEGORIES)))
    def test_does_what_python_says_two_weeks_running(self, charged, earned, charged_later, earned_later, order):
        try:
            with transaction.atomic():
                driver_ids = [driver.pk for driver in DriverFactory.create_batch(3)]
                WaterfallOrder.objects.create(effective_on=SATURDAY, categories=order)
                post(driver_ids, charged, earned, run=1)
                apply_and_compare(driver_ids, order)
                post(driver_ids, charged_later, earned_later, run=2)
                apply_and_compare(driver_ids, order)
                waterfall = [found for found in list_audits() if found.name in ("ledger.waterfall", "ledger.credits")]
                assert [sentence for found in examine(waterfall) for sentence in found.findings] == []
                raise RollBack
        except RollBack:
            pass
