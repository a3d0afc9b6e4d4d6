"""Charges: post one, post many, correct them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_description, check_reason
from core.errors import ValueInvalid
from core.weeks import week_of
from ledger.categories import Kind
from ledger.errors import AmountInvalid, PostingNotFound
from ledger.locks import lock_accounts
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import ZERO, parse_amount
from ledger.services.checks import check_reference_by_hand, refuse_charged_elsewhere, refuse_other_recovery
from ledger.services.mirrors import mirror_replacements
from ledger.services.movements import make_movement
from ledger.services.posting import (
    Opening,
    PostingCounts,
    check_income,
    check_openings,
    get_live_opening,
    open_balances,
    open_unknown,
)
from ledger.services.reversals import lock_and_read, refuse_voided, reverse
from ledger.services.transactions import booking_until, money_transaction
from ledger.services.writing import write_postings


def create_obligation(
    *,
    category: str,
    amount: Decimal,
    reference_id: str,
    driver_id: int,
    lease_id: int | None = None,
    vehicle_id: int | None = None,
    due_on: date | None = None,
    effective_on: date,
    description: str = "",
    income: Decimal = ZERO,
    replaces: int | None = None,
    by_hand: bool = False,
    today: date | None = None,
    actor: User | None = None,
) -> LedgerPosting:
    """Charge a driver ``amount`` dollars, and return the posting; the same reference and facts return the first one.

    ``due_on`` is ``effective_on`` when left out. ``description`` says what it is in words that a driver knows; a replay
    keeps the first one. ``income`` dollars of a loan's charge are interest. ``replaces`` names the voided posting that
    this one corrects, and lets it bear the same reference. ``by_hand``: somebody charges it who is no module. With
    ``today`` no later day is taken: nobody could pay it, void it or correct it until then.

    :raises AmountInvalid, ValueInvalid: an argument is not what it should be
    :raises DriverNotFound, LeaseNotFound, VehicleNotFound: it names something that does not exist
    :raises LeaseNotTheDrivers: the driver was never on the lease
    :raises ReferenceConflict: the reference is posted with other facts
    :raises ReferenceVoided: it was posted and voided, and ``replaces`` does not name that posting
    :raises ReferenceReserved: by hand, it begins as the references of a module do
    :raises DayNotCome: ``effective_on`` is after ``today``
    """
    if by_hand:
        check_reference_by_hand(reference_id)
    opening = Opening(
        category=category,
        amount=amount,
        reference_id=reference_id,
        driver_id=driver_id,
        effective_on=effective_on,
        lease_id=lease_id,
        vehicle_id=vehicle_id,
        due_on=due_on,
        description=description,
        income=income,
    )
    checked = check_openings(Kind.OBLIGATION, [opening])
    with booking_until(today):
        if replaces is None:
            fresh = open_unknown(Kind.OBLIGATION, checked[0], actor=actor)
            if fresh is not None:
                return fresh
        return _open_known(checked[0], replaces=replaces, actor=actor)


@money_transaction
def _open_known(opening: Opening, *, replaces: int | None, actor: User | None) -> LedgerPosting:
    """Charge what was charged before, or what corrects it."""
    counts = open_balances(Kind.OBLIGATION, [opening], actor=actor, replaces=() if replaces is None else (replaces,))
    posting = get_live_opening(opening.reference_id)
    if replaces is not None and counts.posted:
        mirror_replacements({replaces: posting}, actor=actor)
    return posting


@money_transaction
def create_obligations(
    obligations: Iterable[Opening],
    *,
    by_hand: bool = False,
    today: date | None = None,
    actor: User | None = None,
) -> PostingCounts:
    """Charge many rows in a fixed number of statements, row for row as :func:`create_obligation` would; all or none.

    With ``today`` no later day is taken (``money_transaction`` sees to it).

    :raises: what :func:`create_obligation` raises; of several bad rows, for any one of them
    """
    openings = list(obligations)
    for opening in openings if by_hand else ():
        check_reference_by_hand(opening.reference_id)
    return open_balances(Kind.OBLIGATION, check_openings(Kind.OBLIGATION, openings), actor=actor)


@money_transaction
def replace_obligation(
    *,
    posting_id: int,
    amount: Decimal,
    reason: str,
    actor: User | None,
    effective_on: date,
    description: str | None = None,
    income: Decimal | None = None,
    by_hand: bool = False,
) -> LedgerPosting:
    """Correct a charge to ``amount`` dollars: void it and post it anew under its reference.

    What had paid it pays the new one first, oldest first; only the excess is free again in the credits it came from.
    What was forgiven of it stays forgiven as far as the payments leave anything. Its due day stays, but where more is
    owed and nothing else of it is open: that falls due the Saturday of the week of ``effective_on``, never earlier than
    the charge did. It keeps the words of the original unless ``description`` gives others, and as much of its interest
    as the amount holds unless ``income`` says how much that is. ``by_hand``: somebody asks for it who is no module.

    :raises PostingNotFound, ValueInvalid: the posting is not a live obligation
    :raises AmountInvalid: not an amount, the amount it already has, or more interest than that
    :raises AlreadyVoided: it was voided before
    :raises ChargedElsewhere: it is a recovery, which is what was given; or, by hand, its module corrects it by an act
        of its own, which the sentence names
    """
    amount = parse_amount(amount)
    reason = check_reason(reason)
    original = lock_and_read(posting_id)
    if by_hand:
        refuse_charged_elsewhere(original)
    if original.kind != Kind.OBLIGATION:
        raise ValueInvalid("Only a charge can be replaced.", field="posting_id")
    if amount == original.amount:
        raise AmountInvalid(f"{original.reference_id} already amounts to {amount}.")
    if income is None:
        income = min(original.income, amount)
    income = check_income(original.kind, original.category, amount, income)
    words = original.description if description is None else check_description(description)
    refuse_voided([original])
    corrected = Correction(original, amount, income=income, description=words)
    _correct([corrected], reason=reason, actor=actor, effective_on=effective_on)
    return get_live_opening(original.reference_id)


@money_transaction
def reduce_to_paid(
    *, posting_ids: Collection[int], reason: str, effective_on: date, actor: User | None
) -> dict[int, Decimal]:
    """Take back of charges what nobody has paid, and return the dollars paid of each, by posting.

    A charge of which nothing is paid is voided, one partly paid is replaced by that part, one paid in full stays. What
    was forgiven is not paid. In a fixed number of statements however many they are.

    :raises ReasonRequired: no reason given
    :raises PostingNotFound, ValueInvalid: a posting is not an obligation
    :raises AlreadyVoided: one was voided before
    :raises ChargedElsewhere: one that is partly paid is a recovery, which is what was given
    """
    reason = check_reason(reason)
    originals = {posting.pk: posting for posting in LedgerPosting.objects.filter(pk__in=posting_ids).order_by("pk")}
    for posting_id in posting_ids:
        if posting_id not in originals:
            raise PostingNotFound(f"No posting {posting_id}.", posting_id=posting_id)
        if originals[posting_id].kind != Kind.OBLIGATION:
            raise ValueInvalid("Only a charge can be replaced.", field="posting_id")
    lock_accounts(original.driver_id for original in originals.values())
    refuse_voided(originals.values())
    movements = _read_movements(originals)
    paid = {
        posting_id: sum((paid.amount for paid in movements[posting_id] if paid.funding_id), start=ZERO)
        for posting_id in originals
    }
    _correct(
        [
            Correction(original, paid[pk], income=min(original.income, paid[pk]), description=original.description)
            for pk, original in originals.items()
            if paid[pk] < original.amount
        ],
        reason=reason,
        actor=actor,
        effective_on=effective_on,
    )
    return paid


@dataclass(frozen=True, slots=True)
class Correction:
    """A live charge, and the dollars that it should have been; none: it is voided.

    ``income`` of these dollars is interest.
    """

    original: LedgerPosting
    amount: Decimal
    income: Decimal
    description: str


def _correct(corrections: Sequence[Correction], *, reason: str, actor: User | None, effective_on: date) -> None:
    """Void charges and post them anew, with what had paid or forgiven them, in a fixed number of statements."""
    if not corrections:
        return
    replaced = [correction for correction in corrections if correction.amount]
    for correction in replaced:
        refuse_other_recovery(correction.original)
    movements = _read_movements(correction.original.pk for correction in corrections)
    undone = [
        posting
        for correction in corrections
        for posting in (*reversed(movements[correction.original.pk]), correction.original)
    ]
    reverse(undone, reason=reason, actor=actor, effective_on=effective_on)
    openings = [_open_anew(correction, movements[correction.original.pk], effective_on) for correction in replaced]
    replaces = {correction.original.pk for correction in replaced}
    open_balances(Kind.OBLIGATION, openings, actor=actor, replaces=replaces)
    references = [opening.reference_id for opening in openings]
    live = LedgerBalance.objects.live().filter(reference_id__in=references).select_related("posting")
    posted = {balance.reference_id: balance.posting for balance in live}
    mirror_replacements(
        {correction.original.pk: posted[correction.original.reference_id] for correction in replaced}, actor=actor
    )
    write_postings(
        [
            moved
            for correction in replaced
            for moved in _move_over(
                posted[correction.original.reference_id],
                movements[correction.original.pk],
                actor=actor,
                effective_on=effective_on,
            )
        ]
    )


def _read_movements(posting_ids: Iterable[int]) -> dict[int, list[LedgerPosting]]:
    """What paid or forgave each of these charges and is not undone, oldest first."""
    movements: dict[int, list[LedgerPosting]] = {posting_id: [] for posting_id in posting_ids}
    live = LedgerPosting.objects.filter(balance_id__in=list(movements), reversals=None).exclude(kind=Kind.VOID)
    for movement in live.order_by("pk"):
        assert movement.balance_id is not None
        movements[movement.balance_id].append(movement)
    return movements


def _open_anew(correction: Correction, movements: Sequence[LedgerPosting], effective_on: date) -> Opening:
    original = correction.original
    due_on = original.due_on
    is_settled = sum((movement.amount for movement in movements), start=ZERO) == original.amount
    if due_on is not None and is_settled and correction.amount > original.amount:
        # All that is open of it is what the correction adds, and nobody could have paid that before.
        due_on = max(due_on, week_of(effective_on).end)
    return Opening(
        category=original.category,
        amount=correction.amount,
        reference_id=original.reference_id,
        driver_id=original.driver_id,
        effective_on=effective_on,
        lease_id=original.lease_id,
        vehicle_id=original.vehicle_id,
        due_on=due_on,
        description=correction.description,
        income=correction.income,
    )


def _move_over(
    replacement: LedgerPosting,
    movements: Sequence[LedgerPosting],
    *,
    actor: User | None,
    effective_on: date,
) -> list[LedgerPosting]:
    """Return what had paid the original, oldest first, and then what had forgiven it, as movements of its replacement.

    Not saved yet, and no more than the replacement can take.
    """
    unpaid = replacement.amount
    again = []
    for movement in sorted(movements, key=lambda movement: movement.funding_id is None):
        part = min(unpaid, movement.amount)
        if not part:
            break
        unpaid -= part
        again.append(
            make_movement(
                movement.kind,
                replacement,
                part,
                funding_id=movement.funding_id,
                payment_id=movement.payment_id,
                effective_on=effective_on,
                # The audit of the waterfall reads this: the money was already here, nothing was skipped for it.
                reason=f"Moved from posting {movement.pk} with the replaced obligation"
                if movement.funding_id
                else movement.reason,
                actor=actor,
            )
        )
    return again
