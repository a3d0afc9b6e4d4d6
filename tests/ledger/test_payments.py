"""Money over the counter."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import InterimPayment, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory, UserFactory
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
    writes,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


class TestApplyInterimPayment:
    def test_pays_what_the_payer_names_and_holds_the_rest(self):
        lease, cashier = LeaseFactory.create(), UserFactory.create()
        driver = lease.primary_driver
        toll = charge(driver, "EZPASS-1", "120.00", lease_id=lease.pk, vehicle_id=lease.vehicle_id)
        charge(driver, "MISC-1", "80.00")
        with writes(postings=3, balances=1, payments=1):
            payment = pay(driver, "200.00", {"MISC-1": "80.00", "EZPASS-1": "100.00"}, lease_id=lease.pk, actor=cashier)
        assert (payment.reference_id, str(payment.amount), payment.method) == ("PAY-000001", "200.00", "CASH")
        assert (payment.driver, payment.lease, payment.received_by) == (driver, lease, cashier)
        assert (payment.received_on, payment.deposit, payment.idempotency_key) == (WEDNESDAY, Decimal("0.00"), None)
        assert balances_of(driver) == {
            "EZPASS-1": ("20.00", "OPEN"),
            "MISC-1": ("0.00", "SETTLED"),
            "PAY-000001": ("20.00", "OPEN"),
        }
        credit, allocation = payment.postings.get(kind="PAYMENT"), toll.opened.movements.get()
        assert (credit.entry_type, credit.category, credit.lease_id) == ("CREDIT", "PAYMENT", lease.pk)
        assert (allocation.kind, str(allocation.amount), allocation.funding_id) == ("ALLOCATION", "100.00", credit.pk)
        assert (allocation.category, allocation.lease_id, allocation.vehicle_id) == (
            "EZPASS", lease.pk, lease.vehicle_id
        )  # fmt: skip
        assert (allocation.payment, allocation.effective_on, allocation.posted_by) == (payment, WEDNESDAY, cashier)
        assert_books_clean()

    def test_a_payment_that_names_nothing_stays_on_account(self):
        driver = DriverFactory.create()
        charge(driver)
        with writes(postings=1, balances=1, payments=1):
            pay(driver, "40.00")
        assert balances_of(driver) == {"MISC-1": ("100.00", "OPEN"), "PAY-000001": ("40.00", "OPEN")}

    def test_pays_what_is_not_due_yet(self):
        driver = DriverFactory.create()
        charge(driver, due_on=SATURDAY + timedelta(days=70))
        pay(driver, "100.00", {"MISC-1": "100.00"})
        assert balances_of(driver)["MISC-1"] == ("0.00", "SETTLED")

    def test_receipt_numbers_have_no_gaps(self):
        driver = DriverFactory.create()
        assert pay(driver).number == 1
        with refused(ledger.ReferenceNotFound):
            pay(driver, "100.00", {"MISC-1": "100.00"})
        assert pay(driver).number == 2

    @pytest.mark.parametrize(("method", "number"), [("CASH", ""), ("CHECK", " 1001 "), ("ACH", ""), ("ACH", "TRACE-9")])
    def test_takes_cash_checks_and_bank_transfers(self, method, number):
        payment = pay(DriverFactory.create(), payment_method=method, instrument_number=number)
        assert (payment.method, payment.instrument_number) == (method, number.strip())

    def test_a_deposit_is_held_apart(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        charge(driver)
        with writes(postings=3, balances=2, payments=1):
            payment = pay(driver, "600.00", {"MISC-1": "100.00"}, deposit=Decimal("450.00"), lease_id=lease.pk)
        assert lines(payment.postings.all()) == [
            ("PAYMENT", "PAY-000001", "150.00"),
            ("DEPOSIT", "DEPOSIT-000001", "450.00"),
            ("ALLOCATION", "MISC-1", "100.00"),
        ]
        assert balances_of(driver) == {
            "MISC-1": ("0.00", "SETTLED"),
            "PAY-000001": ("50.00", "OPEN"),
            "DEPOSIT-000001": ("450.00", "OPEN"),
        }
        assert_books_clean()

    def test_a_payment_can_be_nothing_but_a_deposit(self):
        lease = LeaseFactory.create()
        with writes(postings=1, balances=1, accounts=1, payments=1):
            hold_deposit(lease.primary_driver, lease.pk, "500.00")
        assert balances_of(lease.primary_driver) == {"DEPOSIT-000001": ("500.00", "OPEN")}
        assert_books_clean()

    def test_locks_the_driver_first(self):
        lease = LeaseFactory.create()
        LeaseInstallmentFactory.create(lease=lease, number=46, reference_id="LEASE-1-2026W47")
        assert_locks_first(lambda: pay(lease.primary_driver))
        assert_locks_first(lambda: pay(lease.primary_driver, "500.00", {"LEASE-1-2026W47": "500.00"}))


class TestIdempotency:
    def test_the_same_key_and_facts_return_the_first_payment(self):
        driver = DriverFactory.create()
        charge(driver)
        first = pay(driver, "100.00", {"MISC-1": "60.00"}, idempotency_key="till-3-0042")
        with writes():
            assert pay(driver, "100.00", {"MISC-1": "60.00"}, idempotency_key="till-3-0042") == first
            assert pay(driver, "100", {"MISC-1": "60.0"}, idempotency_key="till-3-0042") == first
        assert balances_of(driver)["MISC-1"] == ("40.00", "OPEN")

    def test_on_another_day_they_do_when_the_day_was_only_the_clocks(self):
        driver = DriverFactory.create()
        first = pay(driver, idempotency_key="till-3-0042")
        with writes():
            again = pay(driver, idempotency_key="till-3-0042", effective_on=THURSDAY, same_on_any_day=True)
        assert (again, again.received_on) == (first, WEDNESDAY)

    def test_a_replay_returns_a_payment_that_was_voided_since(self):
        driver = DriverFactory.create()
        first = pay(driver, idempotency_key="till-3-0042")
        ledger.void_payment(payment_id=first.pk, reason="Counterfeit", actor=None, effective_on=THURSDAY)
        with writes():
            assert pay(driver, idempotency_key="till-3-0042") == first

    @pytest.mark.parametrize(
        "other",
        [
            {"amount": "101.00"},
            {"allocations": {"MISC-1": "61.00"}},
            {"allocations": {}},
            {"payment_method": "ACH"},
            {"instrument_number": "7"},
            {"effective_on": THURSDAY},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_the_same_key_with_other_facts_is_refused(self, other):
        driver = DriverFactory.create()
        charge(driver)
        pay(driver, "100.00", {"MISC-1": "60.00"}, idempotency_key="till-3-0042")
        with refused(ledger.IdempotencyConflict, field="idempotency_key") as refusal:
            pay(driver, **{"allocations": {"MISC-1": "60.00"}, "idempotency_key": "till-3-0042", **other})
        assert refusal.value.facts == {"first": "PAY-000001"}

    def test_the_same_key_for_another_driver_is_refused(self):
        pay(DriverFactory.create(), idempotency_key="till-3-0042")
        with refused(ledger.IdempotencyConflict):
            pay(DriverFactory.create(), idempotency_key="till-3-0042")

    def test_without_a_key_a_payment_sent_twice_is_two(self):
        driver = DriverFactory.create()
        assert pay(driver) != pay(driver)
        assert InterimPayment.objects.count() == 2


class TestRentPaidAhead:
    @pytest.fixture
    def lease(self):
        lease = LeaseFactory.create()
        for number in (46, 47, 48):
            LeaseInstallmentFactory.create(lease=lease, number=number, reference_id=f"LEASE-1-2026W{number + 1}")
        return lease

    def test_posts_the_installment_and_pays_it(self, lease):
        driver = lease.primary_driver
        with writes(postings=3, balances=2, accounts=1, payments=1):
            pay(driver, "500.00", {"LEASE-1-2026W47": "500.00"}, lease_id=lease.pk)
        rent = LedgerPosting.objects.get(kind="OBLIGATION")
        assert (rent.category, rent.lease_id, rent.vehicle_id) == ("LEASE", lease.pk, lease.vehicle_id)
        assert (rent.due_on, rent.effective_on) == (SATURDAY, WEDNESDAY)
        assert balances_of(driver)["LEASE-1-2026W47"] == ("0.00", "SETTLED")
        assert [row.posted_at is not None for row in lease.installments.order_by("number")] == [True, False, False]
        with writes():
            assert ledger.post_scheduled_installments(as_of=SATURDAY).posted == 0
        assert_books_clean()

    def test_what_is_due_within_four_weeks_and_nothing_later(self, lease):
        driver = lease.primary_driver
        # 24 and 31 days after Wednesday the 18th.
        for number, due_on in ((50, date(2026, 12, 12)), (51, date(2026, 12, 19))):
            LeaseInstallmentFactory.create(
                lease=lease, number=number, due_on=due_on, reference_id=f"LEASE-1-2026W{number}"
            )
        pay(driver, "2.00", {"LEASE-1-2026W47": "1.00", "LEASE-1-2026W50": "1.00"})
        with refused(ledger.ReferenceNotFound, field="allocations"):
            pay(driver, "1.00", {"LEASE-1-2026W51": "1.00"})
        # On the Saturday four weeks before it is due, it may be paid.
        pay(driver, "1.00", {"LEASE-1-2026W51": "1.00"}, effective_on=SATURDAY)

    def test_refuses_another_drivers_installment_and_one_on_hold(self, lease):
        with refused(ledger.ReferenceNotFound):
            pay(DriverFactory.create(), "1.00", {"LEASE-1-2026W47": "1.00"})
        lease.installments.update(on_hold=True)
        with refused(ledger.ReferenceNotFound):
            pay(lease.primary_driver, "1.00", {"LEASE-1-2026W47": "1.00"})

    def test_a_refusal_leaves_the_installment_unposted(self, lease):
        with refused(ledger.OverAllocation):
            pay(lease.primary_driver, "600.00", {"LEASE-1-2026W47": "500.01"})
        assert lease.installments.filter(posted_at=None).count() == 3

    def test_a_replay_does_not_post_it_again(self, lease):
        allocations = {"LEASE-1-2026W47": "500.00"}
        first = pay(lease.primary_driver, "500.00", allocations, idempotency_key="k")
        with writes():
            assert pay(lease.primary_driver, "500.00", allocations, idempotency_key="k") == first

    def test_a_voided_installment_is_closed(self, lease):
        ledger.post_scheduled_installments(as_of=SATURDAY)
        rent = LedgerPosting.objects.get(kind="OBLIGATION")
        ledger.void_posting(posting_id=rent.pk, reason="Cab in the workshop", actor=None, effective_on=SATURDAY)
        with refused(ledger.ObligationClosed):
            pay(lease.primary_driver, "500.00", {"LEASE-1-2026W47": "500.00"})


class TestRefusals:
    def test_an_allocation_above_what_remains_is_refused(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "50.00")
        with refused(ledger.OverAllocation, code="over_allocation", field="allocations") as refusal:
            pay(driver, "100.00", {"MISC-1": "50.01"})
        assert refusal.value.facts == {"reference_id": "MISC-1", "remaining": "50.00"}

    def test_allocations_above_the_payment_are_refused(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "50.00")
        charge(driver, "MISC-2", "50.01")
        with refused(ledger.AllocationsExceedPayment, field="allocations"):
            pay(driver, "100.00", {"MISC-1": "50.00", "MISC-2": "50.01"})

    def test_allocations_above_what_the_deposit_leaves(self):
        lease = LeaseFactory.create()
        charge(lease.primary_driver, "MISC-1", "50.00")
        with refused(ledger.AllocationsExceedPayment):
            pay(lease.primary_driver, "100.00", {"MISC-1": "50.00"}, deposit=Decimal("50.01"), lease_id=lease.pk)

    def test_a_deposit_above_the_payment_or_without_a_lease(self):
        lease = LeaseFactory.create()
        with refused(ledger.AllocationsExceedPayment, field="deposit"):
            pay(lease.primary_driver, "100.00", deposit=Decimal("100.01"), lease_id=lease.pk)
        with refused(ledger.ValueInvalid, field="lease"):
            pay(lease.primary_driver, "100.00", deposit=Decimal("100.00"))

    def test_another_drivers_obligation_is_refused(self):
        charge(DriverFactory.create(), "MISC-1")
        with refused(ledger.AnotherDriversObligation, code="another_drivers_obligation"):
            pay(DriverFactory.create(), "100.00", {"MISC-1": "100.00"})

    def test_what_is_settled_or_voided_is_refused(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1")
        pay(driver, "100.00", {"MISC-1": "100.00"})
        voided = charge(driver, "MISC-2")
        ledger.void_posting(posting_id=voided.pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        for reference in ("MISC-1", "MISC-2"):
            with refused(ledger.ObligationClosed, code="obligation_closed"):
                pay(driver, "1.00", {reference: "1.00"})

    def test_what_is_held_for_the_driver(self):
        driver = DriverFactory.create()
        earn(driver, "CURB-1")
        with refused(ledger.NotAnObligation, code="not_an_obligation"):
            pay(driver, "1.00", {"CURB-1": "1.00"})

    def test_what_does_not_exist_is_refused(self):
        driver = DriverFactory.create()
        with refused(ledger.ReferenceNotFound, code="reference_not_found", field="allocations") as refusal:
            pay(driver, "1.00", {"MISC-404": "1.00"})
        assert refusal.value.facts == {"reference_id": "MISC-404"}
        with refused(ledger.LeaseNotFound, field="lease"):
            pay(driver, lease_id=UNKNOWN)
        with refused(ledger.DriverNotFound, field="driver"):
            ledger.apply_interim_payment(
                payment_amount=Decimal(1),
                allocations={},
                driver_id=UNKNOWN,
                payment_method="CASH",
                effective_on=THURSDAY,
            )
