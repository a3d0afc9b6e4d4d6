"""Money over the counter: the driver names what it pays, and the waterfall has no say in it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_key
from core.errors import ValueInvalid
from ledger import errors, words
from ledger.categories import EntryType, Kind
from ledger.locks import lock_accounts
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from ledger.money import ZERO, parse_amount
from ledger.selectors import Doubt, list_payment_doubts
from ledger.services.checks import check_method
from ledger.services.idempotency import find_replayed, fingerprint_of
from ledger.services.movements import make_movement
from ledger.services.named import check_named, post_named_ahead, read_named
from ledger.services.transactions import money_transaction


@money_transaction
def apply_interim_payment(
    *,
    payment_amount: Decimal,
    allocations: Mapping[str, Decimal],
    driver_id: int,
    lease_id: int | None = None,
    payment_method: str,
    instrument_number: str = "",
    deposit: Decimal = ZERO,
    idempotency_key: str | None = None,
    effective_on: date,
    same_on_any_day: bool = False,
    asks: bool = False,
    confirmed: Collection[str] = (),
    actor: User | None = None,
) -> InterimPayment:
    """Receive ``payment_amount`` dollars from a driver and pay what they name; the rest stays on their account.

    ``allocations`` gives dollars per reference: open obligations, or unposted installments due within four weeks,
    which are posted first. ``deposit`` dollars of the payment are a deposit on ``lease_id``. The payment gets the next
    receipt number. The same key and facts return the first payment; with ``same_on_any_day`` on whatever day they come.

    What makes it doubtful stands in ``doubts`` of the payment returned (:func:`ledger.selectors.list_payment_doubts`).
    With ``asks`` it is taken only when the code of each doubt is among ``confirmed``. The first payment of a key has
    no doubts: a payment that is sent again never asks.

    :raises AmountInvalid, ValueInvalid: an argument is not what it should be
    :raises AllocationsExceedPayment: allocations and deposit sum to more than the payment
    :raises DriverNotFound, LeaseNotFound, ReferenceNotFound: something named does not exist
    :raises LeaseNotTheDrivers: the driver was never on the lease
    :raises AnotherDriversObligation, ObligationClosed, OverAllocation: an allocation can't be made
    :raises IdempotencyConflict: the key was used with other facts
    :raises PaymentDoubtful: it asks, and something was not confirmed
    """
    payment_amount = parse_amount(payment_amount, field="payment_amount")
    deposit = parse_amount(deposit, field="deposit", allow_zero=True)
    instrument_number = check_method(payment_method, instrument_number)
    idempotency_key = check_key(idempotency_key)
    named = check_named(allocations, payment_amount - deposit)
    if deposit and lease_id is None:
        raise ValueInvalid("A deposit names its lease.", field="lease")
    payment = InterimPayment(
        driver_id=driver_id,
        lease_id=lease_id,
        amount=payment_amount,
        deposit=deposit,
        method=payment_method,
        instrument_number=instrument_number,
        idempotency_key=idempotency_key,
        received_on=effective_on,
        received_by=actor,
    )
    fingerprint = _fingerprint_of(payment, named)
    lock_accounts([driver_id])
    received_on = None if same_on_any_day else effective_on
    if (first := find_replayed(InterimPayment, idempotency_key, fingerprint, received_on=received_on)) is not None:
        return first
    payment.doubts = _list_doubts(payment)
    if asks:
        _check_confirmed(payment.doubts, confirmed)
    post_named_ahead(named, driver_id=driver_id, today=effective_on, actor=actor)
    obligations = read_named(named, driver_id=driver_id)

    payment.fingerprint = fingerprint if idempotency_key else ""
    payment.save(force_insert=True)
    # The database drew the number.
    payment.refresh_from_db(fields=["number"])
    credit = _open_credits(payment, actor=actor)
    _allocate(payment, credit, obligations, named, actor=actor)
    return payment


def _fingerprint_of(payment: InterimPayment, named: Mapping[str, Decimal]) -> str:
    return fingerprint_of(
        amount=payment.amount,
        deposit=payment.deposit,
        allocations=named,
        driver=payment.driver_id,
        lease=payment.lease_id,
        method=payment.method,
        instrument=payment.instrument_number,
    )


def _list_doubts(payment: InterimPayment) -> Sequence[Doubt]:
    return list_payment_doubts(
        driver_id=payment.driver_id,
        amount=payment.amount,
        method=payment.method,
        instrument_number=payment.instrument_number,
        today=payment.received_on,
        actor_id=payment.received_by_id,
    )


def _check_confirmed(doubts: Sequence[Doubt], confirmed: Collection[str]) -> None:
    """:raises PaymentDoubtful: the code of a doubt is not among ``confirmed``"""
    asked = [doubt for doubt in doubts if doubt.code not in confirmed]
    if asked:
        raise errors.PaymentDoubtful(
            " ".join(doubt.detail for doubt in asked),
            doubts=[{"code": doubt.code, "detail": doubt.detail} for doubt in asked],
        )


def _open_credits(payment: InterimPayment, *, actor: User | None) -> LedgerPosting | None:
    """Post the money of the payment; return the posting that holds what is not a deposit, if there is any."""
    credit = None
    if payment.amount > payment.deposit:
        credit = _open_credit(payment, Kind.PAYMENT, payment.amount - payment.deposit, actor)
    if payment.deposit:
        _open_credit(payment, Kind.DEPOSIT, payment.deposit, actor)
    return credit


def _open_credit(payment: InterimPayment, kind: Kind, amount: Decimal, actor: User | None) -> LedgerPosting:
    say = words.say_deposit if kind == Kind.DEPOSIT else words.say_payment
    return LedgerPosting.objects.create(
        kind=kind,
        entry_type=EntryType.CREDIT,
        category=kind.value,
        amount=amount,
        reference_id=f"DEPOSIT-{payment.number:06d}" if kind == Kind.DEPOSIT else payment.reference_id,
        driver_id=payment.driver_id,
        lease_id=payment.lease_id,
        payment=payment,
        effective_on=payment.received_on,
        description=say(
            method=payment.method,
            instrument=payment.instrument_number,
            received_on=payment.received_on,
            number=payment.number,
        ),
        posted_by=actor,
    )


def _allocate(
    payment: InterimPayment,
    credit: LedgerPosting | None,
    obligations: Mapping[str, LedgerBalance],
    named: Mapping[str, Decimal],
    *,
    actor: User | None,
) -> None:
    if credit is None:
        return
    LedgerPosting.objects.bulk_create(
        [
            make_movement(
                Kind.ALLOCATION,
                obligations[reference_id],
                amount,
                funding_id=credit.pk,
                payment_id=payment.pk,
                effective_on=payment.received_on,
                actor=actor,
            )
            for reference_id, amount in named.items()
        ]
    )
