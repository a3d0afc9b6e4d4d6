"""A counter payment as its receipt tells it: figures that add up to what was received, whatever was undone since."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ledger.categories import Kind
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from ledger.money import ZERO
from ledger.selectors.payments import PaymentBreakdown, PaymentStatus, get_payment_breakdown
from ledger.selectors.words import list_words

if TYPE_CHECKING:
    from ledger.selectors.uses import UsedPosting


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One thing that the payment's money was used for; ``left`` dollars of it are still owed."""

    posting_id: int
    kind: str
    words: str
    reference_id: str
    amount: Decimal
    left: Decimal
    used_on: date
    voided_on: date | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment as it stands: ``amount`` = :attr:`paid` + ``deposit`` + :attr:`on_account` + ``taken_back``, dollars.

    ``lines`` are what the driver named at the counter, undone ones included. ``later`` is what was done since with the
    money on account and with the deposit, as far as it stands; ``on_account_now`` is what is left of the former.
    """

    payment: InterimPayment
    status: PaymentStatus
    lines: Sequence[ReceiptLine]
    later: Sequence[ReceiptLine]
    #: What of the payment is a deposit still, used or not; none of it once it was voided.
    deposit: Decimal
    taken_back: Decimal
    on_account_now: Decimal
    #: When it was voided (in part) or charged back last; None while nothing of it was.
    undone_on: date | None

    @property
    def paid(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.voided_on is None), start=ZERO)

    @property
    def on_account(self) -> Decimal:
        """What the driver named nothing for, or what was named and undone; used since or not."""
        return self.payment.amount - self.taken_back - self.deposit - self.paid

    @property
    def is_undone(self) -> bool:
        return self.status in (PaymentStatus.VOIDED, PaymentStatus.RETURNED)

    @property
    def has_undone(self) -> bool:
        """Whether anything of it that was agreed at the counter stands no more."""
        return self.undone_on is not None or any(line.voided_on for line in self.lines)


def get_receipt(payment_id: int) -> Receipt:
    """Return a payment as it stands now.

    :raises PaymentNotFound: no such payment
    """
    breakdown = get_payment_breakdown(payment_id)
    uses = sorted((use for credit in breakdown.credits for use in credit.uses), key=lambda use: use.pk)
    openings = [credit.balance.pk for credit in breakdown.credits]
    voided_on = _find_voids([*openings, *(use.pk for use in uses)])
    lines = _tell_lines(uses, voided_on)
    named = {use.pk for use in uses if _is_named_at_the_counter(use)}
    undone = [voided_on[pk] for pk in openings if pk in voided_on]
    if breakdown.status == PaymentStatus.RETURNED and breakdown.recovery is not None:
        undone.append(breakdown.recovery.effective_on)
    return Receipt(
        payment=breakdown.payment,
        status=breakdown.status,
        lines=[line for line in lines if line.posting_id in named],
        later=[line for line in lines if line.posting_id not in named and line.voided_on is None],
        deposit=_sum_credits(breakdown, Kind.DEPOSIT, without=voided_on),
        taken_back=sum((credit.balance.original_amount for credit in breakdown.credits), start=ZERO)
        - _sum_credits(breakdown, Kind.PAYMENT, Kind.DEPOSIT, without=voided_on),
        on_account_now=sum(
            (credit.balance.remaining for credit in breakdown.credits if credit.balance.category == Kind.PAYMENT),
            start=ZERO,
        ),
        undone_on=max(undone, default=None),
    )


def _is_named_at_the_counter(use: LedgerPosting) -> bool:
    # Whoever uses a payment's money later says why; what is named when it is taken needs no reason.
    return use.kind == Kind.ALLOCATION and not use.reason


def _find_voids(posting_ids: Sequence[int]) -> dict[int, date]:
    voids = LedgerPosting.objects.filter(reverses__in=posting_ids)
    found = voids.order_by().values_list("reverses_id", "effective_on")
    return {posting_id: effective_on for posting_id, effective_on in found if posting_id is not None}


def _tell_lines(uses: "Iterable[UsedPosting]", voided_on: dict[int, date]) -> list[ReceiptLine]:
    # A payout is told by itself; whatever else was paid, by what it is.
    told_by = {use.pk: use.pk if use.kind == Kind.PAYOUT else use.moved_balance_id for use in uses}
    words = list_words(set(told_by.values()))
    debts = LedgerBalance.objects.obligations().in_bulk(list(told_by.values()))
    return [
        ReceiptLine(
            use.pk,
            use.kind,
            words[told_by[use.pk]],
            use.reference_id,
            use.amount,
            debts[told_by[use.pk]].remaining if told_by[use.pk] in debts else ZERO,
            use.effective_on,
            voided_on.get(use.pk),
        )
        for use in uses
    ]


def _sum_credits(breakdown: PaymentBreakdown, *kinds: Kind, without: dict[int, date]) -> Decimal:
    """What the credits of these kinds were opened with that were not voided."""
    return sum(
        (
            credit.balance.original_amount
            for credit in breakdown.credits
            if credit.balance.category in kinds and credit.balance.pk not in without
        ),
        start=ZERO,
    )
