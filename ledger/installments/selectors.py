"""The installments of a plan beside what the ledger says of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.categories import Status
from ledger.installments.models import Installment, PlanStatus
from ledger.money import ZERO
from ledger.selectors.balances import list_balances_by_reference

#: What an installment that is not charged yet is called: it waits for its day, or is held back, or its plan was voided
#: or paid off, and it never will be charged.
SCHEDULED = "Scheduled"
ON_HOLD = str(PlanStatus.ON_HOLD.label)
DROPPED = "Dropped"
REPLACED = "Replaced"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One installment, in dollars. ``balance_id`` is None until it is posted; ``state`` is a word for people."""

    installment: Installment
    reference_id: str
    number: int
    due_on: date
    amount: Decimal
    state: str
    settled: Decimal
    remaining: Decimal
    balance_id: int | None

    @property
    def is_live(self) -> bool:
        """Posted, and not voided since."""
        return self.balance_id is not None and self.state != Status.VOIDED.label


def list_plan(installments: Iterable[Installment], *, held_as: str = ON_HOLD) -> list[PlanRow]:
    """Return the installments with what is posted, paid and open, by one query however many they are.

    ``held_as`` is the word for those that are held back.
    """
    rows = list(installments)
    posted = {balance.reference_id: balance for balance in list_balances_by_reference(row.reference_id for row in rows)}
    plan = []
    for row in rows:
        balance = posted.get(row.reference_id)
        unposted_state = held_as if row.on_hold else SCHEDULED
        is_live = balance is not None and balance.status != Status.VOIDED
        plan.append(
            PlanRow(
                installment=row,
                reference_id=row.reference_id,
                number=row.number,
                due_on=row.due_on,
                amount=row.amount,
                state=balance.get_status_display() if balance else unposted_state,
                settled=balance.original_amount - balance.remaining if balance and is_live else ZERO,
                remaining=balance.remaining if balance else ZERO,
                balance_id=balance.pk if balance else None,
            )
        )
    return plan
