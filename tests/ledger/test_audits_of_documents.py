"""Audits of documents, accounts, books, plans and guards name what somebody changed behind the guards."""

from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ledger.models import LedgerPosting
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory
from tests.ledger.hostile import Week, findings_of, run_sql, tamper
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(made: Week) -> Week:
    return deepcopy(made)


@pytest.fixture(scope="module")
def made(made_once: MadeOnce) -> Week:
    return made_once(Week)


class TestPayments:
    audit_name = "ledger.payments"

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (
                "amount = 401.00",
                "Payment 1 of 401.00 (deposit 275.00) has postings of 400.00 (deposit 275.00), 0 of them another "
                "driver's.",
            ),
            (
                "deposit = 200.00",
                "Payment 1 of 400.00 (deposit 200.00) has postings of 400.00 (deposit 275.00), 0 of them another "
                "driver's.",
            ),
            (
                "driver_id = {other}",
                "Payment 1 of 400.00 (deposit 275.00) has postings of 400.00 (deposit 275.00), 4 of them another "
                "driver's.",
            ),
        ],
    )
    def test_names_a_document_that_says_otherwise(self, week, change, sentence):
        change = change.format(other=DriverFactory.create().pk)
        tamper("ledger_payments", f"UPDATE ledger_payments SET {change} WHERE id = %s", week.payment.pk)
        assert findings_of(self.audit_name) == [sentence]


class TestPayouts:
    audit_name = "ledger.payouts"

    def test_names_a_document_that_says_otherwise(self, week):
        tamper("ledger_payouts", "UPDATE ledger_payouts SET amount = 90.00 WHERE id = %s", week.payout.pk)
        assert findings_of(self.audit_name) == [
            f"Payout {week.payout.number} of 90.00 has postings of 100.00, 0 of them another driver's, "
            "0 of another lease."
        ]

    def test_names_a_payout_of_a_lease_that_draws_anothers_credits(self, week):
        other = LeaseFactory.create()
        tamper("ledger_payouts", "UPDATE ledger_payouts SET lease_id = %s WHERE id = %s", other.pk, week.payout.pk)
        (finding,) = findings_of(self.audit_name)
        assert finding.startswith(f"Payout {week.payout.number} of 100.00 ")
        assert not finding.endswith(" 0 of another lease.")


class TestNumbers:
    audit_name = "ledger.numbers"

    def test_names_a_gap(self, week):
        tamper("ledger_payments", "UPDATE ledger_payments SET number = 3 WHERE id = %s", week.payment.pk)
        assert findings_of(self.audit_name) == [
            "Payment 1 is missing; the last is 3.",
            "Payment 2 is missing; the last is 3.",
        ]

    def test_names_a_document_that_is_gone(self, week):
        run_sql("ALTER TABLE ledger_postings DROP CONSTRAINT IF EXISTS ledger_postings_payout_exists")
        tamper("ledger_payouts", "DELETE FROM ledger_payouts WHERE number = %s", week.payout.number - 1)
        assert findings_of(self.audit_name) == ["Payout 1 is missing; the last is 2."]


class TestAccounts:
    audit_name = "ledger.accounts"

    def test_names_an_account_that_is_gone(self, week):
        tamper("ledger_accounts", "DELETE FROM ledger_accounts WHERE driver_id = %s", week.driver_id)
        assert findings_of(self.audit_name) == [f"Driver {week.driver_id} has postings and no account."]

    def test_names_a_cut_at_no_posting_of_the_driver(self, week):
        tamper(
            "ledger_accounts", "UPDATE ledger_accounts SET sealed_through = 999999 WHERE driver_id = %s", week.driver_id
        )
        assert findings_of(self.audit_name) == [
            f"The account of driver {week.driver_id} is cut at 999999, which is no posting of theirs."
        ]


class TestClock:
    audit_name = "ledger.clock"

    def test_names_a_posting_dated_back(self, week):
        tamper(
            "ledger_postings",
            "UPDATE ledger_postings SET posted_at = posted_at - interval '1 day' WHERE id = %s",
            week.taxes.pk,
        )
        (finding,) = findings_of(self.audit_name)
        assert finding.startswith(f"Posting {week.taxes.pk} of driver {week.driver_id} bears ")

    def test_names_a_posting_of_the_future(self, week):
        last = LedgerPosting.objects.latest("id")
        tamper(
            "ledger_postings",
            "UPDATE ledger_postings SET posted_at = %s WHERE id = %s",
            timezone.now() + timedelta(days=1),
            last.pk,
        )
        (finding,) = findings_of(self.audit_name)
        assert finding.startswith(f"Posting {last.pk} of driver {week.driver_id} bears ")
        assert finding.endswith("which is yet to come.")


class TestInstallments:
    audit_name = "ledger.installments"

    def test_names_a_mark_without_a_charge(self, week):
        rent = LeaseInstallmentFactory.create(lease=week.lease, number=10, posted_at=datetime(2026, 3, 8, tzinfo=timezone.get_current_timezone()))  # noqa: E501  # fmt: skip
        assert findings_of(self.audit_name) == [
            f"The lease installment {rent.reference_id} of 500.00 is marked posted, and the ledger has no such charge."
        ]

    def test_names_a_charge_without_a_mark(self, week):
        week.lease.installments.update(posted_at=None)
        assert findings_of(self.audit_name) == [
            f"The lease installment {week.rent.reference_id} is in the ledger, and not marked posted."
        ]

    def test_names_a_charge_of_another_amount(self, week):
        week.lease.installments.update(amount=Decimal("450.00"))
        (finding,) = findings_of(self.audit_name)
        assert finding.startswith(f"The lease installment {week.rent.reference_id} of 450.00 is marked posted")


class TestGuards:
    audit_name = "ledger.guards"

    def test_names_a_guard_that_was_touched(self):
        """All that can be done to one: ``tests/core/test_shipped_guards.py``."""
        run_sql("DROP TRIGGER ledger_balances_never_deleted ON ledger_balances")
        assert findings_of(self.audit_name) == [
            "The trigger ledger_balances_never_deleted on ledger_balances is missing."
        ]
