"""A lease ends early."""

from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_reason
from core.history import delete_as, save_as, update_all_as
from core.weeks import week_of
from core.words import say_full_day
from leases import rules, selectors, words
from leases.errors import OutsideLease
from leases.models import Lease, LeaseInstallment
from leases.services.charged_rents import Recharge, charge_week, read_weeks
from leases.services.days_away import cut_days_away
from leases.services.drivers import end_drivers
from leases.services.records import check_not_ended, lock_lease, rates_of
from leases.services.swaps import end_assignments
from ledger import services as ledger
from ledger.categories import Category
from ledger.money import parse_amount


@ledger.money_transaction
def terminate_lease(
    *,
    lease_id: int,
    last_on: date,
    reason: str,
    cancellation_charge: Decimal | None = None,
    effective_on: date,
    actor: User | None,
) -> Lease:
    """End a lease early: ``last_on`` is the last day that it holds its vehicle and that rent is owed for.

    Rent of later weeks is dropped; where it was paid ahead, the charge is voided and the money is the driver's again.
    The last week is pro-rated; where it is charged already, by a replacement of the charge. ``cancellation_charge``
    dollars are charged as ``LEASE-12-CANCEL``, due the Saturday of the week of ``effective_on``: the lease's fee when
    left out, nothing when zero. What is posted takes effect on ``effective_on``.

    :raises ledger.services.LeaseNotFound: no lease has this number
    :raises core.errors.ReasonRequired: no reason given
    :raises LeaseEnded: it was ended early before
    :raises OutsideLease: a day before its start, or not before its end
    :raises ledger.services.AmountInvalid: the charge is neither zero nor a positive number of whole cents
    """
    reason = check_reason(reason)
    charge = (
        None
        if cancellation_charge is None
        else parse_amount(cancellation_charge, field="cancellation_charge", allow_zero=True)
    )
    lease = lock_lease(lease_id)
    check_not_ended(lease)
    if not lease.start_on <= last_on < lease.end_on:
        raise OutsideLease(
            f"{lease} runs from {say_full_day(lease.start_on)} to {say_full_day(lease.end_on)}: "
            "it can end early on a day from its start to the "
            "one before its end.",
            field="last_on",
        )
    planned_end = lease.end_on
    # First of all, so that a week that is charged anew tells the days that are left of it.
    lease.end_on, lease.status, lease.status_reason = last_on, Lease.Status.ENDED, reason
    save_as(lease, actor)
    _end_rent(lease, planned_end, reason=reason, effective_on=effective_on, actor=actor)
    end_assignments(lease, rules.span_of_days(lease.start_on, last_on, selectors.hours_of(lease)).until_at, actor=actor)
    end_drivers(lease, last_on, actor=actor)
    charge = lease.cancellation_fee if charge is None else charge
    if charge:
        ledger.create_obligation(
            category=Category.LEASE,
            amount=charge,
            reference_id=rules.name_cancellation(lease.pk),
            driver_id=lease.primary_driver_id,
            lease_id=lease.pk,
            vehicle_id=lease.vehicle_id,
            due_on=week_of(effective_on).end,
            effective_on=effective_on,
            description=words.say_early_end(last_on, told_on=effective_on),
            actor=actor,
        )
    return lease


def _end_rent(lease: Lease, planned_end: date, *, reason: str, effective_on: date, actor: User | None) -> None:
    """Drop the rent after the lease's last day, and count the days up to it in its week, but for those without a cab.

    ``planned_end`` is the last day that it had before.
    """
    last_on = lease.end_on
    cut_days_away(lease, last_on + timedelta(days=1), planned_end, actor=actor)
    rents = list(lease.installments.filter(due_on__gte=last_on).order_by("due_on"))
    charged = read_weeks([rent for rent in rents if rent.posted_at is not None])
    rates, away = rates_of(lease), selectors.find_away(lease.pk)
    how = Recharge(reason, effective_on, actor, undoes_memos=True)
    changed: list[LeaseInstallment] = []
    dropped: list[LeaseInstallment] = []
    for rent in rents:
        full, amount = (
            rules.sum_rent(week_of(rent.week_start), start_on=lease.start_on, end_on=last_on, rates=rates, away=days)
            for days in (frozenset[date](), away)
        )
        if rent.posted_at is None:
            rent.amount, rent.relief = amount, full - amount
            (changed if amount else dropped).append(rent)
            continue
        week = charged[rent.pk]
        # A charge that somebody has voided, or reduced further, stays as it is.
        if not week.is_live or week.net <= amount:
            continue
        charge_week(lease, rent, week, amount, how)
        rent.relief = full - amount
        changed.append(rent)
    update_all_as(changed, ["amount", "relief", "memos"], actor)
    delete_as(dropped, actor)
