"""Days without a cab: the driver owes no rent for them, whether it is to come, charged or paid."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_date, check_reason
from core.history import create_all_as, delete_as, save_as, update_all_as
from core.weeks import DAYS, Week, week_of, weeks_between
from core.words import say_full_day
from leases import rules, selectors
from leases.errors import DaysAwayTaken, LeaseDatesReversed, NoDaysAway, OutsideLease, RentChargedElsewhere
from leases.models import Lease, LeaseDaysAway, LeaseInstallment
from leases.services.charged_rents import Recharge, charge_week, read_weeks
from leases.services.records import lock_lease, rates_of
from ledger import services as ledger
from ledger.money import ZERO


@ledger.money_transaction
def record_days_away(
    *, lease_id: int, start_on: date, end_on: date, reason: str, effective_on: date, actor: User | None
) -> LeaseDaysAway:
    """Record that a lease has no cab from ``start_on`` to ``end_on``, both included, and take their rent off.

    The relief of a week is what it is charged now less the rent of the days left, each at its rate. A week that is not
    charged yet will be charged less; one that is charged and unpaid is replaced; only what was paid comes back, by a
    credit memo ``HOLD-12-2026W10-1``. Days may be past or to come. What is posted takes effect on ``effective_on``.

    :raises ledger.services.LeaseNotFound: no lease has this number
    :raises core.errors.ReasonRequired, core.errors.ValueInvalid: no reason given, or a date before 2000 or after 2099
    :raises LeaseDatesReversed: the last day is before the first
    :raises OutsideLease: a day that is not in the lease
    :raises DaysAwayTaken: one of the days is recorded already
    :raises RentChargedElsewhere: another system charged a week of them, before the lease was carried over
    """
    reason = check_reason(reason)
    _check_days(start_on, end_on)
    lease = lock_lease(lease_id)
    for field, day in (("start_on", start_on), ("end_on", end_on)):
        if not lease.start_on <= day <= lease.end_on:
            raise OutsideLease(
                f"{lease} runs from {say_full_day(lease.start_on)} to {say_full_day(lease.end_on)}.", field=field
            )
    taken = selectors.list_days_away(lease_id).filter(start_on__lte=end_on, end_on__gte=start_on).first()
    if taken is not None:
        raise DaysAwayTaken(
            f"{lease} is without a cab from {say_full_day(taken.start_on)} to {say_full_day(taken.end_on)} already.",
            days_away=taken.pk,
        )
    days = LeaseDaysAway(lease=lease, start_on=start_on, end_on=end_on, reason=reason)
    save_as(days, actor, force_insert=True)
    how = Recharge(reason, effective_on, actor, keeps_payments=True)
    _relieve(lease, list(weeks_between(start_on, end_on)), how)
    return days


@ledger.money_transaction
def take_back_days_away(
    *, lease_id: int, start_on: date, end_on: date, reason: str, effective_on: date, actor: User | None
) -> list[LeaseDaysAway]:
    """Take days without a cab back, from ``start_on`` to ``end_on``: their rent is owed. Returns the rows that counted.

    A week not charged yet is charged more again. In a charged one a memo that nobody has used is voided; what is
    missing then is added to the charge, and falls due the Saturday of the week of ``effective_on`` where nothing else
    of it is open.

    :raises ledger.services.LeaseNotFound: no lease has this number
    :raises core.errors.ReasonRequired, core.errors.ValueInvalid: no reason given, or a date before 2000 or after 2099
    :raises LeaseDatesReversed: the last day is before the first
    :raises NoDaysAway: the lease has its cab on all of these days
    """
    reason = check_reason(reason)
    _check_days(start_on, end_on)
    lease = lock_lease(lease_id)
    how = Recharge(reason, effective_on, actor, keeps_payments=True, undoes_memos=True)
    taken_back = end_days_away(lease, start_on, end_on, how)
    if not taken_back:
        raise NoDaysAway(f"{lease} has its cab on all of these days.", field="start_on")
    return taken_back


def end_days_away(lease: Lease, start_on: date, end_on: date, how: Recharge) -> list[LeaseDaysAway]:
    """Take back what there is of days without a cab in a span of a locked lease, and charge their rent again."""
    before = selectors.find_away(lease.pk)
    taken_back = cut_days_away(lease, start_on, end_on, actor=how.actor)
    after = selectors.find_away(lease.pk)
    weeks = sorted({week_of(day) for day in before - after})
    if weeks:
        rates = rates_of(lease)
        _charge_again(lease, [_Price.of(lease, week, rates, before, after) for week in weeks], how)
    return taken_back


def cut_days_away(lease: Lease, start_on: date, end_on: date, *, actor: User | None) -> list[LeaseDaysAway]:
    """Take a span out of the days without a cab of a locked lease, and leave the money as it is."""
    rows = list(selectors.list_days_away(lease.pk).filter(start_on__lte=end_on, end_on__gte=start_on))
    one_day = timedelta(days=1)
    left = []
    for row in rows:
        row.is_taken_back = True
        if row.start_on < start_on:
            left.append((row.start_on, start_on - one_day, row.reason))
        if row.end_on > end_on:
            left.append((end_on + one_day, row.end_on, row.reason))
    update_all_as(rows, ["is_taken_back"], actor)
    create_all_as(
        [LeaseDaysAway(lease=lease, start_on=first, end_on=last, reason=why) for first, last, why in left], actor
    )
    return rows


@dataclass(frozen=True, slots=True)
class _Price:
    """A week's rent in dollars: for all days of the lease, and without a cab on some, before and after an act."""

    week: Week
    full: Decimal
    before: Decimal
    after: Decimal
    #: The week's days without a cab after the act.
    away: Sequence[date]

    @classmethod
    def of(
        cls, lease: Lease, week: Week, rates: Sequence[rules.Rate], before: Collection[date], after: Collection[date]
    ) -> "_Price":
        full, priced_before, priced_after = (
            rules.sum_rent(week, start_on=lease.start_on, end_on=lease.end_on, rates=rates, away=away)
            for away in ((), before, after)
        )
        return cls(week, full, priced_before, priced_after, sorted(day for day in after if day in week))


def _relieve(lease: Lease, weeks: Sequence[Week], how: Recharge) -> None:
    """Take off what the weeks cost too much, now that some days more are without a cab."""
    away, rates = selectors.find_away(lease.pk), rates_of(lease)
    rents = _find_rents(lease, weeks)
    charged = read_weeks([rent for rent in rents.values() if rent.posted_at is not None])
    changed: list[LeaseInstallment] = []
    dropped: list[LeaseInstallment] = []
    for week in weeks:
        price = _Price.of(lease, week, rates, (), away)
        rent = rents.get(week.start)
        if rent is None:
            if price.full:
                raise RentChargedElsewhere(
                    f"{rules.say_rent(week)} was charged before {lease} was carried over: a supervisor gives a credit "
                    "memo for it.",
                    field="start_on",
                )
        elif rent.posted_at is None:
            rent.relief = price.full - price.after
            rent.amount = price.after
            (changed if price.after else dropped).append(rent)
        else:
            relief = charged[rent.pk].net - price.after
            # A charge that somebody has voided, or reduced further, stays as it is.
            if charged[rent.pk].is_live and relief > 0:
                rent.relief += relief
                charge_week(lease, rent, charged[rent.pk], price.after, how, away=price.away)
                changed.append(rent)
    update_all_as(changed, ["amount", "relief", "memos"], how.actor)
    delete_as(dropped, how.actor)


def _charge_again(lease: Lease, prices: Sequence[_Price], how: Recharge) -> None:
    """Charge the relief of days that are taken back, and no more than that."""
    rents = _find_rents(lease, [price.week for price in prices])
    charged = read_weeks([rent for rent in rents.values() if rent.posted_at is not None])
    changed: list[LeaseInstallment] = []
    fresh: list[LeaseInstallment] = []
    for price in prices:
        rent = rents.get(price.week.start)
        if rent is None:
            if price.after:
                fresh.append(_lay_down_again(lease, price))
        elif rent.posted_at is None:
            rent.amount, rent.relief = price.after, price.full - price.after
            changed.append(rent)
        else:
            relief = min(rent.relief, price.full - price.after)
            week = charged[rent.pk]
            more = min(rent.relief - relief, max(price.after - week.net, ZERO))
            rent.relief = relief
            # A charge that somebody has voided stays so; one that days without a cab left nothing of is charged again.
            if more and (week.is_live or not price.before):
                charge_week(lease, rent, week, week.net + more, how, away=price.away)
            changed.append(rent)
    update_all_as(changed, ["amount", "relief", "memos"], how.actor)
    create_all_as(fresh, how.actor)


def _find_rents(lease: Lease, weeks: Sequence[Week]) -> dict[date, LeaseInstallment]:
    rents = lease.installments.filter(week_start__in=[week.start for week in weeks])
    return {rent.week_start: rent for rent in rents}


def _lay_down_again(lease: Lease, price: _Price) -> LeaseInstallment:
    """Return the rent of a week that was dropped since all of its days were without a cab."""
    numbers = set(lease.installments.values_list("number", flat=True))
    number = (price.week.start - week_of(lease.start_on).start).days // DAYS + 1
    return LeaseInstallment(
        lease=lease,
        number=number if number not in numbers else max(numbers) + 1,
        week_start=price.week.start,
        due_on=price.week.end,
        amount=price.after,
        relief=price.full - price.after,
        reference_id=rules.name_rent(lease.pk, price.week),
        on_hold=lease.status == Lease.Status.HELD,
    )


def _check_days(start_on: date, end_on: date) -> None:
    check_date(start_on, field="start_on")
    check_date(end_on, field="end_on")
    if end_on < start_on:
        raise LeaseDatesReversed(
            f"The last day, {say_full_day(end_on)}, is before the first, {say_full_day(start_on)}."
        )
