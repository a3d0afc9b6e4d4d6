"""The weekly amount changes."""

from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from core.history import delete_as, save_as, update_all_as
from core.weeks import week_of
from core.words import say_full_day
from leases import rules, selectors
from leases.errors import OutsideLease, RentAlreadyPosted
from leases.models import Lease, LeaseInstallment, LeaseRate
from leases.services.records import check_not_ended, lock_lease, rates_of
from ledger import services as ledger
from ledger.money import parse_amount


@ledger.money_transaction
def change_weekly_amount(*, lease_id: int, weekly_amount: Decimal, from_on: date, actor: User | None) -> Lease:
    """Make ``weekly_amount`` dollars what a week of a lease costs from a day on, whatever was agreed for later.

    Only rent that is not charged yet changes. The week of the day counts each of its days at its own rate, and days
    without a cab not at all.

    :raises ledger.services.LeaseNotFound: no lease has this number
    :raises LeaseEnded: it was ended early
    :raises ledger.services.AmountInvalid: not a positive number of whole cents
    :raises OutsideLease: the day is not in the lease
    :raises RentAlreadyPosted: rent of that day's week, or of a later one, is charged already
    """
    weekly_amount = parse_amount(weekly_amount, field="weekly_amount")
    lease = lock_lease(lease_id)
    check_not_ended(lease)
    if not lease.start_on <= from_on <= lease.end_on:
        raise OutsideLease(
            f"{lease} runs from {say_full_day(lease.start_on)} to {say_full_day(lease.end_on)}.", field="from_on"
        )
    rents = lease.installments.filter(due_on__gte=from_on).order_by("due_on")
    last_posted = rents.exclude(posted_at=None).last()
    if last_posted is not None:
        first_possible = last_posted.due_on + timedelta(days=1)
        raise RentAlreadyPosted(
            f"{rules.say_rent(week_of(last_posted.week_start))} is charged already: {first_possible} is the first day "
            "that can change.",
            first_possible=first_possible.isoformat(),
        )
    delete_as(lease.rates.filter(from_on__gte=from_on), actor)
    rate = LeaseRate(lease=lease, from_on=from_on, weekly_amount=weekly_amount)
    save_as(rate, actor, force_insert=True)
    changed: list[LeaseInstallment] = []
    dropped: list[LeaseInstallment] = []
    rates, away = rates_of(lease), selectors.find_away(lease.pk)
    for rent in rents:
        full, rent.amount = (
            rules.sum_rent(
                week_of(rent.week_start), start_on=lease.start_on, end_on=lease.end_on, rates=rates, away=days
            )
            for days in (frozenset[date](), away)
        )
        rent.relief = full - rent.amount
        (changed if rent.amount else dropped).append(rent)
    update_all_as(changed, ["amount", "relief"], actor)
    delete_as(dropped, actor)
    lease.weekly_amount = weekly_amount
    save_as(lease, actor)
    return lease
