"""What a lease charges, and when; which hours are whose. Pure: no Django, no clock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from core.clock import NEW_YORK, at
from core.weeks import DAYS, Week, weeks_between
from core.words import say_week
from ledger.money import round_cents


def license_key(text: str) -> str:
    """Return what tells a TLC license: its digits without zeros before them, in capitals and without spaces.

    CURB writes eight digits (``05401671``), a card seven, and a spreadsheet drops what stands before them. Zeros alone
    name nobody: their key is blank.
    """
    return _key_of(text)


def tag_key(text: str) -> str:
    """Return what tells an E-ZPass tag, as of a license: ``00412345678`` and ``412345678`` are one."""
    return _key_of(text)


def _key_of(text: str) -> str:
    # The database says the same in its own words (leases/models/fields.py).
    plain = text.replace(" ", "").upper()
    return plain.lstrip("0") if plain.isascii() and plain.isdigit() else plain


#: Days that a deposit is held after the end of its lease, for tickets that come late.
DEPOSIT_HELD_DAYS = 30


@dataclass(frozen=True, slots=True)
class Rate:
    """What a week costs in dollars from a day on."""

    from_on: date
    weekly_amount: Decimal


@dataclass(frozen=True, slots=True)
class WeeklyRent:
    """One week's part of a lease: ``days`` of it fall in the lease, and ``amount`` dollars are due for them."""

    number: int
    week: Week
    days: int
    amount: Decimal

    @property
    def name(self) -> str:
        """What people call it."""
        return say_rent(self.week)

    @property
    def due_on(self) -> date:
        """The week's Saturday, also where the lease begins or ends within the week: one day of the week to pay on."""
        return self.week.end


def pro_rate(weekly_amount: Decimal, days: int) -> Decimal:
    """Return the rent in dollars for ``days`` of a week: multiplied first, rounded once (500.00 for 4 is 285.71)."""
    return round_cents(weekly_amount * days / DAYS)


def list_rent_days(week: Week, *, start_on: date, end_on: date, away: Collection[date] = ()) -> list[date]:
    """Return a week's days from ``start_on`` to ``end_on`` that rent is owed for, in order: not those ``away``."""
    days = (week.start + timedelta(days=n) for n in range(DAYS))
    return [day for day in days if start_on <= day <= end_on and day not in away]


def sum_rent(
    week: Week, *, start_on: date, end_on: date, rates: Sequence[Rate], away: Collection[date] = ()
) -> Decimal:
    """Return the rent in dollars for a week's days from ``start_on`` to ``end_on``, each at its rate, rounded once.

    Days ``away``, without a cab, cost nothing. ``rates`` are in order; before the first one, the first one holds.
    """
    days = list_rent_days(week, start_on=start_on, end_on=end_on, away=away)
    return round_cents(sum((_rate_on(day, rates) for day in days), start=Decimal(0)) / DAYS)


def _rate_on(day: date, rates: Sequence[Rate]) -> Decimal:
    begun = [rate for rate in rates if rate.from_on <= day]
    return (begun[-1] if begun else rates[0]).weekly_amount


def schedule_rent(*, start_on: date, end_on: date, weekly_amount: Decimal) -> list[WeeklyRent]:
    """Return the rent of each week from ``start_on`` to ``end_on``, both included, in order and numbered from 1.

    The first and the last week count the days that are leased. A part of a week whose rent rounds to nothing (below
    3.5 cents a week) is left out, since nothing can be charged for it.
    """
    parts = [(week, week.days_between(start_on, end_on)) for week in weeks_between(start_on, end_on)]
    charged = [(week, days, amount) for week, days in parts if (amount := pro_rate(weekly_amount, days)) > 0]
    return [
        WeeklyRent(number=number, week=week, days=days, amount=amount)
        for number, (week, days, amount) in enumerate(charged, start=1)
    ]


def name_rent(lease_id: int, week: Week) -> str:
    """Return the reference under which the ledger knows a lease's rent for a week: ``LEASE-12-2026W10``."""
    return f"LEASE-{lease_id}-{week.label}"


def say_rent(week: Week) -> str:
    """Return what people call a week's rent: ``Rent Nov 15–21``, ``Rent Nov 29–Dec 5``; with years over New Year."""
    return f"Rent {say_week(week)}"


def name_memos(lease_id: int, week: Week, count: int) -> list[str]:
    """Return the references of the first ``count`` memos for days without a cab of a week: ``HOLD-12-2026W10-1``."""
    return [f"HOLD-{lease_id}-{week.label}-{number}" for number in range(1, count + 1)]


def name_cancellation(lease_id: int) -> str:
    """Return the reference of the charge for ending a lease early: ``LEASE-12-CANCEL``."""
    return f"LEASE-{lease_id}-CANCEL"


@dataclass(frozen=True, slots=True)
class Hours:
    """A shift's hours by New York's clocks, the first included, the last not; a night ends the morning after."""

    begin: time
    end: time

    @property
    def is_overnight(self) -> bool:
        return self.end <= self.begin

    def __str__(self) -> str:
        return f"{self.begin:%H:%M} to {self.end:%H:%M}"


def find_hours(begin: time | None, end: time | None) -> Hours | None:
    """Return the hours of a shift; None for full time, which has none."""
    return None if begin is None or end is None else Hours(begin, end)


#: What is usual; a lease may agree on others. Full time has no hours: it is the whole day.
USUAL_HOURS = {"DAY": Hours(time(5), time(17)), "NIGHT": Hours(time(17), time(5))}


@dataclass(frozen=True, slots=True)
class Span:
    """Moments from ``from_at`` (included) to ``until_at`` (not)."""

    from_at: datetime
    until_at: datetime


def span_of_days(start_on: date, end_on: date, hours: Hours | None) -> Span:
    """Return the moments in which a lease of these days, both included, holds its vehicle.

    Whole days of New York, but for a night shift: its first night begins at its hour, its last one ends the morning
    after ``end_on``.
    """
    if hours is not None and hours.is_overnight:
        return Span(at(start_on, hours.begin), at(end_on + timedelta(days=1), hours.end))
    return Span(at(start_on), at(end_on + timedelta(days=1)))


def lease_day(moment: datetime, hours: Hours | None) -> date:
    """Return the day of a lease that a moment belongs to: before a night's end, the day on which the night began."""
    local = moment.astimezone(NEW_YORK)
    if hours is not None and hours.is_overnight and local.time() < hours.end:
        return local.date() - timedelta(days=1)
    return local.date()


def is_in_shift(moment: datetime, hours: Hours | None) -> bool:
    """Whether a moment lies in the hours of a shift; full time has none, and all do."""
    if hours is None:
        return True
    clock = moment.astimezone(NEW_YORK).time()
    if hours.is_overnight:
        return clock >= hours.begin or clock < hours.end
    return hours.begin <= clock < hours.end


def earliest_settlement(end_on: date) -> date:
    """Return the first day on which the deposit of a lease that ended on ``end_on`` may be settled."""
    return end_on + timedelta(days=DEPOSIT_HELD_DAYS)
