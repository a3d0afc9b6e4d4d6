"""A lease ends early."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_reason
from core.history import delete_as, save_as, update_all_as
from core.weeks import week_of
from leases import rules, selectors
from leases.errors import OutsideLease
from leases.models import Lease, LeaseInstallment
from leases.services.drivers import end_drivers
from leases.services.records import check_not_ended, lock_lease, rates_of
from leases.services.swaps import end_assignments
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from ledger.categories import Category, Status
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
            f"{lease} runs from {lease.start_on} to {lease.end_on}: it can end early on a day from its start to the "
            "one before its end.",
            field="last_on",
        )
    _end_rent(lease, last_on, reason=reason, effective_on=effective_on, actor=actor)
    end_assignments(lease, rules.span_of_days(lease.start_on, last_on, selectors.hours_of(lease)).until_at, actor=actor)
    end_drivers(lease, last_on, actor=actor)
    lease.end_on, lease.status, lease.status_reason = last_on, Lease.Status.ENDED, reason
    save_as(lease, actor)
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
            actor=actor,
        )
    return lease


def _end_rent(lease: Lease, last_on: date, *, reason: str, effective_on: date, actor: User | None) -> None:
    """Drop the rent after ``last_on``, and count the days up to it in its week."""
    rents = list(lease.installments.filter(due_on__gte=last_on).order_by("due_on"))
    balances = ledger_selectors.list_balances_by_reference(rent.reference_id for rent in rents)
    charged = {balance.reference_id: balance for balance in balances if balance.status != Status.VOIDED}
    rates = rates_of(lease)
    shortened: list[LeaseInstallment] = []
    dropped: list[LeaseInstallment] = []
    for rent in rents:
        amount = rules.sum_rent(week_of(rent.week_start), start_on=lease.start_on, end_on=last_on, rates=rates)
        balance = charged.get(rent.reference_id)
        if not amount:
            if balance is not None:
                ledger.void_posting(posting_id=balance.pk, reason=reason, effective_on=effective_on, actor=actor)
            if rent.posted_at is None:
                dropped.append(rent)
            continue
        if amount == rent.amount:
            continue
        if rent.posted_at is not None:
            # A charge that somebody has voided, or reduced further, stays as it is.
            if balance is None or balance.original_amount <= amount:
                continue
            ledger.replace_obligation(
                posting_id=balance.pk, amount=amount, reason=reason, effective_on=effective_on, actor=actor
            )
        rent.amount = amount
        shortened.append(rent)
    update_all_as(shortened, ["amount"], actor)
    delete_as(dropped, actor)
