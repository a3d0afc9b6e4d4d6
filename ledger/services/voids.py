"""Undoing. A void is a new posting; nothing is ever taken out of the ledger."""

from datetime import date

from django.contrib.auth.models import User

from core.checks import check_reason
from core.errors import ValueInvalid
from ledger import errors, words
from ledger.categories import Category, Kind, PaymentMethod
from ledger.locks import lock_accounts
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from ledger.money import ZERO
from ledger.selectors.slips import is_on_slip
from ledger.services.joint_voids import VoidOrder, list_joint_prefixes, void_jointly
from ledger.services.mirrors import mirror_returned_recovery
from ledger.services.movements import make_movement
from ledger.services.posting import Opening, get_live_opening, open_balances
from ledger.services.reversals import (
    list_live_movements,
    lock_and_look,
    plan_void,
    refuse_in_use,
    refuse_paid_out,
    reverse,
    void_untouched_charge,
)
from ledger.services.transactions import money_transaction, self_bounded_transaction
from ledger.services.writing import write_postings


def void_posting(
    *,
    posting_id: int,
    reason: str,
    actor: User | None,
    cascade: bool = False,
    effective_on: date,
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
    :raises: what the module refuses that voids its own postings in its own way (``register_joint_void``)
    """
    reason = check_reason(reason)
    written = void_untouched_charge(
        posting_id, but_not=list_joint_prefixes(), reason=reason, actor=actor, effective_on=effective_on
    )
    if written is not None:
        return [written]
    return _void_standing(posting_id, reason=reason, actor=actor, cascade=cascade, effective_on=effective_on)


@self_bounded_transaction
def _void_standing(
    posting_id: int, *, reason: str, actor: User | None, cascade: bool, effective_on: date
) -> list[LedgerPosting]:
    """Void a posting with whatever stands of it, or say why not."""
    standing = lock_and_look(posting_id)
    posting, plan = standing.posting, plan_void(standing, cascade=cascade)
    if posting.is_opening:
        order = VoidOrder(opening=posting, reason=reason, actor=actor, effective_on=effective_on)
        written = void_jointly(order)
        if written is not None:
            return written
    return reverse(plan.steps, reason=reason, actor=actor, effective_on=effective_on, is_mirrored=standing.is_mirrored)


@money_transaction
def void_payment(
    *,
    payment_id: int,
    reason: str,
    actor: User | None,
    cascade: bool = False,
    returned_item: bool = False,
    was_at_bank: bool | None = None,
    effective_on: date,
) -> list[LedgerPosting]:
    """Undo a whole counter payment: what it paid is owed again. Returns the postings written.

    Lines already voided are skipped. What the waterfall paid with it later is undone only when ``cascade`` says so.
    With ``returned_item`` (a bounced check), money of it that has already left to the driver becomes a RECOVERY.
    ``was_at_bank`` is asked of a returned check that no bank deposit names, and of nothing else.

    :raises ReasonRequired: no reason given
    :raises ValueInvalid: cash as a returned item; or ``was_at_bank`` is missing, or says what a slip denies
    :raises PaymentNotFound: no such payment
    :raises AlreadyVoided: nothing of it is left to undo
    :raises CreditInUse: the waterfall has used it; the uses are listed
    :raises CreditPaidOut: something of it has left to the driver, and it is not a returned item
    """
    reason = check_reason(reason)
    payment = get_payment(payment_id)
    lock_accounts([payment.driver_id])
    banked = _check_return(payment, returned_item=returned_item, was_at_bank=was_at_bank)
    voidable, paid_out = _plan_payment(payment, cascade=cascade, returned_item=returned_item)
    written = reverse(voidable, reason=reason, actor=actor, effective_on=effective_on, was_at_bank=banked)
    if paid_out:
        recovered = _recover(payment, paid_out, reason=reason, actor=actor, effective_on=effective_on)
        mirror_returned_recovery(recovered[0], payment, was_at_bank=banked, actor=actor)
        written += recovered
    return written


def _check_return(payment: InterimPayment, *, returned_item: bool, was_at_bank: bool | None) -> bool:
    """Whether what is voided was at the bank: as a slip says, or, of a returned check without one, the caller.

    :raises ValueInvalid: what is said can't be, or is not said
    """
    if returned_item and payment.method == PaymentMethod.CASH:
        raise ValueInvalid("Cash is never returned by a bank.", field="returned_item")
    on_slip = is_on_slip(payment.pk)
    if not returned_item or payment.method != PaymentMethod.CHECK or on_slip:
        if was_at_bank is not None and was_at_bank != on_slip:
            raise ValueInvalid("Only of a returned check that no bank deposit names is it asked.", field="was_at_bank")
        return on_slip
    if was_at_bank is None:
        raise ValueInvalid("Was the check at the bank? No bank deposit names it.", field="was_at_bank")
    return was_at_bank


def get_payment(payment_id: int) -> InterimPayment:
    """Return the payment, which never changes.

    :raises PaymentNotFound: no such payment
    """
    payment = InterimPayment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise errors.PaymentNotFound(f"No payment {payment_id}.", payment_id=payment_id)
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
    amount = sum((credit.amount for credit in paid_out), start=ZERO)
    kept = [balance for balance in _balances_of(paid_out).values() if balance.remaining]
    recovery = Opening(
        category=Category.RECOVERY,
        amount=amount,
        reference_id=_recovery_reference(payment),
        driver_id=payment.driver_id,
        effective_on=effective_on,
        lease_id=payment.lease_id,
        description=words.say_returned(
            method=payment.method,
            instrument=payment.instrument_number,
            received_on=payment.received_on,
            told_on=effective_on,
            paid_out=amount - sum((balance.remaining for balance in kept), start=ZERO),
        ),
    )
    # A return that was itself undone (its recovery voided) may happen again.
    voided = LedgerBalance.objects.bearing([recovery.reference_id]).order_by("-pk").first()
    open_balances(Kind.OBLIGATION, [recovery], actor=actor, replaces=[voided.pk] if voided else ())
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
        for balance in kept
    ]
    return [posting, *write_postings(paid_back)]


def _recovery_reference(payment: InterimPayment) -> str:
    return f"RETURNED-{payment.reference_id}"


def _balances_of(openings: list[LedgerPosting]) -> dict[int, LedgerBalance]:
    return LedgerBalance.objects.in_bulk([opening.pk for opening in openings])
