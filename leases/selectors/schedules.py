"""A lease's rent, as planned and as the ledger has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.weeks import week_of
from leases import rules
from leases.models import LeaseInstallment
from ledger import selectors as ledger
from ledger.categories import Status
from ledger.money import ZERO


@dataclass(frozen=True, slots=True)
class ScheduledRent:
    """One week's rent with what the ledger says of it, in dollars. ``balance_id`` is None until it is posted.

    ``given_back`` is what memos for days without a cab have returned; ``settled`` is without it.
    """

    number: int
    week_start: date
    due_on: date
    amount: Decimal
    reference_id: str
    state: str
    settled: Decimal
    remaining: Decimal
    balance_id: int | None
    given_back: Decimal = ZERO

    @property
    def words(self) -> str:
        """What it is called: ``Rent Nov 15–21``."""
        return rules.say_rent(week_of(self.week_start))


@dataclass(frozen=True, slots=True)
class LeaseTotals:
    """A lease's rent in all, in dollars: what is settled of it, and what is still to be, charged or not."""

    total: Decimal
    settled: Decimal
    remaining: Decimal


def list_schedule(lease_id: int) -> list[ScheduledRent]:
    """Return a lease's rent week by week, and how far each is settled, by two queries however long the lease."""
    rents = list(LeaseInstallment.objects.filter(lease_id=lease_id).order_by("number"))
    memos = {rent.pk: rules.name_memos(lease_id, week_of(rent.week_start), rent.memos) for rent in rents}
    references = [rent.reference_id for rent in rents] + [name for names in memos.values() for name in names]
    balances = ledger.list_balances_by_reference(references)
    posted = {balance.reference_id: balance for balance in balances}
    schedule = []
    for rent in rents:
        balance = posted.get(rent.reference_id)
        is_live = balance is not None and balance.status != Status.VOIDED
        given_back = sum(
            (posted[name].original_amount for name in memos[rent.pk] if posted[name].status != Status.VOIDED),
            start=ZERO,
        )
        schedule.append(
            ScheduledRent(
                number=rent.number,
                week_start=rent.week_start,
                due_on=rent.due_on,
                amount=rent.amount,
                reference_id=rent.reference_id,
                state=_name_state(rent, balance.get_status_display() if balance else None),
                settled=(balance.original_amount - balance.remaining if balance and is_live else ZERO) - given_back,
                remaining=balance.remaining if balance else ZERO,
                balance_id=balance.pk if balance else None,
                given_back=given_back,
            )
        )
    return schedule


def sum_schedule(schedule: Iterable[ScheduledRent]) -> LeaseTotals:
    """Return a schedule's totals: of a driver-owned vehicle, what is paid to date and what remains.

    Rent that was charged counts as it was charged, rent to come as it is planned; a voided charge counts nothing.
    """
    settled = remaining = ZERO
    for rent in schedule:
        settled += rent.settled
        remaining += rent.remaining if rent.balance_id else rent.amount
    return LeaseTotals(settled + remaining, settled, remaining)


def _name_state(rent: LeaseInstallment, posted_as: str | None) -> str:
    """Say for people where an installment stands: the ledger's word once it is posted."""
    return posted_as or ("On hold" if rent.on_hold else "Scheduled")
