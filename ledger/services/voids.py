"""Undoing: what would happen, and doing it. A void is a new posting; nothing is ever taken out of the ledger."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from ledger import errors
from ledger.categories import Category, Kind
from ledger.locks import lock_accounts
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from ledger.money import ZERO, format_dollars
from ledger.services.arguments import check_reason, today_in_new_york
from ledger.services.movements import make_movement
from ledger.services.posting import Opening, get_live_opening, open_balances
from ledger.services.reversals import (
    list_live_movements,
    lock_and_read,
    plan_void,
    refuse_in_use,
    refuse_paid_out,
    reverse,
)
from ledger.services.transactions import money_transaction


@dataclass(frozen=True)
class BalanceChange:
    """A balance before and after a void, in dollars."""

    reference_id: str
    category: str
    is_obligation: bool
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class VoidPreview:
    """What a void would do: each step in words, each balance in figures, and the net position's change in dollars."""

    steps: list[str]
    changes: list[BalanceChange]
    net_position_change: Decimal


@money_transaction
def void_posting(
    *,
    posting_id: int,
    reason: str,
    actor: User | None,
    cascade: bool = False,
    effective_on: date | None = None,
) -> list[LedgerPosting]:
    """Cancel a posting by writing its opposite, and return the opposites in the order written.

    A movement's money returns to what funded it. An obligation's movements are voided first, newest first, then
    itself. A held credit that has paid for something is voided with those uses only when ``cascade`` says so.

    :raises ReasonRequired: no reason given
    :raises PostingNotFound: no such posting
    :raises AlreadyVoided: it was voided before
    :raises VoidOfVoid: it is itself a void
    :raises CreditInUse: it has paid for other postings; they are listed
    :raises CreditPaidOut: something of it has left to the driver
    """
    reason = check_reason(reason)
    plan = plan_void(lock_and_read(posting_id), cascade=cascade)
    return reverse(plan.steps, reason=reason, actor=actor, effective_on=effective_on or today_in_new_york())


@money_transaction
def preview_void(*, posting_id: int, cascade: bool = False) -> VoidPreview:
    """Say what :func:`void_posting` would do now, and write nothing.

    :raises: what :func:`void_posting` raises, but for the reason
    """
    return _describe(plan_void(lock_and_read(posting_id), cascade=cascade).steps)


@money_transaction
def void_payment(
    *,
    payment_id: int,
    reason: str,
    actor: User | None,
    cascade: bool = False,
    returned_item: bool = False,
    effective_on: date | None = None,
) -> list[LedgerPosting]:
    """Undo a whole counter payment: what it paid is owed again. Returns the postings written.

    Lines already voided are skipped. What the waterfall paid with it later is undone only when ``cascade`` says so.
    With ``returned_item`` (a bounced check), money of it that has already left to the driver becomes a RECOVERY.

    :raises ReasonRequired: no reason given
    :raises PaymentNotFound: no such payment
    :raises AlreadyVoided: nothing of it is left to undo
    :raises CreditInUse: the waterfall has used it; the uses are listed
    :raises CreditPaidOut: something of it has left to the driver, and it is not a returned item
    """
    reason = check_reason(reason)
    payment = _lock_payment(payment_id)
    voidable, paid_out = _plan_payment(payment, cascade=cascade, returned_item=returned_item)
    effective_on = effective_on or today_in_new_york()
    written = reverse(voidable, reason=reason, actor=actor, effective_on=effective_on)
    if paid_out:
        written += _recover(payment, paid_out, reason=reason, actor=actor, effective_on=effective_on)
    return written


@money_transaction
def preview_void_payment(*, payment_id: int, cascade: bool = False, returned_item: bool = False) -> VoidPreview:
    """Say what :func:`void_payment` would do now, and write nothing.

    :raises: what :func:`void_payment` raises, but for the reason
    """
    payment = _lock_payment(payment_id)
    voidable, paid_out = _plan_payment(payment, cascade=cascade, returned_item=returned_item)
    preview = _describe(voidable)
    if not paid_out:
        return preview
    recovered = sum((credit.amount for credit in paid_out), start=ZERO)
    after = {change.reference_id: change.after for change in preview.changes}
    left = {credit: after.get(credit.reference_id, credit.remaining) for credit in _balances_of(paid_out).values()}
    returned = sum(left.values(), start=ZERO)
    sentence = (
        f"{_recovery_reference(payment)}: a recovery of {format_dollars(recovered)} is charged, of which "
        f"{format_dollars(returned)} is paid at once by what is left of the payment; "
        f"{format_dollars(recovered - returned)} has left to the driver and stays owed."
    )
    # A deposit is not netted, so what it pays lowers the net position; what another credit pays does not.
    from_deposit = sum((part for credit, part in left.items() if credit.category == Category.DEPOSIT), start=ZERO)
    change = preview.net_position_change + recovered - from_deposit
    return VoidPreview([*preview.steps, sentence], preview.changes, change)


def _lock_payment(payment_id: int) -> InterimPayment:
    payment = InterimPayment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise errors.PaymentNotFound(f"No payment {payment_id}.", payment_id=payment_id)
    lock_accounts([payment.driver_id])
    return payment


def _plan_payment(
    payment: InterimPayment, *, cascade: bool, returned_item: bool
) -> tuple[list[LedgerPosting], list[LedgerPosting]]:
    """The payment's postings to reverse, in order; and its credits that can't be, since money of them has left."""
    openings = list(payment.postings.filter(balance=None, reversals=None).order_by("-pk"))
    already_returned = LedgerBalance.objects.live().filter(reference_id=_recovery_reference(payment)).exists()
    if not openings or already_returned:
        raise errors.AlreadyVoided(f"{payment.reference_id} was voided before.", payment_id=payment.pk)
    voidable: list[LedgerPosting] = []
    paid_out: list[LedgerPosting] = []
    for opening in openings:
        movements = list_live_movements(opening)
        has_left = any(movement.kind == Kind.PAYOUT for movement in movements)
        if has_left and not returned_item:
            refuse_paid_out(opening, movements)
        # What the payer named is part of the payment; what the waterfall did with the rest is a use of it.
        uses = [movement for movement in movements if movement.kind == Kind.APPLICATION]
        if uses and not cascade:
            refuse_in_use(opening, uses)
        voidable += [movement for movement in movements if movement.kind != Kind.PAYOUT]
        (paid_out if has_left else voidable).append(opening)
    return voidable, paid_out


def _recover(
    payment: InterimPayment,
    paid_out: list[LedgerPosting],
    *,
    reason: str,
    actor: User | None,
    effective_on: date,
) -> list[LedgerPosting]:
    """Charge the returned credits as a RECOVERY, paid at once by whatever of them has not left to the driver."""
    recovery = Opening(
        Category.RECOVERY,
        sum((credit.amount for credit in paid_out), start=ZERO),
        _recovery_reference(payment),
        payment.driver_id,
        payment.lease_id,
        effective_on=effective_on,
    )
    # A return that was itself undone (its recovery voided) may happen again.
    voided = LedgerBalance.objects.filter(reference_id=recovery.reference_id).order_by("-pk").first()
    open_balances(Kind.OBLIGATION, [recovery], actor=actor, replaces=voided.pk if voided else None)
    posting = get_live_opening(recovery.reference_id)
    paid_back = [
        make_movement(
            Kind.APPLICATION,
            posting,
            balance.remaining,
            funding_id=balance.pk,
            effective_on=effective_on,
            reason=reason,
            actor=actor,
        )
        for balance in _balances_of(paid_out).values()
        if balance.remaining
    ]
    return [posting, *LedgerPosting.objects.bulk_create(paid_back)]


def _recovery_reference(payment: InterimPayment) -> str:
    return f"RETURNED-{payment.reference_id}"


def _balances_of(openings: list[LedgerPosting]) -> dict[int, LedgerBalance]:
    return LedgerBalance.objects.in_bulk([opening.pk for opening in openings])


def _describe(steps: list[LedgerPosting]) -> VoidPreview:
    """Put the reversal of ``steps`` into words and figures."""
    touched = {step.moved_balance_id for step in steps} | {step.funding_id for step in steps if step.funding_id}
    balances = LedgerBalance.objects.in_bulk(touched)
    after = {pk: balance.remaining for pk, balance in balances.items()}
    sentences = []
    for step in steps:
        target = balances[step.moved_balance_id]
        amount = format_dollars(step.amount)
        kind = step.get_kind_display()
        if step.is_opening:
            after[step.pk] -= step.amount
            sentences.append(f"{kind} {target.reference_id} of {amount} is voided.")
            continue
        after[target.pk] += step.amount
        sentence = f"{kind} of {amount} on {target.reference_id} is undone"
        if step.funding_id is None:
            sentences.append(f"{sentence}.")
        else:
            after[step.funding_id] += step.amount
            sentences.append(f"{sentence}; the money returns to {balances[step.funding_id].reference_id}.")
    changes = [
        BalanceChange(b.reference_id, b.category, b.is_obligation, b.remaining, after[pk])
        for pk, b in sorted(balances.items())
    ]
    net = sum(
        (
            (change.after - change.before) * (1 if change.is_obligation else -1)
            for change in changes
            if change.category != Category.DEPOSIT
        ),
        start=ZERO,
    )
    return VoidPreview(sentences, changes, net)
