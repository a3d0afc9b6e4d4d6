"""Money the fleet owes a driver: their card earnings, and credit memos."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from ledger.categories import Category, Kind
from ledger.models import LedgerPosting
from ledger.services.checks import check_reference_by_hand
from ledger.services.posting import Opening, PostingCounts, check_openings, get_live_opening, open_balances
from ledger.services.transactions import money_transaction


@money_transaction
def post_earnings(
    *,
    driver_id: int,
    lease_id: int | None = None,
    vehicle_id: int | None = None,
    amount: Decimal,
    reference_id: str,
    effective_on: date,
    description: str = "",
    actor: User | None = None,
) -> LedgerPosting:
    """Credit a driver with ``amount`` dollars of card fares, gross; the same reference and facts return the first.

    ``description`` says what it is in words that a driver knows; a replay keeps the first one.

    :raises: what ``create_obligation`` raises, for the same reasons
    """
    opening = Opening(
        category=Category.EARNINGS,
        amount=amount,
        reference_id=reference_id,
        driver_id=driver_id,
        effective_on=effective_on,
        lease_id=lease_id,
        vehicle_id=vehicle_id,
        description=description,
    )
    open_balances(Kind.EARNINGS, check_openings(Kind.EARNINGS, [opening]), actor=actor)
    return get_live_opening(reference_id)


@money_transaction
def post_earnings_batch(earnings: Iterable[Opening], *, actor: User | None = None) -> PostingCounts:
    """Credit many drivers in a fixed number of statements, row for row as :func:`post_earnings`; all or none.

    The category of each row is EARNINGS.
    """
    return open_balances(Kind.EARNINGS, check_openings(Kind.EARNINGS, earnings), actor=actor)


@money_transaction
def credit_driver(
    *,
    driver_id: int,
    category: str,
    amount: Decimal,
    reference_id: str,
    reason: str,
    lease_id: int | None = None,
    vehicle_id: int | None = None,
    effective_on: date,
    description: str = "",
    same_on_any_day: bool = False,
    replaces: int | None = None,
    by_hand: bool = False,
    actor: User | None = None,
) -> LedgerPosting:
    """Credit a driver with ``amount`` dollars that the fleet owes them, by a credit memo of what it refunds.

    ``category`` is the refunded one (a toll refund is EZPASS). ``description`` says what it is in words that a driver
    knows, the category and the reason when left out; a replay keeps the first one. The same reference and facts return
    the first memo; with ``same_on_any_day`` on whatever day it is sent again. ``replaces`` names the voided memo whose
    reference this one bears again. ``by_hand``: somebody gives it who is no module.

    :raises ReasonRequired: no reason given
    :raises RecoveryNotRefunded: ``category`` is RECOVERY
    :raises: what ``create_obligation`` raises, for the same reasons
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
        reason=reason,
        description=description,
    )
    checked = check_openings(Kind.CREDIT_MEMO, [opening])
    open_balances(
        Kind.CREDIT_MEMO,
        checked,
        actor=actor,
        replaces=() if replaces is None else (replaces,),
        same_on_any_day=same_on_any_day,
    )
    return get_live_opening(reference_id)


@money_transaction
def credit_drivers(memos: Iterable[Opening], *, actor: User | None = None) -> PostingCounts:
    """Credit many drivers in a fixed number of statements, row for row as :func:`credit_driver` would; all or none."""
    return open_balances(Kind.CREDIT_MEMO, check_openings(Kind.CREDIT_MEMO, memos), actor=actor)
