"""Loans: lent, held, paid off, written off, restored, voided."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger.installments.rules import Band
from loans import services as loans
from loans.models import DriverLoan
from tests.torture.books import Balance, Change, check
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver, a_lease_of, some_method
from tests.torture.fleet import cents_of as cents
from tests.torture.steps import Step

_PLAN = """
    SELECT coalesce(sum(principal * 100) FILTER (WHERE posted_at IS NULL), 0)::bigint,
           coalesce(sum(principal * 100), 0)::bigint, coalesce(sum(interest * 100), 0)::bigint
      FROM loans_loaninstallment WHERE loan_id = %s
"""


def _read_plan(loan_id: int) -> tuple[int, int, int]:
    """Principal that is not charged yet, all principal, all interest."""
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, [loan_id])
        left, principal, interest = cursor.fetchone()
    return left, principal, interest


def _balances(t: Torture, loan: DriverLoan) -> list[Balance]:
    return [b for b in t.books.live.values() if b.reference.startswith(f"LOAN-{loan.pk}-")]


@act("loans.disburse_loan", "loans.preview_loan", weight=4)
def lend(t: Torture) -> Step | None:
    driver, at_once = a_driver(t), t.maybe(0.15)
    method, instrument = some_method(t)
    facts: dict[str, Any] = {
        "driver_id": driver,
        "lease_id": a_lease_of(t, driver),
        "principal": t.dollars(5000, 150_000),
        "disbursed_on": t.today,
        "method": method,
        "instrument_number": instrument,
        "starts_on": t.week.start + timedelta(days=7 * t.chance.randint(0, 1)),
        "today": t.today,
        "rate_percent": t.chance.choice((Decimal(0), Decimal(10), Decimal(16))),
        "posts_at_once": at_once,
        "actor": t.memory["office"],
    }
    if t.maybe(0.2):
        return Step("loans.preview_loan", loans.preview_loan, facts, only_looks=True)
    if t.maybe(0.1):
        facts["rate_percent"] = Decimal(17)
        return Step("loans.disburse_loan", loans.disburse_loan, facts, must_refuse=True, codes=("loan_rate_refused",))
    again = ""
    if t.maybe(0.5):
        facts["idempotency_key"], again = f"loan-{t.number()}", "same"

    def told(loan: DriverLoan) -> Change:
        left, principal, interest = _read_plan(loan.pk)
        check(principal == cents(facts["principal"]), "The installments' principal is what was lent")
        check(left == (0 if at_once else principal), "All is charged at once, or nothing")
        return Change().add(driver, owed=principal + interest if at_once else 0)

    return Step("loans.disburse_loan", loans.disburse_loan, facts, told, again=again)


@act("loans.hold_loan", "loans.resume_loan", "loans.void_loan", weight=3)
def change(t: Torture) -> Step | None:
    loan: Any = t.pick(DriverLoan.objects.order_by("-pk")[:25])
    if loan is None:
        return None
    by = {"loan_id": loan.pk, "actor": t.memory["office"]}
    if loan.status == "ON_HOLD" and t.maybe(0.7):
        by |= {"starts_on": t.week.start, "today": t.today}
        return Step("loans.resume_loan", loans.resume_loan, by, again="refused")
    by["reason"] = t.reason()
    if t.maybe(0.6):
        return Step("loans.hold_loan", loans.hold_loan, by, again="refused")
    undone = Change()
    for balance in _balances(t, loan):
        t.books.undo_opening(balance, undone)
    by["effective_on"] = t.today
    return Step("loans.void_loan", loans.void_loan, by, undone, again="refused")


@act("loans.pay_off_loan", "loans.write_off_loan", weight=3)
def end(t: Torture) -> Step | None:
    """A payoff charges the principal that is left and at most a year's interest on it; a write-off leaves nothing."""
    loan: Any = t.pick(DriverLoan.objects.order_by("-pk")[:25])
    if loan is None:
        return None
    left, principal, interest = _read_plan(loan.pk)
    by = {"loan_id": loan.pk, "as_of": t.today, "today": t.today, "actor": t.memory["supervisor"]}
    slack = interest + principal // 4
    if t.maybe(0.6):
        foretold = Change().worth(loan.driver_id, left - slack, left + slack)
        return Step("loans.pay_off_loan", loans.pay_off_loan, by, foretold, again="refused")
    by["reason"] = t.reason()
    owed = sum(b.left for b in _balances(t, loan) if b.side == "owed")

    def told(_: DriverLoan) -> Change:
        check(not [b for b in _balances_now(t, loan) if b.left], "Nothing is owed of what was written off")
        return Change().worth(loan.driver_id, -owed - slack, -owed + slack)

    return Step("loans.write_off_loan", loans.write_off_loan, by, told, again="refused")


def _balances_now(t: Torture, loan: DriverLoan) -> list[Balance]:
    """After the act: the books have not read its postings yet, so what it left is read by plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT posting_id FROM ledger_balances WHERE starts_with(reference_id, %s) AND entry_type = 'DEBIT' "
            "AND remaining > 0",
            [f"LOAN-{loan.pk}-"],
        )
        return [t.books.balances[id_] for (id_,) in cursor.fetchall() if id_ in t.books.balances]


@act("loans.restore_schedule", weight=2)
def restore(t: Torture) -> Step | None:
    loan: Any = t.pick(DriverLoan.objects.filter(status__in=["PAID_OFF", "WRITTEN_OFF"]).order_by("pk"))
    if loan is None:
        return None
    undone = Change()
    for balance in _balances(t, loan):
        if balance.reference in (f"LOAN-{loan.pk}-PAYOFF", f"LOAN-{loan.pk}-INTEREST"):
            t.books.undo_opening(balance, undone)
    both = {b.reference for b in _balances(t, loan)} >= {f"LOAN-{loan.pk}-PAYOFF", f"LOAN-{loan.pk}-INTEREST"}
    if both:
        worth = sum(
            b.amount * (-1 if b.side == "owed" else 1)
            for b in _balances(t, loan)
            if "-I" in b.reference or "-PA" in b.reference
        )
        undone = Change().worth(loan.driver_id, worth)
    facts = {
        "loan_id": loan.pk,
        "reason": t.reason(),
        "starts_on": t.week.start,
        "today": t.today,
        "effective_on": t.today,
        "actor": t.memory["supervisor"],
    }
    return Step("loans.restore_schedule", loans.restore_schedule, facts, undone, again="refused")


@act("loans.set_plan_bands", weight=1)
def bands(t: Torture) -> Step | None:
    facts = {
        "effective_on": t.today + timedelta(days=t.chance.choice((0, 7, -1))),
        "bands": [
            Band(Decimal(t.chance.randint(100, 400)), Decimal(50)),
            Band(None, Decimal(t.chance.randint(100, 300))),
        ],
        "today": t.today,
        "actor": t.memory["supervisor"],
    }
    return Step("loans.set_plan_bands", loans.set_plan_bands, facts)
