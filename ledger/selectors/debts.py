"""What one driver owes, or is owed on one lease, and what is held, as a sentence tells it: by one statement."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Max, Min, Q

from ledger.categories import Category, EntryType
from ledger.models import LedgerBalance
from ledger.models.postings import LedgerBalanceQuerySet
from ledger.money import format_dollars
from ledger.selectors.balances import list_balances, remaining_where


@dataclass(frozen=True, slots=True)
class Debt:
    """Dollars that were due before a day and that come due from it on, with their days; and what the fleet holds."""

    past_due: Decimal
    past_due_since: date | None
    coming: Decimal
    next_due_on: date | None
    last_due_on: date | None
    held: Decimal
    deposits: Decimal

    @property
    def owed(self) -> Decimal:
        return self.past_due + self.coming

    def say(self, name: str) -> str:
        """Return who owes whom: ``Anil owes $652.25: $369.25 is past due, $283.00 comes due on Saturday, Nov 28.``"""
        if self.owed and self.held:
            return f"{name} owes {format_dollars(self.owed)}; the fleet holds {format_dollars(self.held)}. " + (
                f"Together {name} owes {format_dollars(self.owed - self.held)}."
                if self.owed > self.held
                else f"Together the fleet owes {name} {format_dollars(self.held - self.owed)}."
                if self.held > self.owed
                else "Together nobody owes anything."
            )
        if self.held:
            return f"{name} owes nothing. The fleet holds {format_dollars(self.held)} for {name}."
        if not self.owed:
            return "Nothing is owed and nothing is held."
        return f"{name} owes {format_dollars(self.owed)}{self._say_when()}"

    def say_of_lease(self) -> str:
        """Return what is owed on a lease: ``$369.25 is owed on this lease, and all of it is past due.``"""
        if not self.owed:
            return "Nothing is owed on this lease."
        return f"{format_dollars(self.owed)} is owed on this lease{self._say_when()}"

    def _say_when(self) -> str:
        if not self.coming:
            return ", and all of it is past due."
        first, last = self.next_due_on, self.last_due_on
        if first is None or last is None:
            return "."
        days = f"on {_say(last)}" if first == last else f"from {_say(first)} to {_say(last)}"
        if not self.past_due:
            return f", which comes due {days}."
        return f": {format_dollars(self.past_due)} is past due, {format_dollars(self.coming)} comes due {days}."


def get_debt(driver_id: int, *, today: date) -> Debt:
    """Return what a driver owes and what is held for them now; due before ``today`` is past due."""
    return _read_debt(LedgerBalance.objects.filter(driver_id=driver_id), today)


def get_lease_debt(lease_id: int, *, today: date) -> Debt:
    """Return the same of all that is booked on a lease, whichever of its drivers it is of."""
    return _read_debt(list_balances(lease_id=lease_id).order_by(), today)


def _read_debt(balances: LedgerBalanceQuerySet, today: date) -> Debt:
    owed, held = Q(entry_type=EntryType.DEBIT), Q(entry_type=EntryType.CREDIT)
    is_past, deposit = Q(due_on__lte=today - timedelta(days=1)), Q(category=Category.DEPOSIT)
    sums = balances.open().aggregate(
        past_due=remaining_where(owed & is_past),
        past_due_since=Min("due_on", filter=owed & is_past),
        coming=remaining_where(owed & ~is_past),
        next_due_on=Min("due_on", filter=owed & ~is_past),
        last_due_on=Max("due_on", filter=owed & ~is_past),
        held=remaining_where(held & ~deposit),
        deposits=remaining_where(held & deposit),
    )
    return Debt(**sums)


def _say(day: date) -> str:
    return f"{day:%A, %b} {day.day}"
