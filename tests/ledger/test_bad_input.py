"""What no caller should send, sent to every service: a named error each, and nothing written."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.errors import DomainError
from leases.models import Driver, Lease
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerPosting, Payout
from ledger.money import MAX_AMOUNT
from ledger.services import Opening
from tests.factories import LeaseFactory
from tests.ledger.proofs import UNKNOWN, charge, earn, hold_deposit, pay, pay_out
from tests.made_once import MadeOnce
from tests.refusals import refused

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 18)
ON = {"effective_on": DAY}
ONE = Decimal("1.00")
BEYOND_BIGINT = 10**30


@dataclass(frozen=True)
class World:
    """A driver with one of each: something owed, paid, earned, deposited and paid out."""

    lease: Lease
    driver: Driver
    fine: LedgerPosting
    earnings: LedgerPosting
    deposit: LedgerPosting
    payment: InterimPayment
    payout: Payout


@pytest.fixture
def world(made: World) -> World:
    return deepcopy(made)


@pytest.fixture(scope="module")
def made(made_once: MadeOnce) -> World:
    return made_once(make_world)


def make_world() -> World:
    lease = LeaseFactory.create()
    driver = lease.primary_driver
    fine = charge(driver, "PVB-1", "100.00")
    earnings = earn(driver, "CURB-1", "200.00")
    deposit = hold_deposit(driver, lease.pk, "500.00")
    return World(
        lease, driver, fine, earnings, deposit, pay(driver, "10.00", {"PVB-1": "10.00"}), pay_out(driver, "5.00")
    )


def create_obligation(world: World, **facts: Any) -> object:
    given = {
        "category": "MISC", "amount": ONE, "reference_id": "MISC-1", "driver_id": world.driver.pk, **ON, **facts
    }  # fmt: skip
    return ledger.create_obligation(**given)


def create_obligations(world: World, **facts: Any) -> object:
    good = Opening(category="MISC", amount=ONE, reference_id="MISC-2", driver_id=world.driver.pk, effective_on=DAY)
    return ledger.create_obligations([good, replace(good, **{"reference_id": "MISC-1", **facts})])


def replace_obligation(world: World, **facts: Any) -> object:
    given = {"posting_id": world.fine.pk, "amount": ONE, "reason": "Reduced", "actor": None, **ON, **facts}
    return ledger.replace_obligation(**given)


def apply_interim_payment(world: World, **facts: Any) -> object:
    given = {
        "payment_amount": ONE, "allocations": {}, "driver_id": world.driver.pk, "payment_method": "CASH",
        **ON, **facts,
    }  # fmt: skip
    return ledger.apply_interim_payment(**given)


def allocate(world: World, **facts: Any) -> object:
    reference, amount = facts.pop("reference_id", "PVB-1"), facts.pop("amount", ONE)
    return apply_interim_payment(world, payment_amount=Decimal(90), allocations={reference: amount}, **facts)


def take_deposit(world: World, **facts: Any) -> object:
    return apply_interim_payment(world, lease_id=world.lease.pk, **{"payment_amount": Decimal(90), **facts})


def pay_out_(world: World, **facts: Any) -> object:
    return ledger.pay_out(**{"driver_id": world.driver.pk, "amount": ONE, "method": "CASH", **ON, **facts})


def release_deposit(world: World, **facts: Any) -> object:
    given = {"posting_ids": [facts.pop("posting_id", world.deposit.pk)], "amount": ONE, "method": "CASH"}
    return ledger.release_deposit(**{**given, **ON, **facts})


def apply_deposit(world: World, **facts: Any) -> object:
    return ledger.apply_deposit(**{"posting_id": world.deposit.pk, "as_of": DAY, "reason": "Ended", **facts})


def post_earnings(world: World, **facts: Any) -> object:
    given = {"driver_id": world.driver.pk, "amount": ONE, "reference_id": "CURB-2", "effective_on": DAY, **facts}
    return ledger.post_earnings(**given)


def post_earnings_batch(world: World, **facts: Any) -> object:
    good = Opening(category="EARNINGS", amount=ONE, reference_id="CURB-3", driver_id=world.driver.pk, effective_on=DAY)
    return ledger.post_earnings_batch([good, replace(good, **{"reference_id": "CURB-2", **facts})])


def credit_driver(world: World, **facts: Any) -> object:
    given = {
        "driver_id": world.driver.pk, "category": "EZPASS", "amount": ONE, "reference_id": "EZPASS-1-REFUND",
        "reason": "Refund", **ON, **facts,
    }  # fmt: skip
    return ledger.credit_driver(**given)


def write_off_obligation(world: World, **facts: Any) -> object:
    given = {"posting_id": world.fine.pk, "amount": ONE, "reason": "Hardship", "actor": None, **ON, **facts}
    return ledger.write_off_obligation(**given)


def void_posting(world: World, **facts: Any) -> object:
    return ledger.void_posting(**{"posting_id": world.fine.pk, "reason": "Mistake", "actor": None, **ON, **facts})


def preview_void(world: World, **facts: Any) -> object:
    return ledger.preview_void(**{"posting_id": world.fine.pk, **ON, **facts})


def void_payment(world: World, **facts: Any) -> object:
    return ledger.void_payment(**{"payment_id": world.payment.pk, "reason": "Bad", "actor": None, **ON, **facts})


def preview_void_payment(world: World, **facts: Any) -> object:
    return ledger.preview_void_payment(**{"payment_id": world.payment.pk, **ON, **facts})


def void_payout(world: World, **facts: Any) -> object:
    return ledger.void_payout(**{"payout_id": world.payout.pk, "reason": "Bad", "actor": None, **ON, **facts})


Service = Callable[..., object]


def each(*services: Service) -> Any:
    return pytest.mark.parametrize("service", services, ids=lambda service: service.__name__.strip("_"))


OPENING = (create_obligation, create_obligations, post_earnings, post_earnings_batch, credit_driver)

BAD_AMOUNTS: dict[str, Any] = {
    "zero": Decimal(0),
    "zero as int": 0,
    "negative zero": Decimal("-0.00"),
    "negative": Decimal("-1.00"),
    "finer than a cent": Decimal("0.001"),
    "a cent and a bit": Decimal("1.0000000000000000000000000000000000001"),
    "NaN": Decimal("NaN"),
    "signaling NaN": Decimal("sNaN"),
    "NaN as text": "NaN",
    "infinity": Decimal("Infinity"),
    "negative infinity": Decimal("-Infinity"),
    "1e12": Decimal("1e12"),
    "1e12 as int": 10**12,
    "a cent too much": MAX_AMOUNT + Decimal("0.01"),
    "1e999999999": Decimal("1e999999999"),
    "-1e999999999": Decimal("-1e999999999"),
    "1e-999999999": Decimal("1e-999999999"),
    "float": 0.5,
    "NaN as float": float("nan"),
    "bool": True,
    "text": "ten",
    "empty text": "",
    "100,000 digits": "9" * 100_000,
    "minus 100,000 digits": -(10**100_000),
    "a list": [1] * 100_000,
}


def each_bad_amount() -> Any:
    return pytest.mark.parametrize("amount", BAD_AMOUNTS.values(), ids=BAD_AMOUNTS)


class TestAmounts:
    @each_bad_amount()
    @each(*OPENING, replace_obligation, pay_out_, release_deposit, write_off_obligation)
    def test_a_bad_amount_is_refused(self, world, service, amount):
        with refused(ledger.AmountInvalid, code="invalid_amount", field="amount") as refusal:
            service(world, amount=amount)
        assert len(str(refusal.value)) < 120

    @each_bad_amount()
    def test_a_bad_amount_of_a_payment_is_refused(self, world, amount):
        with refused(ledger.AmountInvalid, field="payment_amount"):
            apply_interim_payment(world, payment_amount=amount)

    @each_bad_amount()
    def test_a_bad_amount_of_an_allocation_is_refused(self, world, amount):
        with refused(ledger.AmountInvalid, field="allocations"):
            allocate(world, amount=amount)

    @pytest.mark.parametrize("name", [name for name in BAD_AMOUNTS if "zero" not in name])
    def test_a_bad_amount_of_a_deposit_is_refused(self, world, name):
        with refused(ledger.AmountInvalid, field="deposit"):
            take_deposit(world, deposit=BAD_AMOUNTS[name])

    def test_the_largest_amount_is_held(self, world):
        assert create_obligation(world, amount=MAX_AMOUNT).opened.remaining == MAX_AMOUNT  # type: ignore[attr-defined]


class TestWhatDoesNotExist:
    @pytest.mark.parametrize("number", [UNKNOWN, 0, -1, BEYOND_BIGINT, -BEYOND_BIGINT])
    @each(*OPENING, apply_interim_payment, pay_out_)
    def test_an_unknown_driver_is_refused(self, world, service, number):
        with refused(ledger.DriverNotFound, code="driver_not_found", field="driver"):
            service(world, driver_id=number)

    @each(*OPENING, apply_interim_payment)
    def test_an_unknown_lease_is_refused(self, world, service):
        with refused(ledger.LeaseNotFound, code="lease_not_found", field="lease"):
            service(world, lease_id=UNKNOWN)

    @each(*OPENING)
    def test_an_unknown_vehicle_is_refused(self, world, service):
        with refused(ledger.VehicleNotFound, code="vehicle_not_found", field="vehicle"):
            service(world, vehicle_id=UNKNOWN)

    @each(*OPENING, apply_interim_payment)
    def test_a_lease_number_that_no_table_can_hold_is_refused(self, world, service):
        with refused(ledger.ValueInvalid, code="invalid_value"):
            service(world, lease_id=BEYOND_BIGINT)

    @pytest.mark.parametrize("number", [UNKNOWN, 0, -1, BEYOND_BIGINT, -BEYOND_BIGINT])
    @each(replace_obligation, write_off_obligation, void_posting, preview_void, apply_deposit, release_deposit)
    def test_an_unknown_posting_is_refused(self, world, service, number):
        with refused(ledger.PostingNotFound, code="posting_not_found"):
            service(world, posting_id=number)

    @pytest.mark.parametrize("number", [UNKNOWN, BEYOND_BIGINT, -BEYOND_BIGINT])
    @each(void_payment, preview_void_payment)
    def test_an_unknown_payment_is_refused(self, world, service, number):
        with refused(ledger.PaymentNotFound, code="payment_not_found"):
            service(world, payment_id=number)

    @pytest.mark.parametrize("number", [UNKNOWN, BEYOND_BIGINT, -BEYOND_BIGINT])
    def test_an_unknown_payout_is_refused(self, world, number):
        with refused(ledger.PayoutNotFound, code="payout_not_found"):
            void_payout(world, payout_id=number)

    def test_an_unknown_reference_is_refused(self, world):
        with refused(ledger.ReferenceNotFound, code="reference_not_found"):
            allocate(world, reference_id="PVB-404")


BAD_TEXTS = {"NUL": "A\0B", "escape": "A\x1bB", "separator": "A\x1fB", "half a surrogate": "A\ud800B"}
BAD_REFERENCES: dict[str, Any] = {
    **BAD_TEXTS,
    "empty": "",
    "65 characters": "M" * 65,
    "10,000 characters": "M" * 10_000,
    "space": "MISC 1",
    "line break": "MISC-1\n",
    "not ASCII": "MISC-é",
    "missing": None,
    "a number": 7,
}
BAD_REASONS: dict[str, tuple[Any, type[DomainError]]] = {
    "empty": ("", ledger.ReasonRequired),
    "blank": (" \t\n", ledger.ReasonRequired),
    "missing": (None, ledger.ReasonRequired),
    "501 characters": ("x" * 501, ledger.ValueInvalid),
    "10,000 characters": ("x" * 10_000, ledger.ValueInvalid),
    **{name: (text, ledger.ValueInvalid) for name, text in BAD_TEXTS.items()},
}


class TestTexts:
    @pytest.mark.parametrize("reference", BAD_REFERENCES.values(), ids=BAD_REFERENCES)
    @each(*OPENING, allocate)
    def test_a_bad_reference_is_refused(self, world, service, reference):
        with refused(ledger.ValueInvalid, code="invalid_value", field="reference_id"):
            service(world, reference_id=reference)

    @pytest.mark.parametrize("reference", ["PAY-000003", "DEPOSIT-000003", "RETURNED-PAY-000002", "WINBACK-1"])
    @each(*OPENING)
    def test_a_reference_that_the_ledger_gives_is_refused(self, world, service, reference):
        """Were it taken, the payment of that number, and with it every payment after, could not be received."""
        with refused(ledger.ValueInvalid, field="reference_id"):
            service(world, reference_id=reference)

    def test_the_longest_reference_is_held(self, world):
        assert create_obligation(world, reference_id="M" * 64).reference_id == "M" * 64  # type: ignore[attr-defined]

    @pytest.mark.parametrize(("reason", "error"), BAD_REASONS.values(), ids=BAD_REASONS)
    @each(
        replace_obligation, write_off_obligation, void_posting, void_payment, void_payout, credit_driver, apply_deposit
    )
    def test_a_bad_reason_is_refused(self, world, service, reason, error):
        with refused(error, field="reason"):
            service(world, reason=reason)

    @pytest.mark.parametrize("category", ["PAYMENT", "DEPOSIT", "EARNINGS", "TIPS", "lease", "", None])
    @each(create_obligation, create_obligations, credit_driver)
    def test_a_bad_category_is_refused(self, world, service, category):
        with refused(ledger.ValueInvalid, field="category"):
            service(world, category=category)

    @pytest.mark.parametrize("method", ["CARD", "cash", "", None])
    @each(apply_interim_payment, pay_out_, release_deposit)
    def test_a_bad_method_is_refused(self, world, service, method):
        name = "payment_method" if service is apply_interim_payment else "method"
        with refused(ledger.ValueInvalid, field="payment_method"):
            service(world, **{name: method})

    @pytest.mark.parametrize("number", ["", "  ", None, "7" * 41, *BAD_TEXTS.values()], ids=repr)
    @each(apply_interim_payment, pay_out_, release_deposit)
    def test_a_bad_check_number_is_refused(self, world, service, number):
        name = "payment_method" if service is apply_interim_payment else "method"
        with refused(ledger.ValueInvalid, field="instrument_number"):
            service(world, **{name: "CHECK", "instrument_number": number})

    @pytest.mark.parametrize("key", ["", "k" * 201, *BAD_TEXTS.values()], ids=lambda key: repr(key)[:10])
    @each(apply_interim_payment, pay_out_)
    def test_a_bad_idempotency_key_is_refused(self, world, service, key):
        with refused(ledger.ValueInvalid, field="idempotency_key"):
            service(world, idempotency_key=key)

    @pytest.mark.parametrize("number", ["D" * 41, *BAD_TEXTS.values()], ids=lambda number: repr(number)[:10])
    def test_a_bad_dtr_number_is_refused(self, world, number):
        with refused(ledger.ValueInvalid, field="dtr_number"):
            pay_out_(world, dtr_number=number)


class TestAllocations:
    def test_allocations_above_the_payment_are_refused(self, world):
        with refused(ledger.AllocationsExceedPayment, code="allocations_exceed_payment", field="allocations"):
            apply_interim_payment(world, payment_amount=Decimal("49.99"), allocations={"PVB-1": Decimal("50.00")})

    def test_an_allocation_above_what_remains_is_refused(self, world):
        with refused(ledger.OverAllocation, code="over_allocation", field="allocations"):
            apply_interim_payment(world, payment_amount=Decimal(100), allocations={"PVB-1": Decimal("90.01")})

    def test_ten_thousand_unknown_allocations_are_refused(self, world):
        named = {f"PVB-{number}": ONE for number in range(10, 10_010)}
        with refused(ledger.ReferenceNotFound):
            apply_interim_payment(world, payment_amount=Decimal(10_000), allocations=named)
