"""What one person has taken on a day, as their drawer is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ledger.categories import PaymentMethod
from ledger.money import ZERO
from ledger.selectors.payments import list_payments
from ledger.selectors.payouts import sum_cash_paid_out

if TYPE_CHECKING:
    from ledger.selectors.payments import StandingPayment


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken by one method and stands: how many payments, and their dollars."""

    method: PaymentMethod
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Drawer:
    """A person's day: what stands by method, what does not, and the cash that they paid out."""

    payments: "Sequence[StandingPayment]"
    cash_paid_out: Decimal

    @property
    def by_method(self) -> list[Taken]:
        found = []
        for method in PaymentMethod:
            stands = [_stands(payment) for payment in self.payments if payment.method == method and _stands(payment)]
            found.append(Taken(method, len(stands), sum(stands, start=ZERO)))
        return found

    @property
    def count(self) -> int:
        return sum(taken.count for taken in self.by_method)

    @property
    def amount(self) -> Decimal:
        return sum((taken.amount for taken in self.by_method), start=ZERO)

    @property
    def voided_count(self) -> int:
        return sum(bool(payment.voided_amount) for payment in self.payments)

    @property
    def voided_amount(self) -> Decimal:
        return sum((payment.voided_amount for payment in self.payments), start=ZERO)

    @property
    def cash_due(self) -> Decimal:
        """What should be in the drawer, but for what was in it in the morning."""
        cash = [taken.amount for taken in self.by_method if taken.method == PaymentMethod.CASH]
        return sum(cash, start=-self.cash_paid_out)


def get_drawer(user_id: int, on: date) -> Drawer:
    """Return a person's day, its payments newest first, by two statements."""
    payments = list_payments().filter(received_on=on, received_by_id=user_id).select_related("driver")
    return Drawer(list(payments), sum_cash_paid_out(on, paid_by_id=user_id))


def _stands(payment: "StandingPayment") -> Decimal:
    return payment.amount - payment.voided_amount
