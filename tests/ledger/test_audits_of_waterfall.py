"""The audits of the waterfall judge each application by what was posted before it."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import LedgerBalance, LedgerPosting, WaterfallOrder
from tests.ledger.hostile import SATURDAY, Week, apply_by_hand, findings_of
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(made: Week) -> Week:
    return deepcopy(made)


@pytest.fixture(scope="module")
def made(made_once: MadeOnce) -> Week:
    return made_once(Week)


class TestWaterfall:
    audit_name = "ledger.waterfall"

    def test_names_a_higher_category_that_was_skipped(self, week):
        taxes = week.charge("TAXES", "40.00", "TAXES-2")
        loan = week.charge("LOAN", "30.00", "LOAN-1-1")
        skipping = apply_by_hand(loan, week.earnings, "30.00")
        assert findings_of(self.audit_name) == [
            f"Application {skipping.pk} paid 30.00 on LOAN-1-1 (LOAN, due Mar 7, 2026) while 100.00 of EZPASS-1 "
            "(EZPASS, due Mar 7, 2026) was unpaid.",
            f"Application {skipping.pk} paid 30.00 on LOAN-1-1 (LOAN, due Mar 7, 2026) while 40.00 of TAXES-2 (TAXES, "
            "due Mar 7, 2026) was unpaid.",
        ]
        assert taxes.pk > week.tolls.pk

    def test_names_an_older_one_of_the_same_category(self, week):
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        older = week.charge("MISC", "10.00", "MISC-1", due_on=SATURDAY - timedelta(days=1))
        younger = week.charge("MISC", "10.00", "MISC-2")
        same_day = week.charge("MISC", "10.00", "MISC-3")
        apply_by_hand(same_day, week.earnings, "5.00")
        assert [finding.split(" while ")[1] for finding in findings_of(self.audit_name)] == [
            "10.00 of MISC-1 (MISC, due Mar 6, 2026) was unpaid.",
            "10.00 of MISC-2 (MISC, due Mar 7, 2026) was unpaid.",
        ]
        assert older.pk < younger.pk < same_day.pk

    def test_judges_by_what_was_posted_before(self, week):
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        week.charge("TAXES", "40.00", "TAXES-LATE")
        assert findings_of(self.audit_name) == []

    def test_does_not_mind_what_was_not_due(self, week):
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        week.charge("TAXES", "40.00", "TAXES-NEXT", due_on=SATURDAY + timedelta(days=1))
        loan = week.charge("LOAN", "30.00", "LOAN-1-1")
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        assert LedgerBalance.objects.get(pk=loan.pk).remaining == 0
        assert findings_of(self.audit_name) == []

    def test_does_not_mind_an_act_with_a_reason(self, week):
        loan = week.charge("LOAN", "30.00", "LOAN-1-1")
        apply_by_hand(loan, week.earnings, "30.00", reason="Carried over")
        assert findings_of(self.audit_name) == []

    def test_judges_by_the_order_in_force(self, week):
        WaterfallOrder.objects.create(effective_on=SATURDAY, categories=list(reversed(OBLIGATION_CATEGORIES)))
        loan = week.charge("LOAN", "30.00", "LOAN-1-1")
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        assert LedgerBalance.objects.get(pk=loan.pk).remaining == 0
        assert findings_of(self.audit_name) == []
        # Neither an order of another date nor one decided afterwards judges it.
        WaterfallOrder.objects.create(effective_on=SATURDAY, categories=list(OBLIGATION_CATEGORIES))
        WaterfallOrder.objects.create(effective_on=SATURDAY + timedelta(days=1), categories=list(OBLIGATION_CATEGORIES))
        assert findings_of(self.audit_name) == []

    def test_names_what_the_order_in_force_forbids(self, week):
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        WaterfallOrder.objects.create(effective_on=SATURDAY, categories=list(reversed(OBLIGATION_CATEGORIES)))
        week.charge("LOAN", "30.00", "LOAN-1-1")
        apply_by_hand(week.charge("TAXES", "10.00", "TAXES-2"), week.earnings, "10.00")
        (finding,) = findings_of(self.audit_name)
        assert finding.endswith("while 30.00 of LOAN-1-1 (LOAN, due Mar 7, 2026) was unpaid.")


class TestCredits:
    audit_name = "ledger.credits"

    def test_names_an_older_credit_that_was_left(self, week):
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        misc = week.charge("MISC", "10.00", "MISC-1")
        younger = ledger.post_earnings(
            driver_id=week.driver_id, amount=Decimal("70.00"), reference_id="CURB-2", effective_on=SATURDAY
        )
        used = apply_by_hand(misc, younger, "5.00")
        left = [
            f"Application {used.pk} of 5.00 used CURB-2 (Mar 7, 2026) while {balance.remaining} of "
            f"{balance.reference_id} (Mar 7, 2026) was left."
            for balance in LedgerBalance.objects.open()
            .held_credits()
            .without_deposits()
            .filter(pk__lt=younger.pk)
            .order_by("pk")
        ]
        assert len(left) >= 1
        assert findings_of(self.audit_name) == left

    def test_names_a_deposit_that_the_waterfall_used(self, week):
        misc = week.charge("MISC", "10.00", "MISC-1")
        payment = ledger.apply_interim_payment(
            payment_amount=Decimal("50.00"),
            deposit=Decimal("50.00"),
            lease_id=week.lease.pk,
            driver_id=week.driver_id,
            payment_method="CASH",
            allocations={},
            effective_on=SATURDAY,
        )
        used = apply_by_hand(misc, LedgerPosting.objects.get(payment=payment), "5.00")
        assert findings_of(self.audit_name)[-1] == (
            f"Application {used.pk} of 5.00, effective Mar 7, 2026, used {payment.postings.get().reference_id} "
            "(DEPOSIT, Mar 7, 2026), which the waterfall never uses."
        )

    def test_names_a_credit_of_a_later_day(self, week):
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        misc = week.charge("MISC", "10.00", "MISC-1")
        later = ledger.post_earnings(
            driver_id=week.driver_id,
            amount=Decimal("70.00"),
            reference_id="CURB-2",
            effective_on=SATURDAY + timedelta(days=7),
        )
        apply_by_hand(misc, later, "5.00")
        assert findings_of(self.audit_name)[-1].endswith(
            "used CURB-2 (EARNINGS, Mar 14, 2026), which the waterfall never uses."
        )
