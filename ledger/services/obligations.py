"""Charges: post one, post many, replace one."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_description, check_reason
from core.errors import ValueInvalid
from ledger.categories import Kind
from ledger.errors import AmountInvalid
from ledger.models import LedgerPosting
from ledger.money import ZERO, parse_amount
from ledger.services.movements import make_movement
from ledger.services.posting import (
    Opening,
    PostingCounts,
    check_income,
    check_openings,
    get_live_opening,
    open_balances,
)
from ledger.services.reversals import lock_and_read, plan_void, reverse
from ledger.services.transactions import money_transaction


@money_transaction
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
    actor: User | None = None,
) -> LedgerPosting:
    """Charge a driver ``amount`` dollars, and return the posting; the same reference and facts return the first one.

    ``due_on`` is ``effective_on`` when left out. ``description`` says what it is in words that a driver knows; a replay
    keeps the first one. ``income`` dollars of a loan's charge are interest. ``replaces`` names the voided posting that
    this one corrects, and lets it bear the same reference.

    :raises AmountInvalid, ValueInvalid: an argument is not what it should be
    :raises DriverNotFound, LeaseNotFound, VehicleNotFound: it names something that does not exist
    :raises ReferenceConflict: the reference is posted with other facts
    :raises ReferenceVoided: it was posted and voided, and ``replaces`` does not name that posting
    """
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
    open_balances(Kind.OBLIGATION, checked, actor=actor, replaces=replaces)
    return get_live_opening(reference_id)


@money_transaction
def create_obligations(obligations: Iterable[Opening], *, actor: User | None = None) -> PostingCounts:
    """Charge many rows in a fixed number of statements, row for row as :func:`create_obligation` would; all or none.

    :raises: what :func:`create_obligation` raises; of several bad rows, for any one of them
    """
    return open_balances(Kind.OBLIGATION, check_openings(Kind.OBLIGATION, obligations), actor=actor)


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
) -> LedgerPosting:
    """Correct a charge to ``amount`` dollars: void it and post it anew under its reference and original due date.

    What had paid it pays the new one first, oldest first; only the excess is free again in the credits it came from.
    A write-off on it is undone and not repeated. It keeps the words of the original unless ``description`` gives
    others, and as much of its interest as the amount holds unless ``income`` says how much that is.

    :raises PostingNotFound, ValueInvalid: the posting is not a live obligation
    :raises AmountInvalid: not an amount, the amount it already has, or more interest than that
    :raises AlreadyVoided: it was voided before
    """
    amount = parse_amount(amount)
    reason = check_reason(reason)
    original = lock_and_read(posting_id)
    if original.kind != Kind.OBLIGATION:
        raise ValueInvalid("Only a charge can be replaced.", field="posting_id")
    if amount == original.amount:
        raise AmountInvalid(f"{original.reference_id} already amounts to {amount}.")
    if income is None:
        income = min(original.income, amount)
    income = check_income(original.kind, original.category, amount, income)
    words = original.description if description is None else check_description(description)
    movements = plan_void(original, cascade=False).steps[:-1]
    reverse([*movements, original], reason=reason, actor=actor, effective_on=effective_on)
    replacement = Opening(
        category=original.category,
        amount=amount,
        reference_id=original.reference_id,
        driver_id=original.driver_id,
        effective_on=effective_on,
        lease_id=original.lease_id,
        vehicle_id=original.vehicle_id,
        due_on=original.due_on,
        description=words,
        income=income,
    )
    open_balances(Kind.OBLIGATION, [replacement], actor=actor, replaces=original.pk)
    posting = get_live_opening(original.reference_id)
    _pay_again(posting, movements, actor=actor, effective_on=effective_on)
    return posting


def _pay_again(
    replacement: LedgerPosting,
    movements: list[LedgerPosting],
    *,
    actor: User | None,
    effective_on: date,
) -> None:
    """Move what had paid the original (newest first in ``movements``) to its replacement, oldest first."""
    unpaid = replacement.amount
    again = []
    for paid in reversed(movements):
        if paid.funding_id is None or unpaid == 0:
            continue
        part = min(unpaid, paid.amount)
        unpaid -= part
        again.append(
            make_movement(
                paid.kind,
                replacement,
                part,
                funding_id=paid.funding_id,
                payment_id=paid.payment_id,
                effective_on=effective_on,
                # The audit of the waterfall reads this: the money was already here, nothing was skipped for it.
                reason=f"Moved from posting {paid.pk} with the replaced obligation",
                actor=actor,
            )
        )
    LedgerPosting.objects.bulk_create(again)
