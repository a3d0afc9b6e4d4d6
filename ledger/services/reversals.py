"""What undoing a posting takes: which postings, in which order; and the writing of their opposites."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q

from core.columns import is_bigint
from core.corrections import find_own_act
from core.log_context import note_driver
from core.statements import bound_cursor, list_columns, make_row
from core.words import say_full_day
from ledger.categories import EntryType, Kind, PaymentMethod
from ledger.errors import AlreadyVoided, CreditInUse, CreditPaidOut, PostingNotFound, VoidBeforeOriginal, VoidOfVoid
from ledger.models import LedgerPosting
from ledger.money import ZERO, format_dollars
from ledger.services.mirrors import mirror_voids
from ledger.services.transactions import ask_alone, list_bounds

USES = (Kind.ALLOCATION, Kind.APPLICATION)

_REVERSE = f"""
    INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id, vehicle_id,
        balance_id, funding_id, reverses_id, payment_id, payout_id, effective_on, reason, income, posted_by_id)
    SELECT 'VOID', CASE p.entry_type WHEN 'DEBIT' THEN 'CREDIT' ELSE 'DEBIT' END, p.category, p.amount, p.reference_id,
        p.driver_id, p.lease_id, p.vehicle_id, coalesce(p.balance_id, p.id), p.funding_id, p.id, p.payment_id,
        p.payout_id, %s, %s, p.income, %s
    FROM unnest(%s::bigint[]) WITH ORDINALITY AS u (id, place) JOIN ledger_postings p ON p.id = u.id
    ORDER BY u.place
    RETURNING {list_columns(LedgerPosting)}
"""
_LOCK_POSTING = (
    f"SELECT {list_columns(LedgerPosting, '(posting)')}, is_mirrored FROM ledger_lock_posting(%s, %s, %s::bigint)"
)


_VOID_UNTOUCHED = f"""
    SELECT {list_columns(LedgerPosting)}
    FROM ledger_void_untouched(%s, %s, %s::bigint, string_to_array(%s, ' '), %s, %s, %s::integer)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A posting under its driver's lock, and what voided it.

    The movements are what moved its balance or was paid by it and is not undone, newest first.
    """

    posting: LedgerPosting
    void: LedgerPosting | None
    movements: list[LedgerPosting]
    #: Whether a transfer mirrors one of these.
    is_mirrored: bool


@dataclass(frozen=True)
class VoidPlan:
    """The postings to reverse, in the order of reversal; the target is the last."""

    target: LedgerPosting
    steps: list[LedgerPosting]


def void_untouched_charge(
    posting_id: int, *, but_not: Sequence[str], reason: str, actor: User | None, effective_on: date
) -> LedgerPosting | None:
    """Void a charge that nothing has moved by one statement, which needs no transaction around it.

    None where it is not one, or its reference begins as one of ``but_not``, or it is of a later day: then
    :func:`lock_and_look` says what there is.
    """
    if not is_bigint(posting_id):
        return None
    author = actor.pk if actor else None
    rows = ask_alone(_VOID_UNTOUCHED, [*list_bounds(), posting_id, " ".join(but_not), effective_on, reason, author])
    if not rows:
        return None
    posting, opposite = (make_row(LedgerPosting, row) for row in rows)
    note_driver(posting.driver_id)
    opposite.reverses = posting
    return opposite


def lock_and_read(posting_id: int) -> LedgerPosting:
    """Lock the account of the posting's driver; then return the posting.

    :raises PostingNotFound: no such posting
    """
    return lock_and_look(posting_id).posting


def lock_and_look(posting_id: int) -> Standing:
    """The same with what stands of it; one statement, which also bounds the transaction.

    :raises PostingNotFound: no such posting
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("lock_and_look needs the transaction that will write.")
    found = []
    if is_bigint(posting_id):
        with bound_cursor() as cursor:
            cursor.execute(_LOCK_POSTING, [*list_bounds(), posting_id])
            found = cursor.fetchall()
    rows = [make_row(LedgerPosting, row[:-1]) for row in found]
    posting = next((row for row in rows if row.pk == posting_id), None)
    if posting is None:
        raise PostingNotFound(f"No posting {posting_id}.", posting_id=posting_id)
    note_driver(posting.driver_id)
    undone = {row.reverses_id for row in rows if row.reverses_id}
    return Standing(
        posting,
        void=next((row for row in rows if row.reverses_id == posting_id), None),
        movements=sorted(
            (row for row in rows if row.pk != posting_id and row.kind != Kind.VOID and row.pk not in undone),
            key=lambda row: -row.pk,
        ),
        is_mirrored=any(row[-1] for row in found),
    )


def plan_void(standing: Standing, *, cascade: bool) -> VoidPlan:
    """Say what voiding the posting takes as things stand.

    :raises VoidOfVoid: it is itself a void
    :raises AlreadyVoided: it was voided before
    :raises CreditPaidOut: a held credit of which something has left to the driver
    :raises CreditInUse: a held credit that has paid for something, without ``cascade``
    """
    posting, movements = standing.posting, standing.movements
    if posting.kind == Kind.VOID:
        refuse_void(posting)
    if standing.void is not None:
        _raise_voided(posting.pk)
    if not posting.is_opening:
        return VoidPlan(posting, [posting])
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
        _raise_voided(void.reverses_id)


def _raise_voided(posting_id: int | None) -> NoReturn:
    raise AlreadyVoided(f"Posting {posting_id} was voided before.", posting_id=posting_id)


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
    is_mirrored: bool = True,
) -> list[LedgerPosting]:
    """Write the opposite of each posting, in order, and return the opposites; what mirrors them is reversed.

    ``was_at_bank`` says so of checks that no slip names. Who knows already that nothing mirrors them says so.

    :raises VoidBeforeOriginal: one of them is of a later day
    """
    for posting in postings:
        if effective_on < posting.effective_on:
            raise VoidBeforeOriginal(
                f"{posting.reference_id} moved on {say_full_day(posting.effective_on)}. "
                "A void is dated on the day of what it voids, or later."
            )
    mirror_voids(
        postings,
        reason=reason,
        effective_on=effective_on,
        actor=actor,
        was_at_bank=was_at_bank,
        is_mirrored=is_mirrored,
    )
    by_id = {posting.pk: posting for posting in postings}
    with bound_cursor() as cursor:
        cursor.execute(_REVERSE, [effective_on, reason, actor.pk if actor else None, list(by_id)])
        opposites = [make_row(LedgerPosting, row) for row in cursor.fetchall()]
    for opposite in opposites:
        opposite.reverses = by_id[opposite.reverses_id or 0]
    return opposites


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
