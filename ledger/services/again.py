"""Mending what was done by mistake: a voided charge is charged again, money given by mistake is won back."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_reason
from core.corrections import Price, find_price
from ledger import errors
from ledger.categories import Category, Kind
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import ZERO, format_dollars, parse_amount
from ledger.selectors.again import find_win_back, list_what_had_paid, name_win_back
from ledger.services.checks import check_reference, refuse_charged_elsewhere, refuse_other_recovery
from ledger.services.mirrors import mirror_replacements, mirror_win_back
from ledger.services.movements import make_movement
from ledger.services.posting import Opening, check_openings, get_live_opening, open_balances
from ledger.services.reversals import lock_and_read
from ledger.services.transactions import money_transaction
from ledger.services.writing import write_postings
from ledger.words import say_win_back


@money_transaction
def charge_again(
    *,
    posting_id: int,
    amount: Decimal | None = None,
    reason: str,
    with_what_had_paid: bool = True,
    effective_on: date,
    by_hand: bool = False,
    actor: User | None,
) -> LedgerPosting:
    """Charge anew what was charged and voided, under its reference, with its due day and words.

    ``amount`` dollars; when left out, what it comes to now where its module says so (a lease's days may have changed),
    with the words of that, and else the old amount. What had paid it when it was voided pays it again, oldest first,
    as far as the credits it returned to still hold it; not with ``with_what_had_paid`` False. ``by_hand``: somebody
    asks for it who is no module.

    :raises ReasonRequired, AmountInvalid: an argument is not what it should be; a loan's installment has one amount
    :raises PostingNotFound, NotAnObligation: the posting did not open a charge
    :raises NotVoided: it was never voided
    :raises ReferenceConflict: it was charged again before
    :raises ChargedElsewhere: it is a recovery, of which the act that made it makes another; or, by hand, its module
        corrects it by an act of its own, which the sentence names
    """
    reason = check_reason(reason)
    asked = None if amount is None else parse_amount(amount)
    original = lock_and_read(posting_id)
    if by_hand:
        refuse_charged_elsewhere(original)
    _refuse_unless_voided(original)
    price = find_price(original, effective_on)
    total = _find_total(original, price, asked)
    now = price if price is not None and total == price.amount else None
    opening = Opening(
        category=original.category,
        amount=total,
        reference_id=original.reference_id,
        driver_id=original.driver_id,
        effective_on=effective_on,
        lease_id=original.lease_id,
        vehicle_id=original.vehicle_id,
        due_on=original.due_on,
        description=now.description if now else original.description,
        income=min(original.income, total),
    )
    open_balances(Kind.OBLIGATION, check_openings(Kind.OBLIGATION, [opening]), actor=actor, replaces={original.pk})
    posted = get_live_opening(original.reference_id)
    mirror_replacements({original.pk: posted}, actor=actor)
    if now:
        now.note(actor)
    if with_what_had_paid:
        _pay_again(posted, original, reason=reason, effective_on=effective_on, actor=actor)
    return posted


def _refuse_unless_voided(original: LedgerPosting) -> None:
    """Refuse what is no charge, was never voided, or is charged again already."""
    if original.kind != Kind.OBLIGATION:
        raise errors.NotAnObligation(f"Posting {original.pk} is not a charge.", posting_id=original.pk)
    refuse_other_recovery(original)
    if not LedgerPosting.objects.filter(reverses=original).exists():
        raise errors.NotVoided(f"{original.reference_id} is not voided; correct its amount instead.")
    if LedgerBalance.objects.live().filter(reference_id=original.reference_id).exists():
        raise errors.ReferenceConflict(
            f"{original.reference_id} was charged again before.", reference_id=original.reference_id
        )
    newest = LedgerBalance.objects.bearing([original.reference_id]).latest("pk")
    if newest.pk != original.pk:
        raise errors.ReferenceConflict(
            f"Posting {newest.pk} bears {original.reference_id} since then; charge that one again.",
            reference_id=original.reference_id,
        )


def _find_total(original: LedgerPosting, price: Price | None, asked: Decimal | None) -> Decimal:
    """What is charged again: as much as is asked, or what it comes to."""
    total = asked if asked is not None else original.amount if price is None else price.amount
    if not total:
        raise errors.AmountInvalid(f"Nothing of {original.reference_id} is owed any more.", field="amount")
    if original.category == Category.LOAN and total != original.amount:
        raise errors.AmountInvalid(
            f"A loan's installment is charged again as it was: {format_dollars(original.amount)}.", field="amount"
        )
    return total


def _pay_again(
    posted: LedgerPosting, original: LedgerPosting, *, reason: str, effective_on: date, actor: User | None
) -> None:
    unpaid = posted.amount
    paid = []
    for had_paid in list_what_had_paid(original):
        part = min(unpaid, had_paid.offered)
        if not part:
            continue
        unpaid -= part
        movement = had_paid.movement
        paid.append(
            make_movement(
                movement.kind,
                posted,
                part,
                funding_id=movement.funding_id,
                payment_id=movement.payment_id,
                effective_on=effective_on,
                reason=f"Charged again: {reason}"[:500],
                actor=actor,
            )
        )
    write_postings(paid)


@money_transaction
def win_back(
    *, posting_id: int, reason: str, effective_on: date, by_hand: bool = False, actor: User | None
) -> LedgerPosting:
    """Charge the driver, once, all that a credit gave them by mistake; what is still held of it pays at once.

    What it had paid stays paid. Returns the RECOVERY charge, ``WINBACK-`` and the credit's reference. ``by_hand``:
    somebody asks for it who is no module.

    :raises ReasonRequired: no reason given
    :raises PostingNotFound, NotACredit: the posting did not open money that is held for the driver
    :raises AlreadyVoided: the credit was voided, so there is nothing to win back
    :raises AlreadyWonBack: it was won back before
    :raises ChargedElsewhere: by hand, its module takes it back by an act of its own, which the sentence names
    """
    reason = check_reason(reason)
    credit = lock_and_read(posting_id)
    if by_hand:
        refuse_charged_elsewhere(credit)
    if not credit.is_opening or credit.kind not in (Kind.CREDIT_MEMO, Kind.EARNINGS):
        raise errors.NotACredit(
            f"Posting {posting_id} is no money that the fleet gave the driver. A payment or deposit is voided instead.",
            posting_id=posting_id,
        )
    balance = LedgerBalance.objects.get(pk=credit.pk)
    if LedgerPosting.objects.filter(reverses=credit).exists():
        raise errors.AlreadyVoided(f"{credit.reference_id} was voided before.", posting_id=posting_id)
    reference_id = check_reference(name_win_back(credit))
    if find_win_back(credit) is not None:
        raise errors.AlreadyWonBack(f"{credit.reference_id} was won back before.", reference_id=reference_id)
    opening = Opening(
        category=Category.RECOVERY,
        amount=credit.amount,
        reference_id=reference_id,
        driver_id=credit.driver_id,
        effective_on=effective_on,
        lease_id=credit.lease_id,
        vehicle_id=credit.vehicle_id,
        due_on=effective_on,
        description=say_win_back(credit.description or str(credit.get_category_display())),
    )
    voided = LedgerBalance.objects.bearing([reference_id]).order_by("-pk").first()
    open_balances(Kind.OBLIGATION, [opening], actor=actor, replaces={voided.pk} if voided else ())
    recovery = get_live_opening(reference_id)
    mirror_win_back(recovery, credit, actor=actor)
    if balance.remaining > ZERO:
        make_movement(
            Kind.APPLICATION,
            recovery,
            min(balance.remaining, recovery.amount),
            funding_id=credit.pk,
            effective_on=effective_on,
            reason=reason,
            actor=actor,
        ).save(force_insert=True)
    return recovery
