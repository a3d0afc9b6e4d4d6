"""The fleet's own side: transfers, slips, closed days, the priority order, cuts, the journal."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError

from core.errors import DomainError
from ledger import services as ledger
from ledger.models import InterimPayment, Transfer
from ledger.selectors import get_closed_through
from loans.models import DriverLoan
from tests.torture.books import ORDER, Change
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver, a_lease_of
from tests.torture.fleet import cents_of as cents
from tests.torture.steps import Step

#: Kind, account debited, account credited.
BY_PEOPLE = (
    ("FLOAT", "1010", "1030"),
    ("PAID_OVER", "2110", "1030"),
    ("PAID_OVER", "1030", "2120"),
    ("OVER_SHORT", "6050", "1010"),
    ("OVER_SHORT", "1010", "6050"),
    ("BANK_FEE", "6030", "1030"),
    ("CORRECTION", "4030", "6030"),
)


@act("ledger.record_transfer", weight=6)
def transfer(t: Torture) -> Step | None:
    kind, debit, credit = t.chance.choice(BY_PEOPLE)
    facts = {
        "kind": kind,
        "debit": debit,
        "credit": credit,
        "amount": t.dollars(),
        "reference_id": f"BOOK-T{t.number()}",
        "effective_on": t.today,
        "reason": "Counted",
        "actor": t.memory["office"],
    }
    sound = () if kind in ("CORRECTION", "OVER_SHORT") else ("reason",)  # asked for of these two
    step = Step("ledger.record_transfer", ledger.record_transfer, facts, again="same", sound=sound)
    if t.maybe(0.15):
        facts["debit"] = t.chance.choice(("1100", "2010", "2020", "9999"))
        step.must_refuse, step.again = True, ""
    return step


@act("ledger.record_curb_statement", weight=2)
def curb_statement(t: Torture) -> Step | None:
    gross = t.dollars(1000, 90_000)
    facts = {
        "gross": gross,
        "fee": t.chance.choice((Decimal(0), Decimal("3.21"))),
        "reference_id": f"STATEMENT-T{t.number()}",
        "effective_on": t.today,
        "actor": t.memory["office"],
    }
    return Step("ledger.record_curb_statement", ledger.record_curb_statement, facts, again="same")


@act("ledger.record_bank_deposit", weight=3)
def bank(t: Torture) -> Step | None:
    checks = list(InterimPayment.objects.filter(method="CHECK").order_by("-pk").values_list("pk", flat=True)[:15])
    facts = {
        "cash": t.dollars(),
        "payment_ids": t.chance.sample(checks, min(len(checks), t.chance.randint(0, 3))),
        "reference_id": f"SLIP-T{t.number()}",
        "effective_on": t.today,
        "actor": t.memory["office"],
    }
    return Step("ledger.record_bank_deposit", ledger.record_bank_deposit, facts, again="same")


@act("ledger.reverse_transfer", weight=3)
def reverse(t: Torture) -> Step | None:
    found = t.pick(Transfer.objects.order_by("-pk")[:25])
    if found is None:
        return None
    facts = {
        "transfer_id": found.pk,
        "reason": t.reason(),
        "effective_on": t.today,
        "actor": t.memory["office"],
    }
    return Step("ledger.reverse_transfer", ledger.reverse_transfer, facts, again="refused")


class RefusedByGuard(DomainError):
    """What no door asks for alone is refused by the database itself, when the transaction ends."""

    code = "refused_by_guard"


def _guarded(call: Callable[..., Any]) -> Callable[..., Any]:
    def run(**facts: Any) -> Any:
        try:
            return call(**facts)
        except IntegrityError as refusal:
            raise RefusedByGuard(str(refusal)) from refusal

    return run


@act("ledger.record_loan_out", "ledger.reverse_loan_out", "ledger.record_negative_weeks", weight=2)
def mirror_alone(t: Torture) -> Step | None:
    """What mirrors a cause is written with its cause, and refused alone."""
    chosen = t.chance.randint(0, 2)
    if chosen == 0:
        facts: dict[str, Any] = {
            "loan_id": 1,
            "reference_id": f"LOAN-{t.number()}",
            "principal": t.dollars(),
            "method": "CASH",
            "effective_on": t.today,
            "actor": None,
        }
        return Step("ledger.record_loan_out", _guarded(ledger.record_loan_out), facts, must_refuse=True)
    if chosen == 1:
        loan = t.pick(DriverLoan.objects.exclude(status="VOIDED").order_by("pk"))
        if loan is None:
            return None
        facts = {"loan_id": loan.pk, "reason": t.reason(), "effective_on": t.today, "actor": None}
        # Of a loan that there is not, nothing was mirrored: nothing is turned back.
        call, sound = _guarded(ledger.reverse_loan_out), ("loan_id",)
        return Step("ledger.reverse_loan_out", call, facts, must_refuse=True, sound=sound)
    call = ledger.record_negative_weeks
    return Step("ledger.record_negative_weeks", call, {"reference_ids": ["CURB-2001-01-06-L1"], "actor": None})


@act("ledger.close_books", "ledger.preview_closing", weight=2)
def close_days(t: Torture) -> Step | None:
    through = t.today - timedelta(days=t.chance.choice((0, 1, 4, 40)))
    if t.maybe(0.3):
        facts: dict[str, Any] = {"through": through, "today": t.today}
        return Step("ledger.preview_closing", ledger.preview_closing, facts, only_looks=True)
    facts = {"through": through, "reason": t.reason(), "today": t.today, "actor": t.memory["supervisor"]}
    step = Step("ledger.close_books", ledger.close_books, facts, again="refused")
    closed = get_closed_through()
    step.must_refuse = through >= t.today or (closed is not None and through <= closed)
    return step


@act("ledger.close_books_with_week", "ledger.close_books_at_go_live", weight=1)
def close_books_again(t: Torture) -> Step | None:
    """Through a day that is closed already: nothing is done."""
    closed = get_closed_through()
    if closed is None:
        return None
    facts = {"cut_on": closed - timedelta(days=t.chance.randint(0, 9)), "actor": None}
    return Step("ledger.close_books_at_go_live", ledger.close_books_at_go_live, facts, only_looks=True)


@act("ledger.reopen_day", "ledger.preview_reopening", weight=1)
def reopen(t: Torture) -> Step | None:
    """By whoever is no superuser: refused. (An open day is told by the audits for as long as it lasts.)"""
    facts: dict[str, Any] = {"day": t.today - timedelta(days=9), "hours": t.chance.choice((0, 1, 25))}
    if t.maybe(0.5):
        facts["actor"] = t.memory["admin"]
        return Step("ledger.preview_reopening", ledger.preview_reopening, facts, only_looks=True)
    facts |= {"reason": t.reason(), "actor": t.memory["supervisor"]}
    return Step("ledger.reopen_day", ledger.reopen_day, facts, must_refuse=True)


@act("ledger.set_waterfall_order", weight=1)
def order(t: Torture) -> Step | None:
    categories = list(ORDER)
    t.chance.shuffle(categories)
    step = Step(
        "ledger.set_waterfall_order",
        ledger.set_waterfall_order,
        {
            "effective_on": t.today + timedelta(days=t.chance.choice((0, 3, -1))),
            "categories": categories,
            "today": t.today,
        },
    )
    if t.maybe(0.3):
        categories.pop()
    step.must_refuse = len(categories) < len(ORDER) or step.facts["effective_on"] < t.today
    return step


@act("ledger.cut_accounts", weight=1)
def cut(t: Torture) -> Step | None:
    """A cut alone is the close's to make; of a driver that there is not, it is refused."""
    return Step("ledger.cut_accounts", ledger.cut_accounts, {"driver_ids": [2_000_000_001]}, must_refuse=True)


@act("ledger.take_journal_batch", weight=1)
def take_journal(t: Torture) -> Step | None:
    return Step("ledger.take_journal_batch", ledger.take_journal_batch, {"actor": t.memory["office"]})


@act("ledger.open_deposit", "ledger.open_account", "ledger.record_openings", weight=2)
def open_anew(t: Torture) -> Step | None:
    if t.maybe(0.4):
        facts: dict[str, Any] = {
            "account": t.chance.choice(("1030", "2110", "4010", "1100", "2010", "0815")),
            "side": t.chance.choice(("DEBIT", "CREDIT", "LEFT")),
            "amount": t.dollars(),
            "reference_id": f"OPEN-ACCOUNT-T{t.number()}",
            "effective_on": t.today,
            "actor": t.memory["office"],
        }
        return Step("ledger.open_account", ledger.open_account, facts, again="same")
    if t.maybe(0.1):
        return Step("ledger.record_openings", ledger.record_openings, {"reference_ids": ["OPEN-DEBT-0"], "actor": None})
    driver = a_driver(t)
    lease = a_lease_of(t, driver)
    if lease is None:
        return None
    facts = {
        "driver_id": driver,
        "lease_id": lease,
        "amount": t.dollars(1000, 30_000),
        "reference_id": f"OPEN-DEPOSIT-T{t.number()}",
        "effective_on": t.today,
        "actor": t.memory["office"],
    }
    change = Change().add(driver, deposit=cents(facts["amount"]))
    return Step("ledger.open_deposit", ledger.open_deposit, facts, change, again="same")
