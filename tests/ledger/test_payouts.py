"""Money that leaves to the driver."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import Payout
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.proofs import (
    SATURDAY,
    THURSDAY,
    UNKNOWN,
    WEDNESDAY,
    assert_locks_first,
    balances_of,
    charge,
    earn,
    hold_deposit,
    lines,
    pay,
    pay_out,
    writes,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


class TestPayOutOfOneLease:
    @pytest.fixture
    def leases(self):
        """Two leases of one driver: 200.00 is held on the first, 300.00 on the second, 40.00 on none."""
        first = LeaseFactory.create()
        second = LeaseFactory.create(primary_driver=first.primary_driver)
        earn(first.primary_driver, "CURB-1", "200.00", lease_id=first.pk, effective_on=WEDNESDAY - timedelta(days=7))
        earn(first.primary_driver, "CURB-2", "300.00", lease_id=second.pk)
        earn(first.primary_driver, "CURB-3", "40.00")
        return first, second

    def test_it_draws_that_leases_credits_alone(self, leases):
        first, second = leases
        payout = pay_out(first.primary_driver, "300.00", lease_id=second.pk, dtr_number="DTR-000002")
        assert lines(payout.postings.all()) == [("PAYOUT", "CURB-2", "300.00")]
        assert payout.lease == second
        assert_books_clean()

    def test_a_dtr_of_no_lease_draws_credits_of_no_lease(self, leases):
        driver = leases[0].primary_driver
        assert lines(pay_out(driver, "40.00", dtr_number="DTR-000003").postings.all()) == [
            ("PAYOUT", "CURB-3", "40.00")
        ]
        with refused(ledger.ExceedsHeldOnLease, code="exceeds_held_on_lease", field="amount"):
            pay_out(driver, "0.01", dtr_number="DTR-000003")

    def test_what_the_lease_no_longer_holds_is_refused_with_the_figure(self, leases):
        first, second = leases
        pay_out(first.primary_driver, "180.00", lease_id=second.pk)
        with refused(ledger.ExceedsHeldOnLease) as refusal:
            pay_out(first.primary_driver, "120.01", lease_id=second.pk)
        assert refusal.value.facts == {"held": "120.00"}
        assert "$120.00 is still held" in str(refusal.value)

    def test_what_is_owed_on_another_lease_is_the_limit(self, leases):
        first, second = leases
        charge(first.primary_driver, "LEASE-1", "250.00", lease_id=first.pk)
        with refused(ledger.ExceedsNetDue) as refusal:
            pay_out(first.primary_driver, "290.01", lease_id=second.pk)
        assert refusal.value.facts == {"net_due": "290.00"}
        pay_out(first.primary_driver, "290.00", lease_id=second.pk)

    def test_the_same_key_for_another_lease_is_a_conflict(self, leases):
        first, second = leases
        pay_out(first.primary_driver, "10.00", lease_id=second.pk, idempotency_key="k")
        with refused(ledger.IdempotencyConflict):
            pay_out(first.primary_driver, "10.00", lease_id=first.pk, idempotency_key="k")


class TestPayOut:
    def test_draws_from_the_oldest_credit_first(self):
        driver, cashier = DriverFactory.create(), UserFactory.create()
        earn(driver, "CURB-2", "50.00", effective_on=WEDNESDAY)
        earn(driver, "CURB-1", "30.00", effective_on=WEDNESDAY - timedelta(days=7))
        earn(driver, "CURB-3", "20.00", effective_on=WEDNESDAY)
        with writes(postings=2, payouts=1):
            payout = pay_out(
                driver, "60.00", method="CHECK", instrument_number="1001", dtr_number="DTR-000007", actor=cashier
            )
        assert (payout.reference_id, str(payout.amount)) == ("OUT-000001", "60.00")
        assert (payout.method, payout.instrument_number, payout.dtr_number) == ("CHECK", "1001", "DTR-000007")
        assert (payout.driver, payout.paid_on, payout.paid_by) == (driver, THURSDAY, cashier)
        assert lines(payout.postings.all()) == [("PAYOUT", "CURB-1", "30.00"), ("PAYOUT", "CURB-2", "30.00")]
        line = payout.postings.get(reference_id="CURB-2")
        assert (line.entry_type, line.category, line.effective_on, line.posted_by) == (
            "DEBIT", "EARNINGS", THURSDAY, cashier
        )  # fmt: skip
        assert balances_of(driver) == {
            "CURB-2": ("20.00", "OPEN"),
            "CURB-1": ("0.00", "SETTLED"),
            "CURB-3": ("20.00", "OPEN"),
        }
        assert_books_clean()

    def test_of_one_day_the_lowest_id_first(self):
        driver = DriverFactory.create()
        for number in (1, 2, 3):
            earn(driver, f"CURB-{number}", "10.00")
        assert lines(pay_out(driver, "15.00").postings.all()) == [
            ("PAYOUT", "CURB-1", "10.00"),
            ("PAYOUT", "CURB-2", "5.00"),
        ]

    def test_every_kind_of_credit_but_deposits(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        hold_deposit(driver, lease.pk, "500.00")
        pay(driver, "10.00")
        ledger.credit_driver(
            driver_id=driver.pk, category="EZPASS", amount=Decimal(5), reference_id="EZPASS-9-REFUND", reason="Refund",
            effective_on=WEDNESDAY,
        )  # fmt: skip
        earn(driver, "CURB-1", "20.00")
        with refused(ledger.ExceedsNetDue):
            pay_out(driver, "35.01")
        pay_out(driver, "35.00")
        assert balances_of(driver) == {
            "DEPOSIT-000001": ("500.00", "OPEN"),
            "PAY-000002": ("0.00", "SETTLED"),
            "EZPASS-9-REFUND": ("0.00", "SETTLED"),
            "CURB-1": ("0.00", "SETTLED"),
        }
        assert_books_clean()

    def test_never_above_net_due(self):
        """Held 100.00, owed and due 30.00, due later 50.00: 70.00 may leave."""
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "100.00")
        charge(driver, "MISC-1", "30.00", due_on=THURSDAY)
        charge(driver, "MISC-2", "50.00", due_on=SATURDAY)
        with refused(ledger.ExceedsNetDue, code="exceeds_net_due", field="amount") as refusal:
            pay_out(driver, "70.01")
        assert refusal.value.facts == {"net_due": "70.00"}
        pay_out(driver, "70.00")
        with refused(ledger.ExceedsNetDue) as refusal:
            pay_out(driver, "0.01")
        assert refusal.value.facts == {"net_due": "0.00"}

    def test_nothing_for_who_owes_more_than_is_held(self):
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "100.00")
        charge(driver, "MISC-1", "130.00")
        with refused(ledger.ExceedsNetDue) as refusal:
            pay_out(driver, "0.01")
        assert refusal.value.facts == {"net_due": "-30.00"}
        assert "$0.00 is due to the driver: $100.00 held over all leases, less $130.00" in str(refusal.value)

    def test_once_the_last_lease_is_over_all_that_is_open_counts(self):
        """Held 100.00, due later 50.00: 50.00 may leave, where 100.00 may while a lease goes on."""
        ended_lease = LeaseFactory.create(end_on=WEDNESDAY)
        driver = ended_lease.primary_driver
        earn(driver, "CURB-1", "100.00")
        charge(driver, "MISC-1", "50.00", due_on=SATURDAY)
        with refused(ledger.ExceedsNetDue) as refusal:
            pay_out(driver, "50.01")
        assert refusal.value.facts == {"net_due": "50.00"}
        assert "their last lease is over: all of it counts" in str(refusal.value)
        LeaseFactory.create(primary_driver=driver)
        pay_out(driver, "100.00")

    def test_the_same_key_and_facts_return_the_first_payout(self):
        driver = DriverFactory.create()
        earn(driver)
        first = pay_out(driver, "60.00", idempotency_key="dtr-7")
        with writes():
            assert pay_out(driver, "60.00", idempotency_key="dtr-7") == first
            assert pay_out(driver, "60", idempotency_key="dtr-7") == first
            again = pay_out(driver, "60", idempotency_key="dtr-7", effective_on=SATURDAY, same_on_any_day=True)
            assert again == first

    @pytest.mark.parametrize(
        "other",
        [
            {"amount": "60.01"},
            {"method": "ACH"},
            {"instrument_number": "7"},
            {"dtr_number": "DTR-000008"},
            {"effective_on": SATURDAY},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_the_same_key_with_other_facts_is_refused(self, other):
        driver = DriverFactory.create()
        earn(driver)
        pay_out(driver, "60.00", idempotency_key="dtr-7")
        with refused(ledger.IdempotencyConflict, field="idempotency_key") as refusal:
            pay_out(driver, **{"amount": "60.00", "idempotency_key": "dtr-7", **other})
        assert refusal.value.facts == {"first": "OUT-000001"}

    def test_refuses_an_unknown_driver(self):
        with refused(ledger.DriverNotFound):
            ledger.pay_out(driver_id=UNKNOWN, amount=Decimal(1), method="CASH", effective_on=THURSDAY)

    def test_locks_the_driver_first(self):
        driver = DriverFactory.create()
        earn(driver)
        assert_locks_first(lambda: pay_out(driver, "60.00"))


class TestVoidPayout:
    def test_every_dollar_returns_to_its_credit(self):
        driver, supervisor = DriverFactory.create(), UserFactory.create()
        earn(driver, "CURB-1", "30.00")
        earn(driver, "CURB-2", "50.00")
        payout = pay_out(driver, "60.00")
        with writes(postings=2):
            opposites = ledger.void_payout(
                payout_id=payout.pk, reason="Never fetched", actor=supervisor, effective_on=SATURDAY
            )
        assert lines(opposites) == [("VOID", "CURB-2", "30.00"), ("VOID", "CURB-1", "30.00")]
        assert {(line.payout_id, line.effective_on, line.posted_by_id, line.reason) for line in opposites} == {
            (payout.pk, SATURDAY, supervisor.pk, "Never fetched")
        }
        assert balances_of(driver) == {"CURB-1": ("30.00", "OPEN"), "CURB-2": ("50.00", "OPEN")}
        assert_books_clean()

    def test_a_line_voided_before_is_skipped(self):
        driver = DriverFactory.create()
        earn(driver, "CURB-1", "30.00")
        earn(driver, "CURB-2", "50.00")
        payout = pay_out(driver, "60.00")
        ledger.void_posting(
            posting_id=payout.postings.get(reference_id="CURB-1").pk,
            reason="Returned in part",
            actor=None,
            effective_on=THURSDAY,
        )
        with writes(postings=1):
            ledger.void_payout(payout_id=payout.pk, reason="Returned in full", actor=None, effective_on=THURSDAY)
        assert balances_of(driver) == {"CURB-1": ("30.00", "OPEN"), "CURB-2": ("50.00", "OPEN")}
        assert_books_clean()

    def test_a_second_void_is_refused(self):
        driver = DriverFactory.create()
        earn(driver)
        payout = pay_out(driver, "60.00")
        ledger.void_payout(payout_id=payout.pk, reason="Never fetched", actor=None, effective_on=THURSDAY)
        with refused(ledger.AlreadyVoided, code="already_voided"):
            ledger.void_payout(payout_id=payout.pk, reason="Never fetched", actor=None, effective_on=THURSDAY)

    def test_refuses_an_unknown_payout_and_no_reason(self):
        driver = DriverFactory.create()
        earn(driver)
        payout = pay_out(driver, "60.00")
        with refused(ledger.PayoutNotFound, code="payout_not_found"):
            ledger.void_payout(payout_id=UNKNOWN, reason="Never fetched", actor=None, effective_on=THURSDAY)
        with refused(ledger.ReasonRequired, field="reason"):
            ledger.void_payout(payout_id=payout.pk, reason="", actor=None, effective_on=THURSDAY)

    def test_the_next_payout_has_the_next_number(self):
        driver = DriverFactory.create()
        earn(driver)
        first = pay_out(driver, "60.00")
        ledger.void_payout(payout_id=first.pk, reason="Never fetched", actor=None, effective_on=THURSDAY)
        assert pay_out(driver, "60.00").reference_id == "OUT-000002"
        assert Payout.objects.count() == 2

    def test_locks_the_driver_first(self):
        driver = DriverFactory.create()
        earn(driver)
        payout = pay_out(driver, "60.00")
        assert_locks_first(
            lambda: ledger.void_payout(payout_id=payout.pk, reason="Never fetched", actor=None, effective_on=THURSDAY)
        )
