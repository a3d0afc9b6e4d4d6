"""Ending a loan before its time: paid off, or given up; and taking that back."""

from datetime import date
from typing import Any

from django.contrib.auth.models import User

from core.checks import check_reason
from core.history import save_as
from core.words import say_full_day
from ledger import selectors as balances
from ledger import services as ledger
from ledger.categories import Category
from ledger.categories import Status as BalanceStatus
from ledger.installments import services as plans
from ledger.installments.rules import check_start
from ledger.money import format_dollars
from loans import rules, selectors, words
from loans.errors import LoanNotPaidOff, NothingToPayOff, NothingToWriteOff, PayoffDateInvalid, PayoffPaid
from loans.models import DriverLoan, LoanInstallment, LoanPayoff
from loans.services.holds import LOANS, Status, require_open


@ledger.money_transaction
def pay_off_loan(*, loan_id: int, as_of: date, today: date, actor: User | None) -> LoanPayoff:
    """Charge all that is left of a loan as of a day in one obligation, ``LOAN-3-PAYOFF``, in place of its schedule.

    It is the principal not charged yet and the interest earned by ``as_of``; see ``selectors.get_payoff_amount``. What
    is charged already stays as it is; interest that was charged ahead and is not earned by then comes back as a memo,
    ``LOAN-3-INTEREST``, which pays the payoff first. Where the books of that day are closed, it is booked ``today``,
    and never before what else is booked of the loan. The payoff keeps its day.

    :raises LoanNotFound: no such loan
    :raises LoanNotActive: it is on hold or ended
    :raises PayoffDateInvalid: ``as_of`` is before the disbursement or after ``today``
    :raises NothingToPayOff: every installment is charged already, and something of them is open, or all interest earned
    """
    loan = LOANS.lock(loan_id)
    LOANS.require_active(loan)
    _check_day(loan, as_of, today)
    rows = plans.lock_installments(loan)
    if not selectors.has_rest(loan, rows, as_of):
        raise NothingToPayOff(f"Every installment of {loan} is charged already.")
    payoff = _charge_rest(loan, rows, as_of, _get_booking_day(loan, as_of, today), actor)
    plans.save_status(loan, Status.PAID_OFF, "", actor)
    return payoff


def call_in_loans(which: dict[str, Any], on: date, actor: User | None) -> ledger.PostingCounts:
    """Pay off each loan of these installments that is in force, as of a day; see ``register_calling_in``."""
    waiting = LoanInstallment.objects.payable().filter(**which)
    loan_ids = list(waiting.order_by("loan_id").values_list("loan_id", flat=True).distinct())
    for loan_id in loan_ids:
        pay_off_loan(loan_id=loan_id, as_of=on, today=on, actor=actor)
    return ledger.PostingCounts(posted=len(loan_ids), already_posted=0)


@ledger.money_transaction
def write_off_loan(*, loan_id: int, reason: str, as_of: date, today: date, actor: User | None) -> DriverLoan:
    """Forgive all that is left of a loan: what is not charged yet is charged as by a payoff, then all is written off.

    Interest that was charged ahead and is not earned by ``as_of`` is not forgiven but given back by a memo, which pays
    what is owed first.

    :raises core.errors.ReasonRequired, core.errors.ValueInvalid: no reason, or one that is too long
    :raises LoanNotFound: no such loan
    :raises LoanEnded: it was paid off early, written off or voided before
    :raises PayoffDateInvalid: ``as_of`` is before the disbursement or after ``today``
    :raises NothingToWriteOff: nothing of it is owed any more
    """
    reason = check_reason(reason)
    loan = LOANS.lock(loan_id)
    require_open(loan)
    _check_day(loan, as_of, today)
    rows = plans.lock_installments(loan)
    booked_on = _get_booking_day(loan, as_of, today)
    if plans.list_unposted(rows) or selectors.sum_unearned(rows, loan.rate_percent, as_of):
        _charge_rest(loan, rows, as_of, booked_on, actor)
    owed = [
        balance
        for balance in balances.list_balances_by_reference(selectors.list_references(loan))
        if balance.status == BalanceStatus.OPEN
    ]
    if not owed:
        raise NothingToWriteOff(f"Nothing of {loan} is owed any more.")
    for balance in sorted(owed, key=lambda balance: balance.pk):
        ledger.write_off_obligation(posting_id=balance.pk, reason=reason, effective_on=booked_on, actor=actor)
    return plans.save_status(loan, Status.WRITTEN_OFF, reason, actor)


@ledger.money_transaction
def restore_schedule(
    *,
    loan_id: int,
    reason: str,
    starts_on: date,
    today: date,
    effective_on: date,
    actor: User | None,
) -> DriverLoan:
    """Take back a payoff or write-off whose payment or forgiving was undone: the loan's schedule is in force again.

    The payoff's charge is voided as of ``effective_on``, and so is the memo of its interest, with what that has paid.
    Installments that fell due meanwhile, and those after them, move by whole weeks so that the plan resumes in the week
    of ``starts_on``, the week of ``today`` or the next.

    :raises core.errors.ReasonRequired, core.errors.ValueInvalid: no reason, or one that is too long
    :raises ledger.installments.services.PlanStartInvalid: ``starts_on`` is neither this week's Sunday nor the next
        one's
    :raises LoanNotFound: no such loan
    :raises LoanNotPaidOff: it was neither paid off early nor written off
    :raises PayoffPaid: something of the payoff is paid or written off; undo that first
    :raises ledger.services.CreditPaidOut: interest that came back has been paid out
    """
    reason = check_reason(reason)
    check_start(starts_on, today)
    loan = LOANS.lock(loan_id)
    if loan.status not in (Status.PAID_OFF, Status.WRITTEN_OFF):
        raise LoanNotPaidOff(f"{loan} is {loan.get_status_display().lower()}: its schedule is in force.")
    waiting = plans.list_unposted(plans.lock_installments(loan))
    payoff = selectors.find_payoff(loan)
    if payoff is not None:
        _void_memo(loan, reason, effective_on, actor)
        _void_charge(loan, reason, effective_on, actor)
        payoff.is_undone = True
        save_as(payoff, actor, update_fields=["is_undone"])
    plans.resume_installments(waiting, starts_on=starts_on, actor=actor)
    return plans.save_status(loan, Status.ACTIVE, reason, actor)


def _check_day(loan: DriverLoan, as_of: date, today: date) -> None:
    if not loan.disbursed_on <= as_of <= today:
        raise PayoffDateInvalid(
            f"{loan} can end from {say_full_day(loan.disbursed_on)}, its disbursement, to {say_full_day(today)}."
        )


def _get_booking_day(loan: DriverLoan, as_of: date, today: date) -> date:
    """The day on which the end is booked: what is forgiven, or paid by a memo, was charged and free by then."""
    booked_on = balances.get_booking_day(as_of, today=today)
    return max(booked_on, balances.find_newest_day(selectors.list_references(loan)) or booked_on)


def _charge_rest(
    loan: DriverLoan, rows: list[LoanInstallment], as_of: date, booked_on: date, actor: User | None
) -> LoanPayoff:
    """Charge what is left as of a day in one obligation, set the schedule aside, and give unearned interest back."""
    rest = selectors.compute_payoff(rows, loan.rate_percent, as_of)
    payoff = LoanPayoff(
        loan=loan,
        as_of=as_of,
        principal=rest.principal,
        interest=rest.interest,
        interest_back=selectors.sum_unearned(rows, loan.rate_percent, as_of),
    )
    save_as(payoff, actor, force_insert=True)
    plans.set_aside(plans.list_unposted(rows), actor)
    if payoff.amount:
        reference_id = rules.name_payoff(loan.pk)
        ledger.create_obligation(
            category=Category.LOAN,
            amount=payoff.amount,
            reference_id=reference_id,
            driver_id=loan.driver_id,
            lease_id=loan.lease_id,
            due_on=as_of,
            description=words.say_payoff(
                disbursed_on=loan.disbursed_on,
                as_of=as_of,
                principal=payoff.principal,
                interest=payoff.interest,
                told_on=as_of,
                paper_number=loan.paper_number,
            ),
            income=payoff.interest,
            effective_on=booked_on,
            replaces=_find_voided(reference_id),
            actor=actor,
        )
    if payoff.interest_back:
        _give_interest_back(loan, payoff, booked_on, actor)
    return payoff


def _give_interest_back(loan: DriverLoan, payoff: LoanPayoff, booked_on: date, actor: User | None) -> None:
    """Credit the interest that is not earned, and pay the payoff with it, and then what else is open of the loan."""
    reference_id = rules.name_interest_memo(loan.pk)
    memo = ledger.credit_driver(
        driver_id=loan.driver_id,
        category=Category.LOAN,
        amount=payoff.interest_back,
        reference_id=reference_id,
        reason=f"Interest charged ahead and not earned by {payoff.as_of}",
        description=words.say_interest_back(disbursed_on=loan.disbursed_on, told_on=payoff.as_of),
        lease_id=loan.lease_id,
        effective_on=booked_on,
        replaces=_find_voided(reference_id),
        actor=actor,
    )
    references = selectors.list_references(loan)
    ledger.use_credit(
        posting_id=memo.pk,
        # The payoff is the last of them, and comes first here.
        reference_ids=[references[-1], *references[:-1]],
        reason=f"Interest given back with {rules.name_payoff(loan.pk)}",
        effective_on=booked_on,
        actor=actor,
    )


def _find_voided(reference_id: str) -> int | None:
    """The voided posting that an earlier payoff, taken back, has left under this name."""
    before = balances.list_balances_by_reference([reference_id]).first()
    return before.pk if before else None


def _void_memo(loan: DriverLoan, reason: str, effective_on: date, actor: User | None) -> None:
    memo = balances.find_balance_by_reference(rules.name_interest_memo(loan.pk))
    if memo is not None:
        ledger.void_posting(posting_id=memo.pk, reason=reason, cascade=True, effective_on=effective_on, actor=actor)


def _void_charge(loan: DriverLoan, reason: str, effective_on: date, actor: User | None) -> None:
    balance = balances.find_balance_by_reference(rules.name_payoff(loan.pk))
    if balance is None:  # somebody voided it in the ledger
        return
    paid = balance.original_amount - balance.remaining
    if paid:
        raise PayoffPaid(
            f"{format_dollars(paid)} of {balance.reference_id} is paid or written off: a supervisor undoes that first.",
            paid=str(paid),
        )
    ledger.void_posting(posting_id=balance.pk, reason=reason, effective_on=effective_on, actor=actor)
