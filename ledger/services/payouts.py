"""Money that leaves the fleet to a driver."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_key, check_reason, check_text
from ledger import errors
from ledger.categories import EntryType, Kind
from ledger.locks import lock_accounts
from ledger.models import LedgerBalance, LedgerPosting, Payout
from ledger.money import ZERO, format_dollars, parse_amount
from ledger.services.checks import check_method
from ledger.services.idempotency import find_replayed, fingerprint_of
from ledger.services.movements import make_movement
from ledger.services.reversals import reverse
from ledger.services.transactions import money_transaction

MAX_DTR_NUMBER = 40


@money_transaction
def pay_out(
    *,
    driver_id: int,
    amount: Decimal,
    method: str,
    instrument_number: str = "",
    dtr_number: str | None = None,
    idempotency_key: str | None = None,
    effective_on: date,
    same_on_any_day: bool = False,
    actor: User | None = None,
) -> Payout:
    """Pay a driver ``amount`` dollars from their held credits, oldest first; deposits are never touched.

    The payout gets the next number. The same key and facts return the first payout; with ``same_on_any_day`` on
    whatever day it is sent again.

    :raises AmountInvalid, ValueInvalid: an argument is not what it should be
    :raises DriverNotFound: no such driver
    :raises ExceedsNetDue: more than the held credits less what the driver owes and is due on ``effective_on``
    :raises IdempotencyConflict: the key was used with other facts
    """
    amount = parse_amount(amount)
    instrument_number = check_method(method, instrument_number)
    idempotency_key = check_key(idempotency_key)
    dtr_number = check_text(dtr_number or "", field="dtr_number", longest=MAX_DTR_NUMBER, required=False)
    fingerprint = fingerprint_of(
        amount=amount, driver=driver_id, method=method, instrument=instrument_number, dtr=dtr_number
    )

    lock_accounts([driver_id])
    paid_on = None if same_on_any_day else effective_on
    first = find_replayed(Payout, idempotency_key, fingerprint, paid_on=paid_on)
    if first is not None:
        return first
    balances = list(LedgerBalance.objects.open().without_deposits().filter(driver_id=driver_id))
    credits_ = [balance for balance in balances if balance.entry_type == EntryType.CREDIT]
    due = [b for b in balances if b.entry_type == EntryType.DEBIT and b.due_on and b.due_on <= effective_on]
    net_due = sum((c.remaining for c in credits_), start=ZERO) - sum((d.remaining for d in due), start=ZERO)
    if amount > net_due:
        raise errors.ExceedsNetDue(
            f"{format_dollars(amount)} is more than the {format_dollars(max(net_due, ZERO))} due to the driver.",
            net_due=str(net_due),
        )

    payout = draw_payout(
        driver_id=driver_id,
        amount=amount,
        method=method,
        instrument_number=instrument_number,
        paid_on=effective_on,
        actor=actor,
        dtr_number=dtr_number,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint if idempotency_key else "",
    )
    pay_from(payout, sorted(credits_, key=lambda credit: (credit.effective_on, credit.pk)), actor=actor)
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


def draw_payout(
    *,
    driver_id: int,
    amount: Decimal,
    method: str,
    instrument_number: str,
    paid_on: date,
    actor: User | None,
    dtr_number: str = "",
    idempotency_key: str | None = None,
    fingerprint: str = "",
) -> Payout:
    """Write the payout itself, under the next number; :func:`pay_from` says what it is drawn from."""
    payout = Payout.objects.create(
        driver_id=driver_id,
        amount=amount,
        method=method,
        instrument_number=instrument_number,
        dtr_number=dtr_number,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        paid_on=paid_on,
        paid_by=actor,
    )
    # The database drew the number.
    payout.refresh_from_db(fields=["number"])
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
    LedgerPosting.objects.bulk_create(lines)
