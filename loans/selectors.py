"""What pages and other parts ask about loans."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from ledger import selectors as ledger
from ledger.categories import Status
from ledger.installments.rules import Band
from ledger.installments.selectors import DROPPED, ON_HOLD, REPLACED, PlanRow, list_plan
from ledger.money import ZERO
from loans import rules
from loans.models import DriverLoan, LoanBand, LoanInstallment, LoanPayoff, RateLimit


def list_bands(on: date) -> list[Band]:
    """Return the bands in force on a day, in rising order."""
    return LoanBand.objects.in_force(on).as_bands()


def find_rate_limit(on: date) -> RateLimit | None:
    """Return the highest rate in force on a day."""
    return RateLimit.objects.filter(effective_on__lte=on).order_by("-effective_on").first()


def list_loans() -> QuerySet[DriverLoan]:
    """Return the loans, newest first, with whom and what they name."""
    return DriverLoan.objects.select_related("driver", "lease").order_by("-id")


#: What the installments that a loan's end has made superfluous are called.
HELD_AS = {
    DriverLoan.Status.PAID_OFF: REPLACED,
    DriverLoan.Status.WRITTEN_OFF: REPLACED,
    DriverLoan.Status.VOIDED: DROPPED,
}


def list_schedule(loan: DriverLoan) -> list[PlanRow]:
    """Return a loan's installments with what the ledger says of each, by two queries however many there are."""
    held_as = HELD_AS.get(DriverLoan.Status(loan.status), ON_HOLD)
    return list_plan(loan.installments.order_by("number"), held_as=held_as)


def find_payoff(loan: DriverLoan) -> LoanPayoff | None:
    """Return the payoff that stands, if the loan ended by one."""
    return loan.payoffs.filter(is_undone=False).first()


@dataclass(frozen=True, slots=True)
class PayoffAmount:
    """What ends a loan on a day, in dollars.

    ``open_charges`` are owed already, posted and not paid; ``principal`` and ``interest`` would be charged in addition.
    ``interest_back`` was charged ahead, is not earned by that day, and pays a part of it.
    """

    as_of: date
    open_charges: Decimal
    principal: Decimal
    interest: Decimal
    interest_back: Decimal

    @property
    def to_charge(self) -> Decimal:
        return self.principal + self.interest

    @property
    def total(self) -> Decimal:
        """What is left to pay."""
        return self.open_charges + self.to_charge - self.interest_back


def get_payoff_amount(loan: DriverLoan, as_of: date) -> PayoffAmount:
    """Return what ends the loan on a day, and what of it is owed already."""
    rows = list(loan.installments.order_by("number"))
    payoff = compute_payoff(rows, loan.rate_percent, as_of)
    interest_back = sum_unearned(rows, loan.rate_percent, as_of) if has_rest(loan, rows, as_of) else ZERO
    return PayoffAmount(as_of, sum_open(loan), payoff.principal, payoff.interest, interest_back)


def compute_payoff(rows: list[LoanInstallment], rate_percent: Decimal, as_of: date) -> rules.Payoff:
    """Return what is left to charge of these installments, all of one loan and in order."""
    charged = frozenset(row.number for row in rows if row.posted_at is not None)
    return rules.compute_payoff([row.as_planned() for row in rows], charged, rate_percent=rate_percent, as_of=as_of)


def has_rest(loan: DriverLoan, rows: list[LoanInstallment], as_of: date) -> bool:
    """Whether a payoff would do anything: something is not charged yet, or interest of what is all paid comes back."""
    if any(row.posted_at is None for row in rows):
        return True
    return not sum_open(loan) and sum_unearned(rows, loan.rate_percent, as_of) > 0


def sum_unearned(rows: list[LoanInstallment], rate_percent: Decimal, as_of: date) -> Decimal:
    """Return the interest in dollars that these installments, all of one loan and in order, were charged too early.

    A charge that was voided since bears none.
    """
    ahead = [row for row in rows if row.posted_at is not None and row.due_on > as_of]
    balances = ledger.list_balances_by_reference(row.reference_id for row in ahead)
    live = {balance.reference_id for balance in balances if balance.status != Status.VOIDED}
    charged = frozenset(row.number for row in ahead if row.reference_id in live)
    return rules.sum_unearned([row.as_planned() for row in rows], charged, rate_percent=rate_percent, as_of=as_of)


def list_references(loan: DriverLoan) -> list[str]:
    """Return every reference that the ledger may know of the loan."""
    references = loan.installments.order_by("number").values_list("reference_id", flat=True)
    return [*references, rules.name_payoff(loan.pk)]


def sum_open(loan: DriverLoan) -> Decimal:
    """Return what is charged of the loan and not paid, in dollars."""
    balances = ledger.list_balances_by_reference(list_references(loan))
    return sum((balance.remaining for balance in balances if balance.status == Status.OPEN), start=ZERO)
