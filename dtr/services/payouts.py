"""A DTR's net leaves the fleet: once, by check or to the bank, and never more than is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.errors import DomainError
from dtr.errors import DtrAlreadyPaid, DtrNotFound, DtrNotLatest, NothingDue
from dtr.models import Dtr
from dtr.selectors import DtrPayout, list_later_dtrs, list_payouts_of, plan_payouts
from ledger import locks
from ledger import services as ledger
from ledger.money import format_dollars


@dataclass(frozen=True, slots=True)
class DtrPayment:
    """How one DTR is to be paid; all that may be paid of its net when ``amount`` (dollars) is left out."""

    dtr_id: int
    method: str
    instrument_number: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PaymentOutcome:
    """What became of one payment: the payout, or why there is none."""

    dtr_id: int
    payout: DtrPayout | None
    refusal: DomainError | None = None


@ledger.money_transaction
def pay_dtr(
    *,
    dtr_id: int,
    method: str,
    instrument_number: str = "",
    amount: Decimal | None = None,
    effective_on: date,
    actor: User | None = None,
) -> DtrPayout:
    """Record that the net of a driver's latest DTR was paid out on ``effective_on`` (or ``amount`` dollars of it).

    It is drawn from the credits of the DTR's own lease alone, or of no lease where the DTR is on none. Where ``amount``
    is left out it is capped at what is held for the driver less what they owe over all leases.

    The DTR's number makes it happen once: the same payment again returns the first payout. After a void it may be paid
    anew.

    :raises DtrNotFound, DtrNotLatest, NothingDue: there is nothing to pay on this DTR
    :raises DtrAlreadyPaid: it was paid before, in another way
    :raises ExceedsNetDue: less is due to the driver by now than is asked for, or nothing
    :raises ExceedsHeldOnLease: the credits of its lease hold less by now
    :raises AmountInvalid, ValueInvalid: an argument is not what it should be
    """
    dtr = Dtr.objects.filter(pk=dtr_id).first()
    if dtr is None:
        raise DtrNotFound(f"No DTR {dtr_id}.", dtr_id=dtr_id)
    locks.lock_accounts([dtr.driver_id])
    payouts = list_payouts_of([dtr])[dtr.reference_id]
    standing = next((payout for payout in payouts if payout.stands), None)
    if standing is not None:
        return _answer_again(dtr, standing, method, instrument_number.strip(), amount)
    if list_later_dtrs(dtr).exists():
        raise DtrNotLatest(f"{dtr} is not the driver's latest DTR: what it left is on the next one.", dtr=str(dtr))
    if amount is None:
        # Where nothing may be paid the ledger says why.
        amount = plan_payouts([dtr], on=effective_on)[0].amount or dtr.net_due
    if dtr.net_due <= 0 or amount > dtr.net_due:
        raise NothingDue(
            f"{dtr} says {format_dollars(max(dtr.net_due, Decimal('0.00')))} due to the driver.", dtr=str(dtr)
        )
    ledger.pay_out(
        driver_id=dtr.driver_id,
        amount=amount,
        method=method,
        instrument_number=instrument_number,
        dtr_number=dtr.reference_id,
        lease_id=dtr.lease_id,
        # A voided payout keeps its key.
        idempotency_key=f"{dtr.reference_id}-{len(payouts) + 1}" if payouts else dtr.reference_id,
        effective_on=effective_on,
        actor=actor,
    )
    return list_payouts_of([dtr])[dtr.reference_id][-1]


def pay_dtrs(*, payments: Sequence[DtrPayment], effective_on: date, actor: User | None = None) -> list[PaymentOutcome]:
    """Record many payments, each for itself: one that is refused leaves the others paid. Outcomes in their order."""
    outcomes = []
    for payment in payments:
        try:
            payout = pay_dtr(
                dtr_id=payment.dtr_id,
                method=payment.method,
                instrument_number=payment.instrument_number,
                amount=payment.amount,
                effective_on=effective_on,
                actor=actor,
            )
            outcomes.append(PaymentOutcome(payment.dtr_id, payout))
        except DomainError as refusal:
            outcomes.append(PaymentOutcome(payment.dtr_id, None, refusal))
    return outcomes


def _answer_again(
    dtr: Dtr, standing: DtrPayout, method: str, instrument_number: str, amount: Decimal | None
) -> DtrPayout:
    same = (standing.method, standing.instrument_number) == (method, instrument_number)
    if same and amount in (None, standing.amount):
        return standing
    raise DtrAlreadyPaid(f"{dtr} was paid by {standing.reference_id}.", payout=standing.reference_id)
