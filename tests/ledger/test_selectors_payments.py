"""Which money paid what, and the day's payments."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ledger import selectors
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from ledger.selectors import PaymentStatus, PaymentsTotal
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.hostile import SATURDAY, Week
from tests.ledger.proofs import THURSDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def week() -> Week:
    return Week()


def pay(driver_id: int, amount: str, **others) -> InterimPayment:
    return ledger.apply_interim_payment(
        **{
            "payment_amount": Decimal(amount),
            "allocations": {},
            "driver_id": driver_id,
            "payment_method": "CASH",
            "effective_on": SATURDAY,
            **others,
        }
    )


class TestUses:
    def test_tell_what_a_credit_paid(self, week):
        uses = list(selectors.list_uses(week.earnings.pk))
        assert [(use.kind, use.reference_id, use.amount) for use in uses] == [
            ("APPLICATION", "TAXES-1", Decimal("61.50")),
            ("APPLICATION", "EZPASS-1", Decimal("20.00")),
            ("APPLICATION", week.rent.reference_id, Decimal("500.00")),
            ("APPLICATION", "REPAIR-1-1", Decimal("40.00")),
            ("PAYOUT", "CURB-1", Decimal("100.00")),
        ]

    def test_name_the_void_of_a_use(self, week):
        (use,) = selectors.list_uses(LedgerPosting.objects.get(kind="PAYMENT").pk)
        assert (use.pk, use.voided_by_id) == (week.allocation.pk, week.void.pk)

    def test_tell_what_paid_an_obligation(self, week, django_assert_num_queries):
        with django_assert_num_queries(1):
            payers = [
                (payer.kind, payer.amount, payer.funding and payer.funding.reference_id, payer.voided_by_id)
                for payer in selectors.list_payers(week.tolls.pk)
            ]
        assert payers == [
            ("ALLOCATION", Decimal("100.00"), "PAY-000001", week.void.pk),
            ("APPLICATION", Decimal("20.00"), "CURB-1", None),
        ]
        (forgiven, _) = selectors.list_payers(week.repair.pk)
        assert (forgiven.kind, forgiven.amount, forgiven.funding) == ("WRITE_OFF", Decimal("10.00"), None)


class TestGetPaymentBreakdown:
    def test_shows_each_credit_with_its_uses(self, week):
        breakdown = selectors.get_payment_breakdown(week.payment.pk)

        assert (breakdown.status, breakdown.payment, breakdown.recovery) == (PaymentStatus.OPEN, week.payment, None)
        money, deposit = breakdown.credits
        assert (money.balance.category, money.balance.original_amount) == ("PAYMENT", Decimal("125.00"))
        assert [use.pk for use in money.uses] == [week.allocation.pk]
        assert deposit.balance.pk == week.deposit.pk
        assert [(use.kind, use.amount) for use in deposit.uses] == [
            ("APPLICATION", Decimal("15.00")),
            ("PAYOUT", Decimal("25.00")),
        ]
        assert breakdown.remaining == money.balance.remaining + Decimal("235.00")

    def test_tells_a_payment_voided_in_part_from_one_voided_wholly(self):
        lease = LeaseFactory.create()
        payment = pay(lease.primary_driver_id, "100.00", deposit=Decimal("40.00"), lease_id=lease.pk)
        deposit = payment.postings.get(kind="DEPOSIT")
        ledger.void_posting(posting_id=deposit.pk, reason="No deposit", actor=None, effective_on=THURSDAY)
        breakdown = selectors.get_payment_breakdown(payment.pk)
        assert (breakdown.status, breakdown.remaining) == (PaymentStatus.PARTLY_VOIDED, Decimal("60.00"))

        ledger.void_payment(payment_id=payment.pk, reason="Wrong driver", actor=None, effective_on=THURSDAY)
        breakdown = selectors.get_payment_breakdown(payment.pk)
        assert (breakdown.status, breakdown.remaining) == (PaymentStatus.VOIDED, Decimal("0.00"))

    def test_is_open_while_only_an_allocation_was_voided(self, week):
        assert selectors.get_payment_breakdown(week.payment.pk).status == PaymentStatus.OPEN

    def test_shows_a_bounced_check_that_had_left_as_returned(self):
        driver_id = DriverFactory.create().pk
        payment = pay(driver_id, "100.00", payment_method="CHECK", instrument_number="1001")
        ledger.pay_out(driver_id=driver_id, amount=Decimal("60.00"), method="CASH", effective_on=SATURDAY)
        ledger.void_payment(
            payment_id=payment.pk,
            reason="Bounced",
            actor=None,
            returned_item=True,
            was_at_bank=True,
            effective_on=SATURDAY,
        )

        breakdown = selectors.get_payment_breakdown(payment.pk)
        assert breakdown.status == PaymentStatus.RETURNED
        assert breakdown.recovery == LedgerBalance.objects.get(category="RECOVERY")
        assert breakdown.recovery is not None
        assert breakdown.recovery.remaining == Decimal("60.00")
        # Undone, it is a payment again.
        ledger.void_posting(posting_id=breakdown.recovery.pk, reason="It cleared", actor=None, effective_on=THURSDAY)
        assert selectors.get_payment_breakdown(payment.pk).status == PaymentStatus.OPEN

    def test_refuses_an_unknown_payment(self):
        with pytest.raises(ledger.PaymentNotFound):
            selectors.get_payment_breakdown(1)


class TestPaymentsByDay:
    def test_lists_and_sums_by_cashier_and_method_with_the_voided_apart(self, django_assert_num_queries):
        ann, bob = UserFactory.create(username="ann"), UserFactory.create(username="bob")
        driver_id = DriverFactory.create().pk
        ann_cash = pay(driver_id, "10.00", actor=ann)
        ann_voided = pay(driver_id, "25.00", actor=ann)
        ann_check = pay(driver_id, "5.00", actor=ann, payment_method="CHECK", instrument_number="7")
        bob_ach = pay(driver_id, "70.00", actor=bob, payment_method="ACH")
        pay(driver_id, "3.00", actor=ann, effective_on=SATURDAY - timedelta(days=1))
        ledger.void_payment(payment_id=ann_voided.pk, reason="Counted twice", actor=ann, effective_on=THURSDAY)

        with django_assert_num_queries(1):
            listed = [
                (payment.pk, str(payment.driver), str(payment.received_by), payment.status, payment.voided_amount)
                for payment in selectors.list_payments_by_day(SATURDAY)
            ]
        assert [(row[0], row[3], row[4]) for row in listed] == [
            (ann_cash.pk, "OPEN", Decimal("0.00")),
            (ann_voided.pk, "VOIDED", Decimal("25.00")),
            (ann_check.pk, "OPEN", Decimal("0.00")),
            (bob_ach.pk, "OPEN", Decimal("0.00")),
        ]
        totals = selectors.sum_payments_by_day(SATURDAY)
        assert totals == [
            PaymentsTotal(ann.pk, "ann", "CASH", 2, Decimal("35.00"), 1, Decimal("25.00")),
            PaymentsTotal(ann.pk, "ann", "CHECK", 1, Decimal("5.00"), 0, Decimal("0.00")),
            PaymentsTotal(bob.pk, "bob", "ACH", 1, Decimal("70.00"), 0, Decimal("0.00")),
        ]
        assert totals[0].standing_amount == Decimal("10.00")

    def test_sums_what_no_cashier_received(self):
        pay(DriverFactory.create().pk, "10.00")
        assert selectors.sum_payments_by_day(SATURDAY) == [
            PaymentsTotal(None, "", "CASH", 1, Decimal("10.00"), 0, Decimal("0.00"))
        ]

    def test_are_none_on_another_day(self):
        assert selectors.sum_payments_by_day(SATURDAY) == []


def test_what_came_back_is_looked_up_for_each_payment_shown() -> None:
    """An EXISTS among the columns may be planned as one reading of all balances, whatever the list shows."""
    DriverFactory.create()
    plan = selectors.list_payments()[:50].explain()
    assert "hashed" not in plan
    assert "EXISTS" not in str(selectors.list_payments().query)
