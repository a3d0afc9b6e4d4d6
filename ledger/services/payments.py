"""Money over the counter: the driver names what it pays, and the waterfall has no say in it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User

from core.checks import check_key
from core.errors import ValueInvalid
from core.statements import bound_cursor, list_columns, make_row, note_inserted
from ledger import errors, words
from ledger.locks import lock_may_begin
from ledger.models import InterimPayment, LedgerBalance
from ledger.money import ZERO, parse_amount
from ledger.selectors import Doubt, list_payment_doubts, list_postings_of_payment
from ledger.selectors.words import POSTED, make_posted
from ledger.services.checks import check_method
from ledger.services.idempotency import fingerprint_of, refuse_other_facts
from ledger.services.named import check_named, open_named
from ledger.services.transactions import list_bounds, self_bounded_transaction

_BEGIN = f"""
    SELECT {list_columns(InterimPayment, "(first)")}, is_taken_lately, {list_columns(LedgerBalance, "(balance)")}
    FROM ledger_begin_payment(%s, %s, %s::bigint, %s, %s, %s, %s::text[])
"""
#: Numbers are cast: what no table can hold is then refused for its size.
_FROM_TAKE = f"FROM ledger_take_payment(%s::bigint, %s::bigint, {'%s, ' * 12}%s::bigint[], %s::numeric[]"
_TAKE = f"SELECT new_id, new_number, taken_at {_FROM_TAKE}, false)"
_TAKE_AND_TELL = f"SELECT new_id, new_number, taken_at, {POSTED} {_FROM_TAKE}, true)"
#: Stands for the number of a receipt while its words are made.
NO_NUMBER = 0


@dataclass(frozen=True, slots=True)
class _Begun:
    """What is there before a payment: the one of its key, whether one of its amount was just taken, what it names."""

    first: InterimPayment | None
    is_taken_lately: bool
    found: dict[str, LedgerBalance]


@self_bounded_transaction
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
    tells: bool = False,
    actor: User | None = None,
) -> InterimPayment:
    """Receive ``payment_amount`` dollars from a driver and pay what they name; the rest stays on their account.

    ``allocations`` gives dollars per reference: open obligations, or unposted installments due within four weeks,
    which are posted first. ``deposit`` dollars of the payment are a deposit on ``lease_id``. The payment gets the next
    receipt number. The same key and facts return the first payment; with ``same_on_any_day`` on whatever day they come.

    What makes it doubtful stands in ``doubts`` of the payment returned (:func:`ledger.selectors.list_payment_doubts`).
    With ``asks`` it is taken only when the code of each doubt is among ``confirmed``. The first payment of a key has
    no doubts: a payment that is sent again never asks. With ``tells`` what it posted stands in ``posted`` of it, with
    all that ``narration.tell`` reads.

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
    begun = _begin(payment, named)
    if begun.first is not None:
        refuse_other_facts(begun.first, fingerprint, received_on=None if same_on_any_day else effective_on)
        begun.first.posted = list_postings_of_payment(begun.first.pk) if tells else ()
        return begun.first
    payment.doubts = _list_doubts(payment, begun)
    if asks:
        _check_confirmed(payment.doubts, confirmed)
    obligations = open_named(named, driver_id=driver_id, today=effective_on, actor=actor, found=begun.found)

    payment.fingerprint = fingerprint if idempotency_key else ""
    _take(payment, obligations, named, tells=tells)
    return payment


def _begin(payment: InterimPayment, named: Collection[str]) -> _Begun:
    """Lock the driver's account, and read what is to be known before the payment is taken."""
    lock_may_begin(payment.driver_id)
    with bound_cursor() as cursor:
        cursor.execute(
            _BEGIN,
            [
                *list_bounds(),
                payment.driver_id,
                payment.idempotency_key,
                payment.amount,
                settings.ASK_SAME_AMOUNT_MINUTES,
                list(named),
            ],
        )
        rows = cursor.fetchall()
    until = len(InterimPayment._meta.concrete_fields)
    first = make_row(InterimPayment, rows[0][:until]) if rows[0][0] is not None else None
    # In id order, so that the last balance of a reference is the one kept.
    balances = [make_row(LedgerBalance, row[until + 1 :]) for row in rows if row[until + 1] is not None]
    return _Begun(first, rows[0][until], {balance.reference_id: balance for balance in balances})


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


def _list_doubts(payment: InterimPayment, begun: _Begun) -> Sequence[Doubt]:
    return list_payment_doubts(
        driver_id=payment.driver_id,
        amount=payment.amount,
        method=payment.method,
        instrument_number=payment.instrument_number,
        today=payment.received_on,
        actor_id=payment.received_by_id,
        is_taken_lately=begun.is_taken_lately,
    )


def _check_confirmed(doubts: Sequence[Doubt], confirmed: Collection[str]) -> None:
    """:raises PaymentDoubtful: the code of a doubt is not among ``confirmed``"""
    asked = [doubt for doubt in doubts if doubt.code not in confirmed]
    if asked:
        raise errors.PaymentDoubtful(
            " ".join(doubt.detail for doubt in asked),
            doubts=[{"code": doubt.code, "detail": doubt.detail} for doubt in asked],
        )


def _take(
    payment: InterimPayment, obligations: Mapping[str, LedgerBalance], named: Mapping[str, Decimal], *, tells: bool
) -> None:
    """Write the payment, its money, the deposit in it, and what it pays at once.

    From the first of these on nobody else draws a receipt's number, so it is one statement.
    """
    with bound_cursor() as cursor:
        cursor.execute(
            _TAKE_AND_TELL if tells else _TAKE,
            [
                payment.driver_id,
                payment.lease_id,
                payment.amount,
                payment.deposit,
                payment.method,
                payment.instrument_number,
                payment.idempotency_key,
                payment.fingerprint,
                payment.received_on,
                payment.received_by_id,
                f"{payment.prefix}-",
                _say_before_number(words.say_payment, payment),
                "DEPOSIT-",
                _say_before_number(words.say_deposit, payment),
                [obligations[reference_id].pk for reference_id in named],
                list(named.values()),
            ],
        )
        rows = cursor.fetchall()
    payment.pk, payment.number, payment.received_at = rows[0][:3]
    note_inserted(payment)
    payment.posted = [make_posted(row[3:]) for row in rows] if tells else ()


def _say_before_number(say: Callable[..., str], payment: InterimPayment) -> str:
    """Return the words of a payment up to its receipt's number, with which they end."""
    said = say(
        method=payment.method, instrument=payment.instrument_number, received_on=payment.received_on, number=NO_NUMBER
    )
    return said.removesuffix(f"{NO_NUMBER:06d}")
