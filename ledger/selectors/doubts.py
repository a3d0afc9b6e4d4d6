"""What makes a payment at the counter doubtful: taken a moment ago, a check number seen before, far more than owed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from core.weeks import week_of
from core.words import say_full_day
from ledger.categories import PaymentMethod
from ledger.money import ZERO, format_dollars
from ledger.selectors.installments import list_installments_payable_ahead
from ledger.selectors.payments import PaymentStatus, list_payments
from ledger.selectors.positions import get_position

if TYPE_CHECKING:
    from ledger.selectors.payments import StandingPayment


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason to ask before a payment is taken: ``code`` for programs, ``detail`` for people."""

    code: str
    detail: str


#: Gets a driver's id and a day; dollars that the driver is expected to bring besides what they owe.
SumExpected = Callable[[int, date], Decimal]

_expected: list[SumExpected] = []


def register_expected_money(sum_expected: SumExpected) -> None:
    """Have an app say what drivers are expected to bring besides what they owe: a deposit that is missing, say."""
    if sum_expected not in _expected:
        _expected.append(sum_expected)


def list_payment_doubts(
    *, driver_id: int, amount: Decimal, method: str, instrument_number: str, today: date
) -> tuple[Doubt, ...]:
    """Return what makes it doubtful that a driver hands over this payment now. Voided payments count for nothing.

    To be read before the payment is written: what is taken is owed no more.
    """
    return (
        *_find_taken_just_now(driver_id, amount),
        *_find_known_check(driver_id, amount, method, instrument_number, today),
        *_find_excess(driver_id, amount, today),
    )


def _find_taken_just_now(driver_id: int, amount: Decimal) -> Iterator[Doubt]:
    minutes = settings.ASK_SAME_AMOUNT_MINUTES
    same = _list_standing().filter(
        driver_id=driver_id, amount=amount, received_at__gt=Now() - timedelta(minutes=minutes)
    )
    first = same.first()
    if first is not None:
        detail = f"{format_dollars(amount)} of this driver was taken less than {minutes} minutes ago: {first}."
        yield Doubt("same_amount_just_taken", detail)


def _find_known_check(
    driver_id: int, amount: Decimal, method: str, instrument_number: str, today: date
) -> Iterator[Doubt]:
    if method != PaymentMethod.CHECK:
        return
    same = _list_standing().filter(method=PaymentMethod.CHECK, instrument_number=instrument_number)
    since, lately = (
        today - timedelta(days=days) for days in (settings.ASK_CHECK_NUMBER_DAYS, settings.ASK_CHECK_AND_AMOUNT_DAYS)
    )
    own = same.filter(driver_id=driver_id, received_on__gte=since).first()
    if own is not None:
        yield Doubt(
            "check_number_known",
            f"Check {instrument_number} of this driver was taken on {say_full_day(own.received_on)}: {own}, "
            f"{format_dollars(own.amount)}.",
        )
    other = same.filter(~Q(driver_id=driver_id), amount=amount, received_on__gte=lately).select_related("driver")
    another = other.first()
    if another is not None:
        yield Doubt(
            "check_and_amount_known",
            f"A check {instrument_number} of {format_dollars(amount)} was taken from {another.driver} on "
            f"{say_full_day(another.received_on)}: {another}.",
        )


def _find_excess(driver_id: int, amount: Decimal, today: date) -> Iterator[Doubt]:
    above = settings.ASK_ABOVE_EXPECTED
    if amount <= above:
        return  # whatever is owed, it is no more than that above it
    owed = get_position(driver_id, as_of=today).obligations
    coming = list_installments_payable_ahead(driver_id, week_of(today).end)
    expected = sum((one.amount for one in coming), start=owed)
    expected += sum((sum_expected(driver_id, today) for sum_expected in _expected), start=ZERO)
    if amount - expected > above:
        yield Doubt(
            "more_than_expected",
            f"{format_dollars(amount)} is {format_dollars(amount - expected)} more than the {format_dollars(expected)} "
            "that the driver owes, will owe by Saturday, or lacks of a deposit.",
        )


def _list_standing() -> "QuerySet[StandingPayment, StandingPayment]":
    return list_payments().filter(status__in=[PaymentStatus.OPEN, PaymentStatus.PARTLY_VOIDED])
