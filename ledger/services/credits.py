"""Money the fleet owes a driver: his card earnings, and credit memos."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from ledger.categories import Category, Kind
from ledger.models import LedgerPosting
from ledger.services.arguments import check_obligation_category, check_reason
from ledger.services.posting import Opening, PostingCounts, check_openings, get_live_opening, open_balances
from ledger.services.transactions import money_transaction


@dataclass(frozen=True, slots=True)
class NewEarnings:
    """One row of :func:`post_earnings_batch`: a driver's gross card fares on a lease in a week, in dollars."""

    amount: Decimal
    reference_id: str
    driver_id: int
    effective_on: date
    lease_id: int | None = None
    vehicle_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewCredit:
    """One row of :func:`credit_drivers`; dollars, New York dates, and why the fleet owes it."""

    category: str
    amount: Decimal
    reference_id: str
    driver_id: int
    reason: str
    lease_id: int | None = None
    vehicle_id: int | None = None
    effective_on: date | None = None


@money_transaction
def post_earnings(
    *,
    driver_id: int,
    lease_id: int | None = None,
    vehicle_id: int | None = None,
    amount: Decimal,
    reference_id: str,
    effective_on: date,
    actor: User | None = None,
) -> LedgerPosting:
    """Credit a driver with ``amount`` dollars of card fares, gross; the same reference and facts return the first.

    :raises: what ``create_obligation`` raises, for the same reasons
    """
    opening = Opening(
        Category.EARNINGS, amount, reference_id, driver_id, lease_id, vehicle_id, effective_on=effective_on
    )
    open_balances(Kind.EARNINGS, check_openings([opening]), actor=actor)
    return get_live_opening(reference_id)


@money_transaction
def post_earnings_batch(earnings: Iterable[NewEarnings], *, actor: User | None = None) -> PostingCounts:
    """Credit many drivers in a fixed number of statements, row for row as :func:`post_earnings`; all or none."""
    openings = [
        Opening(
            Category.EARNINGS,
            row.amount,
            row.reference_id,
            row.driver_id,
            row.lease_id,
            row.vehicle_id,
            effective_on=row.effective_on,
        )
        for row in earnings
    ]
    return open_balances(Kind.EARNINGS, check_openings(openings), actor=actor)


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
    effective_on: date | None = None,
    actor: User | None = None,
) -> LedgerPosting:
    """Credit a driver with ``amount`` dollars that the fleet owes him, by a credit memo of what it refunds.

    ``category`` is the refunded one (a toll refund is EZPASS). The same reference and facts return the first memo.

    :raises ReasonRequired: no reason given
    :raises: what ``create_obligation`` raises, for the same reasons
    """
    opening = Opening(
        check_obligation_category(category),
        amount,
        reference_id,
        driver_id,
        lease_id,
        vehicle_id,
        effective_on=effective_on,
        reason=check_reason(reason),
    )
    open_balances(Kind.CREDIT_MEMO, check_openings([opening]), actor=actor)
    return get_live_opening(reference_id)


@money_transaction
def credit_drivers(memos: Iterable[NewCredit], *, actor: User | None = None) -> PostingCounts:
    """Credit many drivers in a fixed number of statements, row for row as :func:`credit_driver` would; all or none."""
    openings = [
        Opening(
            check_obligation_category(row.category),
            row.amount,
            row.reference_id,
            row.driver_id,
            row.lease_id,
            row.vehicle_id,
            effective_on=row.effective_on,
            reason=check_reason(row.reason),
        )
        for row in memos
    ]
    return open_balances(Kind.CREDIT_MEMO, check_openings(openings), actor=actor)
