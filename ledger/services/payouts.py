"""Money that leaves the fleet to a driver."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from ledger import errors
from ledger.categories import Category, EntryType, Kind
from ledger.locks import lock_accounts
from ledger.models import LedgerBalance, LedgerPosting, Payout
from ledger.money import ZERO, format_dollars, parse_amount
from ledger.services.arguments import (
    check_key,
    check_method,
    check_reason,
    fingerprint_of,
    has_control_characters,
    today_in_new_york,
)
from ledger.services.movements import make_movement
from ledger.services.payments import find_replayed
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
    effective_on: date | None = None,
    actor: User | None = None,
) -> Payout:
    """Pay a driver ``amount`` dollars from his held credits, oldest first; deposits are never touched.

    The payout gets the next number. The same key and facts return the first payout.

    :raises InvalidAmount, InvalidValue: an argument is not what it should be
    :raises DriverNotFound: no such driver
    :raises ExceedsNetDue: more than his held credits less what he owes and is due on ``effective_on``
    :raises IdempotencyConflict: the key was used with other facts
    """
    amount = parse_amount(amount)
    instrument_number = check_method(method, instrument_number)
    idempotency_key = check_key(idempotency_key)
    if dtr_number and (len(dtr_number) > MAX_DTR_NUMBER or has_control_characters(dtr_number)):
        raise errors.InvalidValue(f"A DTR number has at most {MAX_DTR_NUMBER} characters.", field="dtr_number")
    fingerprint = fingerprint_of(
        amount=amount, driver=driver_id, method=method, instrument=instrument_number, dtr=dtr_number or ""
    )

    lock_accounts([driver_id])
    first = find_replayed(Payout, idempotency_key, fingerprint, paid_on=effective_on)
    if first is not None:
        return first
    effective_on = effective_on or today_in_new_york()
    balances = list(LedgerBalance.objects.open().without_deposits().filter(driver_id=driver_id))
    credits_ = [balance for balance in balances if balance.entry_type == EntryType.CREDIT]
    due = [b for b in balances if b.entry_type == EntryType.DEBIT and b.due_on and b.due_on <= effective_on]
    net_due = sum((c.remaining for c in credits_), start=ZERO) - sum((d.remaining for d in due), start=ZERO)
    if amount > net_due:
        raise errors.ExceedsNetDue(
            f"{format_dollars(amount)} is more than the {format_dollars(max(net_due, ZERO))} due to the driver.",
            net_due=str(net_due),
        )

    payout = _draw_payout(
        driver_id,
        amount,
        method,
        instrument_number,
        effective_on,
        actor,
        dtr_number=dtr_number or "",
        idempotency_key=idempotency_key,
        fingerprint=fingerprint if idempotency_key else "",
    )
    _pay_from(payout, sorted(credits_, key=lambda credit: (credit.effective_on, credit.pk)), actor=actor)
    return payout


@money_transaction
def release_deposit(
    *,
    posting_id: int,
    amount: Decimal | None = None,
    method: str,
    instrument_number: str = "",
    effective_on: date | None = None,
    actor: User | None = None,
) -> Payout:
    """Give ``amount`` dollars of a deposit back to its driver; all that remains of it when left out.

    :raises InvalidAmount, InvalidValue: an argument is not what it should be
    :raises PostingNotFound, NotADeposit: the posting did not open a deposit
    :raises OverAllocation: more than what remains of it
    """
    instrument_number = check_method(method, instrument_number)
    effective_on = effective_on or today_in_new_york()
    deposit = lock_and_read_deposit(posting_id)
    amount = deposit.remaining if amount is None else parse_amount(amount)
    if amount > deposit.remaining or amount == 0:
        raise errors.OverAllocation(
            f"{format_dollars(deposit.remaining)} remains of {deposit.reference_id}.",
            field="amount",
            remaining=str(deposit.remaining),
        )
    payout = _draw_payout(deposit.driver_id, amount, method, instrument_number, effective_on, actor)
    _pay_from(payout, [deposit], actor=actor)
    return payout


@money_transaction
def void_payout(
    *, payout_id: int, reason: str, actor: User | None, effective_on: date | None = None
) -> list[LedgerPosting]:
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
    return reverse(lines, reason=reason, actor=actor, effective_on=effective_on or today_in_new_york())


def lock_and_read_deposit(posting_id: int) -> LedgerBalance:
    """Lock the account of the deposit's driver; then return the deposit's balance.

    :raises PostingNotFound, NotADeposit: the posting did not open a deposit
    """
    found = LedgerBalance.objects.filter(pk=posting_id).first()
    if found is None:
        raise errors.PostingNotFound(f"No deposit {posting_id}.", posting_id=posting_id)
    if found.category != Category.DEPOSIT:
        raise errors.NotADeposit(f"{found.reference_id} is not a deposit.", posting_id=posting_id)
    lock_accounts([found.driver_id])
    found.refresh_from_db()
    return found


def _draw_payout(
    driver_id: int,
    amount: Decimal,
    method: str,
    instrument_number: str,
    paid_on: date,
    actor: User | None,
    *,
    dtr_number: str = "",
    idempotency_key: str | None = None,
    fingerprint: str = "",
) -> Payout:
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


def _pay_from(payout: Payout, credits_: Iterable[LedgerBalance], *, actor: User | None) -> None:
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
