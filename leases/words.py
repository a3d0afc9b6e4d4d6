"""What rent and the end of a lease are called for their driver. Pure: no store, no clock."""

from collections.abc import Sequence
from datetime import date, timedelta

from core.weeks import DAYS, Week
from core.words import make_sentence, say_amount, say_day, say_days
from leases.rules import Rate

#: Days in a run, the first and the last included.
Run = tuple[date, date]


def say_rent(
    week: Week,
    *,
    start_on: date | None = None,
    end_on: date | None = None,
    rates: Sequence[Rate] = (),
    no_cab: Sequence[Run] = (),
    told_on: date | None = None,
) -> str:
    """Return what a week's rent is for: ``Rent Nov 15–21``.

    ``start_on`` and ``end_on`` are the lease's: ``Rent Nov 18–21, 4 of 7 days``. ``rates`` are all of the lease, in
    order, and told where they differ within the days: ``Rent Nov 15–21, 350.00 a week, from Nov 18 420.00``. ``no_cab``
    are runs of days without a cab, which are not charged: ``Rent Oct 25–31, 4 of 7 days, no cab Oct 26–28``. Days bear
    their year where it is not that of the week of ``told_on``, which is the week itself when left out.
    """
    told_on = told_on or week.end
    first, last = max(week.start, start_on or week.start), min(week.end, end_on or week.end)
    away = _join([(max(first, begin), min(last, end)) for begin, end in no_cab if begin <= last and end >= first])
    charged = (last - first).days + 1 - sum((end - begin).days + 1 for begin, end in away)
    return make_sentence(
        f"Rent {say_days(first, last, told_on=told_on)}",
        f"{charged} of {DAYS} days" if charged < DAYS else "",
        *_say_rates(first, last, rates, told_on),
        f"no cab {_say_runs(away, told_on)}" if away else "",
    )


def say_early_end(last_on: date, *, told_on: date) -> str:
    """Return ``Ending the lease early, on Nov 18``."""
    return f"Ending the lease early, on {say_day(last_on, told_on=told_on)}"


def say_no_cab(days: Sequence[Run], *, told_on: date) -> str:
    """Return what a memo for days without a cab is called: ``No cab Oct 19–21: rent given back``."""
    return f"No cab {_say_runs(days, told_on)}: rent given back"


def _say_rates(first: date, last: date, rates: Sequence[Rate], told_on: date) -> list[str]:
    """The amount a week at first, and from which day which other; nothing where it is one for all days."""
    begun = [rate for rate in rates if rate.from_on <= first][-1:] or list(rates[:1])
    later = [rate for rate in rates if first < rate.from_on <= last and rate not in begun]
    if not later:
        return []
    changes = [f"from {say_day(rate.from_on, told_on=told_on)} {say_amount(rate.weekly_amount)}" for rate in later]
    return [f"{say_amount(begun[0].weekly_amount)} a week", *changes]


def _say_runs(runs: Sequence[Run], told_on: date) -> str:
    return ", ".join(say_days(first, last, told_on=told_on) for first, last in _join(runs))


def _join(runs: Sequence[Run]) -> list[Run]:
    """Runs in order, those that touch each other as one."""
    joined: list[Run] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + timedelta(days=1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
