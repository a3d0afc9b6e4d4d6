"""Payment plans: how an amount is cut into weekly installments, and on which days they fall due. Pure: no clock.

The amount decides by its *band* how much a week the driver pays; what is left is the last installment. A plan starts on
a Sunday, and each installment is due the Saturday of its week, like the week's rent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.weeks import DAYS, Week, week_of
from core.words import say_full_day
from ledger.errors import BandsInvalid, PlanStartInvalid, PlanTooLong
from ledger.money import parse_amount

#: Ten years of weeks. A plan beyond is a slip of the keyboard, or bands that do not fit the amount.
MAX_INSTALLMENTS = 520

#: How far ahead money is taken for installments that are not charged yet.
PAYABLE_AHEAD = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Band:
    """Amounts above the band before and up to ``up_to`` dollars (None: all above) are paid ``weekly_amount`` a week.

    ``weekly_amount`` None: in full, in one installment. As a band only says where it ends, no amount lies between two.
    """

    up_to: Decimal | None
    weekly_amount: Decimal | None


#: Up to 200 in full; to 500, 100 a week; to 1,000, 200; to 3,000, 250; above, 300.
DEFAULT_BANDS = (
    Band(Decimal("200.00"), None),
    Band(Decimal("500.00"), Decimal("100.00")),
    Band(Decimal("1000.00"), Decimal("200.00")),
    Band(Decimal("3000.00"), Decimal("250.00")),
    Band(None, Decimal("300.00")),
)


def check_bands(bands: Sequence[Band]) -> list[Band]:
    """Return the bands with amounts in cents, in rising order.

    :raises BandsInvalid: not in rising order, or the last does not hold all that is above
    :raises ledger.services.AmountInvalid: a bound or a weekly amount is not a positive number of whole cents
    """
    checked = [
        Band(
            None if band.up_to is None else parse_amount(band.up_to, field="bands"),
            None if band.weekly_amount is None else parse_amount(band.weekly_amount, field="bands"),
        )
        for band in bands
    ]
    bounds = [band.up_to for band in checked[:-1] if band.up_to is not None]
    if not checked or checked[-1].up_to is not None or len(bounds) != len(checked) - 1:
        raise BandsInvalid("The last band, and only the last, holds everything above the others.")
    if bounds != sorted(set(bounds)):
        raise BandsInvalid("Each band ends above the one before.")
    return checked


def find_weekly_amount(amount: Decimal, bands: Sequence[Band]) -> Decimal:
    """Return the dollars a week for an amount by bands in rising order; the amount itself where it is due in full."""
    band = next(band for band in bands if band.up_to is None or amount <= band.up_to)
    return amount if band.weekly_amount is None else band.weekly_amount


def split_amount(amount: Decimal, weekly_amount: Decimal) -> list[Decimal]:
    """Cut dollars into parts of ``weekly_amount``; the last one is the rest. Their sum is ``amount`` to the cent.

    :raises PlanTooLong: more than ten years of them
    """
    full, rest = divmod(amount, weekly_amount)
    if full + bool(rest) > MAX_INSTALLMENTS:
        raise PlanTooLong(f"At {weekly_amount} a week the plan would last more than {MAX_INSTALLMENTS} weeks.")
    return [weekly_amount] * int(full) + ([rest] if rest else [])


def list_due_dates(starts_on: date, count: int) -> list[date]:
    """Return the Saturdays of ``count`` weeks from the one that starts on that Sunday."""
    first = Week(starts_on).end
    return [first + timedelta(days=DAYS * number) for number in range(count)]


def last_payable_ahead(today: date) -> date:
    """Return the last due day of the installments that may be paid on ``today``, before they are charged."""
    return today + PAYABLE_AHEAD


def check_start(starts_on: date, today: date) -> None:
    """:raises PlanStartInvalid: not the Sunday of the week that holds ``today``, or of the next one"""
    this_week = week_of(today)
    if starts_on not in (this_week.start, this_week.next.start):
        raise PlanStartInvalid(
            "A plan starts this week or next week: on Sunday "
            f"{say_full_day(this_week.start)} or {say_full_day(this_week.next.start)}."
        )


def find_delay(first_due_on: date, starts_on: date) -> timedelta:
    """Return by how much a plan that resumes in the week of ``starts_on`` is late: whole weeks, never less than none.

    ``first_due_on`` is the due date of the first installment that is still to be charged.
    """
    return max(timedelta(0), week_of(starts_on).end - week_of(first_due_on).end)
