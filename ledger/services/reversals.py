"""What undoing a posting takes: which postings, in which order; and the writing of their opposites."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db.models import Q

from core.corrections import find_own_act
from core.words import say_full_day
from ledger.categories import EntryType, Kind, PaymentMethod
from ledger.errors import AlreadyVoided, CreditInUse, CreditPaidOut, PostingNotFound, VoidBeforeOriginal, VoidOfVoid
from ledger.locks import lock_accounts
from ledger.models import LedgerPosting
from ledger.money import ZERO, format_dollars
from ledger.services.mirrors import mirror_voids

USES = (Kind.ALLOCATION, Kind.APPLICATION)


@dataclass(frozen=True)
class VoidPlan:
    """The postings to reverse, in the order of reversal; the target is the last."""

    target: LedgerPosting
    steps: list[LedgerPosting]


def lock_and_read(posting_id: int) -> LedgerPosting:
    """Lock the account of the posting's driver; then return the posting.

    :raises PostingNotFound: no such posting
    """
    # A posting never changes, so its driver may be read before their account is locked.
    posting = LedgerPosting.objects.filter(pk=posting_id).first()
    if posting is None:
        raise PostingNotFound(f"No posting {posting_id}.", posting_id=posting_id)
    lock_accounts([posting.driver_id])
    return posting


def plan_void(posting: LedgerPosting, *, cascade: bool) -> VoidPlan:
    """Say what voiding ``posting`` takes as things stand.

    :raises VoidOfVoid: it is itself a void
    :raises AlreadyVoided: it was voided before
    :raises CreditPaidOut: a held credit of which something has left to the driver
    :raises CreditInUse: a held credit that has paid for something, without ``cascade``
    """
    if posting.kind == Kind.VOID:
        refuse_void(posting)
    refuse_voided([posting])
    if not posting.is_opening:
        return VoidPlan(posting, [posting])
    movements = list_live_movements(posting)
    if posting.entry_type == EntryType.CREDIT:
        if any(movement.kind == Kind.PAYOUT for movement in movements):
            refuse_paid_out(posting, movements)
        if movements and not cascade:
            refuse_in_use(posting, movements)
    return VoidPlan(posting, [*movements, posting])


def refuse_void(void: LedgerPosting) -> None:
    """:raises VoidOfVoid: with what is done instead"""
    undone = void.reverses
    again = (
        f"charge it again instead, on the page of posting {undone.pk}"
        if undone is not None and undone.kind == Kind.OBLIGATION
        else "what it undid is made anew instead"
    )
    raise VoidOfVoid(f"Posting {void.pk} is a void, and never undone: {again}.")


def refuse_voided(postings: Iterable[LedgerPosting]) -> None:
    """:raises AlreadyVoided: one of the postings was voided before"""
    void = LedgerPosting.objects.filter(reverses__in=list(postings)).order_by("reverses").first()
    if void is not None:
        raise AlreadyVoided(f"Posting {void.reverses_id} was voided before.", posting_id=void.reverses_id)


def list_live_movements(opening: LedgerPosting) -> list[LedgerPosting]:
    """What moved the balance that ``opening`` opened, or was paid by it, and is not undone; newest first."""
    moved = LedgerPosting.objects.filter(Q(balance_id=opening.pk) | Q(funding_id=opening.pk))
    return list(moved.filter(reversals=None).exclude(kind=Kind.VOID).order_by("-pk"))


def reverse(
    postings: Sequence[LedgerPosting],
    *,
    reason: str,
    actor: User | None,
    effective_on: date,
    was_at_bank: bool = False,
) -> list[LedgerPosting]:
    """Write the opposite of each posting, in order, and return the opposites; what mirrors them is reversed.

    ``was_at_bank`` says so of checks that no slip names.

    :raises VoidBeforeOriginal: one of them is of a later day
    """
    for posting in postings:
        if effective_on < posting.effective_on:
            raise VoidBeforeOriginal(
                f"{posting.reference_id} moved on {say_full_day(posting.effective_on)}. "
                "A void is dated on the day of what it voids, or later."
            )
    mirror_voids(postings, reason=reason, effective_on=effective_on, actor=actor, was_at_bank=was_at_bank)
    return LedgerPosting.objects.bulk_create(
        [
            LedgerPosting(
                kind=Kind.VOID,
                entry_type=EntryType.CREDIT if posting.entry_type == EntryType.DEBIT else EntryType.DEBIT,
                category=posting.category,
                amount=posting.amount,
                reference_id=posting.reference_id,
                driver_id=posting.driver_id,
                lease_id=posting.lease_id,
                vehicle_id=posting.vehicle_id,
                balance_id=posting.moved_balance_id,
                funding_id=posting.funding_id,
                payment_id=posting.payment_id,
                payout_id=posting.payout_id,
                reverses=posting,
                effective_on=effective_on,
                reason=reason,
                income=posting.income,
                posted_by=actor,
            )
            for posting in postings
        ]
    )


def refuse_paid_out(credit: LedgerPosting, movements: Sequence[LedgerPosting]) -> None:
    """:raises CreditPaidOut: with the payouts among ``movements``"""
    left = [movement for movement in movements if movement.kind == Kind.PAYOUT]
    amount = format_dollars(sum((movement.amount for movement in left), start=ZERO))
    raise CreditPaidOut(
        f"{amount} of {credit.reference_id} has been paid out to the driver. If that was wrong, a supervisor voids the "
        f"payout first{_say_otherwise(credit)}.",
        payouts=sorted({movement.payout_id for movement in left if movement.payout_id}),
    )


def _say_otherwise(credit: LedgerPosting) -> str:
    """How the money comes back where the payout was right, and the credit was not."""
    if credit.kind == Kind.EARNINGS and find_own_act(credit) is not None:
        return "; otherwise its trips are moved or counted back, on their pages"
    if credit.kind in (Kind.EARNINGS, Kind.CREDIT_MEMO):
        return "; otherwise a supervisor wins the money back on the credit's page"
    if credit.payment is not None and credit.payment.method != PaymentMethod.CASH:
        return "; otherwise the payment is voided as one that the bank returned"
    return ""


def refuse_in_use(credit: LedgerPosting, movements: Sequence[LedgerPosting]) -> None:
    """:raises CreditInUse: with the list of ``movements``"""
    uses = [
        {
            "posting_id": movement.pk,
            "kind": movement.kind,
            "reference_id": movement.reference_id,
            "amount": str(movement.amount),
        }
        for movement in movements
    ]
    paid = ", ".join(f"{format_dollars(movement.amount)} on {movement.reference_id}" for movement in movements[:5])
    more = f" and {len(movements) - 5} more" if len(movements) > 5 else ""
    raise CreditInUse(f"{credit.reference_id} has paid {paid}{more}; those must be undone with it.", uses=uses)
