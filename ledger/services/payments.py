"""Money over the counter: the driver names what it pays, and the waterfall has no say in it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_key
from core.errors import ValueInvalid
from ledger import errors, words
from ledger.categories import EntryType, Kind, Status
from ledger.installments.rules import last_payable_ahead
from ledger.locks import lock_accounts
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from ledger.money import ZERO, format_dollars, parse_amount
from ledger.selectors import Doubt, list_payment_doubts
from ledger.services.checks import check_method, check_reference
from ledger.services.idempotency import find_replayed, fingerprint_of
from ledger.services.installments import post_installments_ahead
from ledger.services.movements import make_movement
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
    named = _check_allocations(allocations, payment_amount - deposit)
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
    _post_ahead(named, driver_id=driver_id, today=effective_on, actor=actor)
    obligations = _read_obligations(named, driver_id=driver_id)

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
    )


def _check_confirmed(doubts: Sequence[Doubt], confirmed: Collection[str]) -> None:
    """:raises PaymentDoubtful: the code of a doubt is not among ``confirmed``"""
    asked = [doubt for doubt in doubts if doubt.code not in confirmed]
    if asked:
        raise errors.PaymentDoubtful(
            " ".join(doubt.detail for doubt in asked),
            doubts=[{"code": doubt.code, "detail": doubt.detail} for doubt in asked],
        )


def _check_allocations(allocations: Mapping[str, Decimal], available: Decimal) -> dict[str, Decimal]:
    named = {
        check_reference(reference_id): parse_amount(amount, field="allocations")
        for reference_id, amount in allocations.items()
    }
    total = sum(named.values(), start=ZERO)
    if available < 0:
        raise errors.AllocationsExceedPayment("The deposit is more than the payment.", field="deposit")
    if total > available:
        raise errors.AllocationsExceedPayment(
            f"The allocations sum to {format_dollars(total)}, but only {format_dollars(available)} can be allocated."
        )
    return named


def _post_ahead(named: Mapping[str, Decimal], *, driver_id: int, today: date, actor: User | None) -> None:
    """Post the installments among ``named`` that are not posted yet but due within four weeks."""
    balances = LedgerBalance.objects.filter(reference_id__in=list(named))
    missing = set(named) - set(balances.values_list("reference_id", flat=True))
    if missing:
        post_installments_ahead(
            reference_ids=missing,
            driver_id=driver_id,
            until=last_payable_ahead(today),
            effective_on=today,
            actor=actor,
        )


def _read_obligations(named: Mapping[str, Decimal], *, driver_id: int) -> dict[str, LedgerBalance]:
    """The open obligations to pay, by reference, each of them able to take what was named for it."""
    # In id order, so that the last balance of a reference is the one kept.
    balances = LedgerBalance.objects.filter(reference_id__in=list(named)).order_by("pk")
    found = {balance.reference_id: balance for balance in balances}
    for reference_id, amount in named.items():
        balance = found.get(reference_id)
        if balance is None:
            raise errors.ReferenceNotFound(
                f"Nothing posted and no coming installment of this driver bears the reference {reference_id}.",
                field="allocations",
                reference_id=reference_id,
            )
        if balance.driver_id != driver_id:
            raise errors.AnotherDriversObligation(f"{reference_id} is another driver's.", reference_id=reference_id)
        if balance.entry_type != EntryType.DEBIT:
            raise errors.NotAnObligation(
                f"{reference_id} is money held for the driver, not a charge.", field="allocations"
            )
        if balance.status != Status.OPEN:
            raise errors.ObligationClosed(
                f"{reference_id} is {balance.get_status_display().lower()}.", reference_id=reference_id
            )
        if amount > balance.remaining:
            raise errors.OverAllocation(
                f"{format_dollars(amount)} is more than the {format_dollars(balance.remaining)} that remains on "
                f"{reference_id}.",
                reference_id=reference_id,
                remaining=str(balance.remaining),
            )
    return found


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
