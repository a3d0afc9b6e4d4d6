"""What makes a payment at the counter doubtful: taken a moment ago, a check number seen before, far more than owed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from core.names import name_author
from core.statements import bound_cursor
from core.weeks import week_of
from core.words import say_full_day, say_time
from ledger.categories import PaymentMethod
from ledger.models import LedgerAccount
from ledger.money import ZERO, format_dollars
from ledger.selectors.installments import list_installments_payable_ahead
from ledger.selectors.payments import PaymentStatus, list_payments
from ledger.selectors.positions import get_position

if TYPE_CHECKING:
    from ledger.selectors.payments import StandingPayment


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason to ask before a payment is taken: ``code`` for programs, ``detail`` for people, ``answer`` at its tick.

    Where another payment is the reason, it is ``other``, and ``detail`` names it.
    """

    code: str
    detail: str
    answer: str
    other: "StandingPayment | None" = None


#: Gets a driver's id and a day; dollars that the driver is expected to bring besides what they owe.
SumExpected = Callable[[int, date], Decimal]

_expected: list[SumExpected] = []

_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}


def register_expected_money(sum_expected: SumExpected) -> None:
    """Have an app say what drivers are expected to bring besides what they owe: a deposit that is missing, say."""
    if sum_expected not in _expected:
        _expected.append(sum_expected)


def list_payment_doubts(
    *,
    driver_id: int,
    amount: Decimal,
    method: str,
    instrument_number: str,
    today: date,
    actor_id: int | None = None,
    is_taken_lately: bool = True,
) -> tuple[Doubt, ...]:
    """Return what makes it doubtful that a driver hands over this payment now. Voided payments count for nothing.

    To be read before the payment is written: what is taken is owed no more. ``actor_id`` is who takes it. Who
    knows already that the same amount was not taken a moment ago says so by ``is_taken_lately``.
    """
    return (
        *(_find_taken_just_now(driver_id, amount, actor_id) if is_taken_lately else ()),
        *_find_known_check(driver_id, amount, method, instrument_number, today),
        *_find_excess(driver_id, amount, today),
    )


def _find_taken_just_now(driver_id: int, amount: Decimal, actor_id: int | None) -> Iterator[Doubt]:
    with bound_cursor() as cursor:
        # Nearly never is there one, and whether it stands is a long question: Django takes longer to put it than
        # PostgreSQL to answer it.
        cursor.execute(
            "SELECT id FROM ledger_payments WHERE driver_id = %s AND amount = %s "
            "AND received_at > statement_timestamp() - make_interval(mins => %s)",
            [driver_id, amount, settings.ASK_SAME_AMOUNT_MINUTES],
        )
        keys = [pk for (pk,) in cursor.fetchall()]
    if not keys:
        return
    first = _list_standing().filter(pk__in=keys).annotate(age=Now() - F("received_at")).first()
    if first is not None:
        by = first.received_by
        who = "You" if by and by.pk == actor_id else name_author(by) if by else "The system"
        yield Doubt(
            "same_amount_just_taken",
            f"{who} took {format_dollars(amount)} from {_name(first)} {_say_age(first.age)} ({first}).",
            "This is a second payment. Take it.",
            first,
        )


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
            f"Check {instrument_number} was taken from {_name(own)} {_say_when(own, today)}. Is it the same check?",
            "It is another check. Take it.",
            own,
        )
    # Of another driver, any check of the number today, and one of the same amount some days back.
    theirs = same.exclude(driver_id=driver_id)
    another = theirs.filter(received_on=today).first() or theirs.filter(amount=amount, received_on__gte=lately).first()
    if another is not None:
        yield Doubt(
            "check_and_amount_known" if another.amount == amount else "check_used_today",
            f"Check {instrument_number} was used {_say_use(another, today)}. Is it the same check?",
            "One check pays for two drivers. Take it.",
            another,
        )


def _find_excess(driver_id: int, amount: Decimal, today: date) -> Iterator[Doubt]:
    above = settings.ASK_ABOVE_EXPECTED
    if amount <= above:
        return  # whatever is owed, it is no more than that above it
    owed = get_position(driver_id, as_of=today).obligations
    if amount - owed <= above:
        return  # as nearly every payment: what else there is to pay need not be asked for
    coming = sum((one.amount for one in list_installments_payable_ahead(driver_id, week_of(today).end)), start=ZERO)
    missing = sum((sum_expected(driver_id, today) for sum_expected in _expected), start=ZERO)
    expected = owed + coming + missing
    if amount - expected > above:
        account = LedgerAccount.objects.select_related("driver").filter(driver=driver_id).first()
        name = account.driver.first_name if account else "the driver"
        besides = [*(["will owe by Saturday"] if coming else []), *(["lacks of a deposit"] if missing else [])]
        than = " or ".join(["owes", *besides]) if len(besides) < 2 else f"owes, {besides[0]} or {besides[1]}"
        yield Doubt(
            "more_than_expected",
            f"{format_dollars(amount - expected)} more than {name} {than} would stay on account.",
            "The amount is right. Take it.",
        )


def _name(payment: "StandingPayment") -> str:
    return str(payment.driver.first_name)


def _say_use(payment: "StandingPayment", today: date) -> str:
    """Return ``today for Yusuf Singh (PAY-000155, $300.00, 11:15 AM)``."""
    driver = payment.driver
    day = "today" if payment.received_on == today else f"on {say_full_day(payment.received_on)}"
    at = f", {say_time(payment.received_at)}" if payment.received_on == today else ""
    return f"{day} for {driver.first_name} {driver.last_name} ({payment}, {format_dollars(payment.amount)}{at})"


def _say_when(payment: "StandingPayment", today: date) -> str:
    day = "today" if payment.received_on == today else f"on {say_full_day(payment.received_on)}"
    return f"{day} ({payment}, {format_dollars(payment.amount)})"


def _say_age(age: timedelta) -> str:
    """Return ``two minutes ago``."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute ago"
    return "a minute ago" if minutes == 1 else f"{_NUMBERS.get(minutes, minutes)} minutes ago"


def _list_standing() -> "QuerySet[StandingPayment, StandingPayment]":
    standing = list_payments().filter(status__in=[PaymentStatus.OPEN, PaymentStatus.PARTLY_VOIDED])
    return standing.select_related("driver", "received_by")
