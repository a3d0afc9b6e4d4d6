"""Money that leaves the fleet to a driver."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_key, check_reason, check_text
from core.statements import insert_row
from ledger import errors
from ledger.categories import Kind
from ledger.locks import lock_accounts
from ledger.models import LedgerBalance, LedgerPosting, Payout
from ledger.money import format_dollars, parse_amount
from ledger.selectors.locks import find_driver_lock
from ledger.selectors.payable import Payable, PayoutScope, get_payable, in_scope
from ledger.services.checks import check_method
from ledger.services.idempotency import find_replayed, fingerprint_of
from ledger.services.movements import make_movement
from ledger.services.reversals import reverse
from ledger.services.transactions import money_transaction
from ledger.services.writing import write_postings

MAX_DTR_NUMBER = 40


@money_transaction
def pay_out(
    *,
    driver_id: int,
    amount: Decimal,
    method: str,
    instrument_number: str = "",
    dtr_number: str | None = None,
    lease_id: int | None = None,
    idempotency_key: str | None = None,
    effective_on: date,
    same_on_any_day: bool = False,
    actor: User | None = None,
) -> Payout:
    """Pay a driver ``amount`` dollars from their held credits, oldest first; deposits are never touched.

    With ``lease_id`` it draws the credits of that lease alone. So does a payout that names a DTR, of its lease; and
    without ``lease_id`` those of no lease. However it draws, what is held less what is owed over all leases is the
    limit: what is due on ``effective_on``, or all that is open or still to be charged once the driver's last lease is
    over.

    The payout gets the next number. The same key and facts return the first payout; with ``same_on_any_day`` on
    whatever day it is sent again.

    :raises AmountInvalid, ValueInvalid: an argument is not what it should be
    :raises DriverNotFound, LeaseNotFound: no such driver or lease
    :raises DriverLocked: the driver is locked
    :raises ExceedsNetDue: more than the held credits less what the driver owes
    :raises ExceedsHeldOnLease: more than the credits of the one lease hold
    :raises IdempotencyConflict: the key was used with other facts
    """
    amount = parse_amount(amount)
    instrument_number = check_method(method, instrument_number)
    idempotency_key = check_key(idempotency_key)
    dtr_number = check_text(dtr_number or "", field="dtr_number", longest=MAX_DTR_NUMBER, required=False)
    scope = PayoutScope(lease_id) if dtr_number or lease_id is not None else None
    fingerprint = fingerprint_of(
        amount=amount, driver=driver_id, method=method, instrument=instrument_number, dtr=dtr_number, lease=lease_id
    )

    lock_accounts([driver_id])
    paid_on = None if same_on_any_day else effective_on
    first = find_replayed(Payout, idempotency_key, fingerprint, paid_on=paid_on)
    if first is not None:
        return first
    _check_payable(get_payable(driver_id, on=effective_on, scope=scope), amount)

    payout = draw_payout(
        driver_id=driver_id,
        amount=amount,
        method=method,
        instrument_number=instrument_number,
        paid_on=effective_on,
        actor=actor,
        dtr_number=dtr_number,
        lease_id=lease_id,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint if idempotency_key else "",
    )
    held = LedgerBalance.objects.open().held_credits().without_deposits().filter(in_scope(scope), driver_id=driver_id)
    pay_from(payout, held.order_by("effective_on", "posting_id"), actor=actor)
    return payout


@money_transaction
def void_payout(*, payout_id: int, reason: str, actor: User | None, effective_on: date) -> list[LedgerPosting]:
    """Undo a payout: every dollar of it returns to the credit it was drawn from. Returns the reversing postings.

    :raises ReasonRequired: no reason given
    :raises PayoutNotFound: no such payout
    :raises AlreadyVoided: nothing of it is left to undo
    """
    reason = check_reason(reason)
    payout = Payout.objects.filter(pk=payout_id).first()
    if payout is None:
        raise errors.PayoutNotFound(f"No payout {payout_id}.", payout_id=payout_id)
    lock_accounts([payout.driver_id])
    lines = list(payout.postings.filter(kind=Kind.PAYOUT, reversals=None).order_by("-pk"))
    if not lines:
        raise errors.AlreadyVoided(f"{payout.reference_id} was voided before.", payout_id=payout_id)
    return reverse(lines, reason=reason, actor=actor, effective_on=effective_on)


def _check_payable(payable: Payable, amount: Decimal) -> None:
    """:raises ExceedsNetDue, ExceedsHeldOnLease: more than may be paid out"""
    if amount > payable.net:
        raise errors.ExceedsNetDue(
            f"{format_dollars(amount)} is too much. {payable.say_net()}", net_due=str(payable.net)
        )
    if amount > payable.held_in_scope:
        raise errors.ExceedsHeldOnLease(
            f"{format_dollars(amount)} is too much: {format_dollars(payable.held_in_scope)} is still held of the "
            "credits that it may be paid from. Credits of other leases leave with their own DTRs.",
            held=str(payable.held_in_scope),
        )


def draw_payout(
    *,
    driver_id: int,
    amount: Decimal,
    method: str,
    instrument_number: str,
    paid_on: date,
    actor: User | None,
    dtr_number: str = "",
    lease_id: int | None = None,
    idempotency_key: str | None = None,
    fingerprint: str = "",
) -> Payout:
    """Write the payout itself, under the next number; :func:`pay_from` says what it is drawn from.

    :raises DriverLocked: the driver is locked
    """
    reason = find_driver_lock(driver_id)
    if reason is not None:
        raise errors.DriverLocked(f"The driver is locked, and nothing is paid out to them: {reason}")
    payout = Payout(
        driver_id=driver_id,
        amount=amount,
        method=method,
        instrument_number=instrument_number,
        dtr_number=dtr_number,
        lease_id=lease_id,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        paid_on=paid_on,
        paid_by=actor,
    )
    insert_row(payout)
    return payout


def pay_from(payout: Payout, credits_: Iterable[LedgerBalance], *, actor: User | None) -> None:
    """Draw the payout from the given credits, in their order."""
    unpaid = payout.amount
    lines = []
    for credit in credits_:
        part = min(unpaid, credit.remaining)
        if part == 0:
            break
        unpaid -= part
        lines.append(
            make_movement(Kind.PAYOUT, credit, part, payout_id=payout.pk, effective_on=payout.paid_on, actor=actor)
        )
    write_postings(lines)
