"""Lending money: the loan with how it left, and the installments by which it comes back."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from core.checks import check_date, check_key, check_paper_number, check_text
from core.history import create_all_as, save_as
from core.previews import rolled_back
from core.words import say_full_day
from leases import selectors as leases
from ledger import selectors as balances
from ledger import services as ledger
from ledger.categories import PaymentMethod
from ledger.installments.rules import check_start
from ledger.locks import lock_accounts
from ledger.money import parse_amount
from loans import rules, selectors
from loans.errors import MethodInvalid, RateInvalid
from loans.models import DriverLoan, LoanInstallment

MAX_INSTRUMENT = 40


@ledger.money_transaction
def disburse_loan(
    *,
    driver_id: int,
    principal: Decimal,
    disbursed_on: date,
    method: str,
    starts_on: date,
    today: date,
    rate_percent: Decimal = Decimal(0),
    instrument_number: str = "",
    lease_id: int | None = None,
    posts_at_once: bool = False,
    weekly_amount: Decimal | None = None,
    carried_over: bool = False,
    idempotency_key: str | None = None,
    paper_number: str = "",
    actor: User | None,
) -> DriverLoan:
    """Record money lent to a driver and how it left, and lay down the installments by which they repay it.

    ``rate_percent`` is a year's simple interest on the principal still scheduled. ``starts_on`` is the Sunday of the
    week of ``today``, the day of entry, or of the week after; each installment is due the Saturday of its week, and is
    charged then, or now with ``posts_at_once``. ``weekly_amount`` is the principal a week of a plan agreed before, such
    as one carried over from another system; the bands in force on ``disbursed_on`` say it otherwise. ``carried_over``
    says that the money left before the cut-over, so that no drawer and no bank of these books has paid it.
    ``paper_number`` is that of the agreement the driver signed. With a key, the same request again returns the first
    loan.

    :raises ledger.services.AmountInvalid: an amount is not a positive number of whole cents
    :raises RateInvalid, MethodInvalid: the rate or the way the money left is not what it should be
    :raises core.errors.ValueInvalid: so is another argument, or ``disbursed_on`` is before 2000 or after ``today``
    :raises ledger.installments.services.PlanStartInvalid: the plan starts neither this week nor the next one
    :raises ledger.installments.services.PlanTooLong: more than ten years of installments
    :raises ledger.services.DriverNotFound: no such driver
    :raises ledger.services.LeaseNotTheDrivers: the lease is not the driver's on the day of the disbursement
    :raises ledger.services.IdempotencyConflict: the key was used for another loan
    """
    check_date(disbursed_on, field="disbursed_on", latest=today)
    loan = DriverLoan(
        driver_id=driver_id,
        lease_id=lease_id,
        principal=parse_amount(principal, field="principal"),
        rate_percent=_check_rate(rate_percent, disbursed_on),
        disbursed_on=disbursed_on,
        method=method,
        instrument_number=_check_method(method, instrument_number),
        starts_on=starts_on,
        posts_at_once=posts_at_once,
        idempotency_key=check_key(idempotency_key),
        paper_number=check_paper_number(paper_number),
    )
    check_start(starts_on, today)
    plan = _plan(loan, weekly_amount)
    lock_accounts([driver_id])
    if (first := _find_first(loan)) is not None:
        return first
    if lease_id is not None and not _holds(driver_id, lease_id, disbursed_on):
        raise ledger.LeaseNotTheDrivers(f"Lease {lease_id} is not the driver's on {say_full_day(disbursed_on)}.")
    _save_new(loan, actor)
    _lay_down(loan, plan, actor)
    _book(loan, carried_over_on=today if carried_over else None, today=today, actor=actor)
    if posts_at_once:
        references = [rules.name_installment(loan.pk, part.number) for part in plan]
        ledger.post_installments(reference_ids=references, driver_id=driver_id, effective_on=today, actor=actor)
    return loan


def _plan(loan: DriverLoan, weekly_amount: Decimal | None) -> list[rules.PlannedInstallment]:
    """Cut the loan into installments, by the bands where no weekly amount was agreed, and set what it takes a week."""
    plan = rules.plan_loan(
        loan.principal,
        rate_percent=loan.rate_percent,
        disbursed_on=loan.disbursed_on,
        starts_on=loan.starts_on,
        bands=selectors.list_bands(loan.disbursed_on),
        weekly_amount=None if weekly_amount is None else parse_amount(weekly_amount, field="weekly_amount"),
    )
    loan.weekly_amount = plan[0].principal
    return plan


def _book(loan: DriverLoan, *, carried_over_on: date | None, today: date, actor: User | None) -> None:
    """Have the books say that the principal left, by what, and when; what is carried over, on the cut-over.

    Where the books of the day of disbursement are closed, it is booked today; the loan keeps its day.
    """
    ledger.record_loan_out(
        loan_id=loan.pk,
        reference_id=rules.name_loan(loan.pk),
        principal=loan.principal,
        method=None if carried_over_on else loan.method,
        effective_on=carried_over_on or balances.get_booking_day(loan.disbursed_on, today=today),
        actor=actor,
    )


def preview_loan(**facts: Any) -> list[rules.PlannedInstallment]:
    """Say which installments :func:`disburse_loan` would lay down for the same arguments, and write nothing.

    :raises: what :func:`disburse_loan` raises
    """
    with rolled_back():
        loan = disburse_loan(**facts)
        return [
            rules.PlannedInstallment(row.number, row.accrues_from, row.due_on, row.principal, row.interest)
            for row in loan.installments.order_by("number")
        ]


def _check_rate(rate_percent: Decimal, on: date) -> Decimal:
    try:
        rate = Decimal(rate_percent) if isinstance(rate_percent, (Decimal, int, str)) else Decimal("NaN")
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite() or not 0 <= rate <= 100 or rate != round(rate, 2):
        raise RateInvalid("A rate is a percentage a year from 0 to 100, with at most two places.")
    limit = selectors.find_rate_limit(on)
    if rate and (limit is None or rate > limit.highest_percent):
        highest = f"{limit.highest_percent} % a year ({limit.citation})" if limit else "0 %: no other limit is in force"
        raise RateInvalid(f"{rate} % is above the highest rate, {highest}.", rate=str(rate))
    return round(abs(rate), 2)


def _check_method(method: str, instrument_number: str) -> str:
    if method not in PaymentMethod.values:
        raise MethodInvalid(f"{method!r} is not a way for money to leave: CASH, CHECK or ACH.")
    number = check_text(instrument_number, field="instrument_number", longest=MAX_INSTRUMENT, required=False)
    if method == PaymentMethod.CHECK and not number:
        raise MethodInvalid("A check needs its number.", field="instrument_number")
    return number


def _find_first(loan: DriverLoan) -> DriverLoan | None:
    """The loan made before under this loan's key, where there is one."""
    if loan.idempotency_key is None:
        return None
    first = DriverLoan.objects.filter(idempotency_key=loan.idempotency_key).first()
    if first is not None and _facts_of(first) != _facts_of(loan):
        raise ledger.IdempotencyConflict(f"This key was used before, for {first}.", first=str(first))
    return first


def _save_new(loan: DriverLoan, actor: User | None) -> None:
    try:
        with transaction.atomic():
            save_as(loan, actor, force_insert=True)
    except IntegrityError:
        # The key was used for another driver at the same moment.
        if _find_first(loan) is None:
            raise


def _facts_of(loan: DriverLoan) -> tuple[Any, ...]:
    return (
        loan.driver_id,
        loan.lease_id,
        loan.principal,
        loan.rate_percent,
        loan.disbursed_on,
        loan.method,
        loan.instrument_number,
        loan.starts_on,
        loan.weekly_amount,
        loan.posts_at_once,
        loan.paper_number,
    )


def _holds(driver_id: int, lease_id: int, on: date) -> bool:
    return any(lease.pk == lease_id for lease in leases.list_leases_in_force(start_on=on, driver_id=driver_id))


def _lay_down(loan: DriverLoan, plan: Sequence[rules.PlannedInstallment], actor: User | None) -> None:
    rows = [
        LoanInstallment(
            loan=loan,
            number=part.number,
            accrues_from=part.accrues_from,
            due_on=part.due_on,
            principal=part.principal,
            interest=part.interest,
            amount=part.amount,
            reference_id=rules.name_installment(loan.pk, part.number),
        )
        for part in plan
    ]
    create_all_as(rows, actor)
