"""A lease's page: its rent week by week, who drives on it, which cabs it had, its deposit, and what was changed."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from core.changes import read_changes, say_columns
from core.dossier import (
    Act,
    Before,
    Event,
    Line,
    Notice,
    Section,
    Source,
    Subject,
    Table,
    driver_url,
    register_act,
    register_events,
    register_notices,
    register_section,
    vehicle_url,
)
from core.names import name_author
from core.words import lower_first, say_amount, say_days, say_full_day, say_moment
from leases import selectors
from leases.models import DepositSettlement, Lease, LeaseDaysAway, LeaseDriver
from leases.selectors import LeaseStanding
from ledger.money import format_dollars

_CHANGED = (
    "vehicle",
    "weekly_amount",
    "start_on",
    "end_on",
    "lease_type",
    "shift",
    "shift_from",
    "shift_until",
    "deposit",
    "cancellation_fee",
)


def say_lease_change(newer: Any, older: Any) -> str:
    """Return what became of a lease: ``Put on hold: Gearbox``."""
    if older is None:
        return (
            f"Lease {newer.id} started: cab {newer.vehicle}, {format_dollars(newer.weekly_amount)} a week, "
            f"{say_full_day(newer.start_on)} to {say_full_day(newer.end_on)}"
        )
    reason = f": {newer.status_reason}" if newer.status_reason else ""
    if newer.status == older.status:
        return f"Lease {newer.id}: {lower_first(say_columns(Lease, _CHANGED, newer, older))}"
    if newer.status == Lease.Status.HELD:
        return f"Lease {newer.id} put on hold{reason}"
    if newer.status == Lease.Status.ENDED:
        return f"Lease {newer.id} ended early, on {say_full_day(newer.end_on)}{reason}"
    return f"Lease {newer.id} resumed"


def read_rents(request: HttpRequest, lease_id: int, today: date) -> dict[str, Any]:
    """Return the rent week by week, the weeks above the legal cap, and what is paid to date."""
    schedule = selectors.list_schedule(lease_id)
    lease = Lease.objects.get(pk=lease_id)
    return {
        "schedule": schedule,
        "above_cap": selectors.list_weeks_above_cap(lease, schedule),
        "totals": selectors.sum_schedule(schedule),
        "is_drivers_own": lease.lease_type == Lease.Type.DRIVER_OWNED,
        "days_away": list(selectors.list_days_away(lease_id)),
    }


def read_deposit(request: HttpRequest, lease_id: int, today: date) -> dict[str, Any] | None:
    """Return the deposit and its settlements; nothing where none was asked or taken."""
    deposit = selectors.get_deposit_state(Lease.objects.get(pk=lease_id))
    if not deposit.asked and not deposit.received:
        return None
    return {"deposit": deposit, "settlements": list(selectors.list_settlements(lease_id))}


def read_drivers(request: HttpRequest, lease_id: int, today: date) -> Table:
    return Table(
        columns=["Driver", "License", "As", "From", "To"],
        lines=[
            Line(
                [
                    f"{span.driver.first_name} {span.driver.last_name}",
                    span.driver.tlc_license,
                    "primary driver" if span.is_primary else "further driver",
                    say_full_day(span.start_on),
                    say_full_day(span.end_on),
                ],
                driver_url(span.driver_id),
            )
            for span in selectors.list_drivers_of_lease(lease_id)
        ],
        empty="Nobody drives on it.",
    )


def read_cabs(request: HttpRequest, lease_id: int, today: date) -> Table:
    return Table(
        columns=["Cab", "Plate", "From", "Until"],
        lines=[
            Line(
                [
                    span.vehicle.medallion,
                    span.vehicle.plate or "none",
                    say_moment(span.from_at, told_on=today),
                    say_moment(span.until_at, told_on=today),
                ],
                vehicle_url(span.vehicle_id),
            )
            for span in selectors.list_vehicles_of_lease(lease_id)
        ],
        empty="It had no cab.",
    )


def tell_hold(lease_id: int, today: date) -> Sequence[Notice]:
    """Tell that a lease is on hold, and why."""
    held = Lease.objects.filter(pk=lease_id, status=Lease.Status.HELD).first()
    if held is None:
        return []
    return [
        Notice("On hold.", f"{held.status_reason.rstrip('.')}. No rent is charged until it is resumed, then all of it.")
    ]


def tell_days_away(lease_id: int, today: date) -> Sequence[Notice]:
    """Tell the days without a cab that last or come."""
    away = selectors.list_days_away(lease_id).filter(end_on__gte=today)
    return [
        Notice(
            f"Without a cab {say_days(days.start_on, days.end_on, told_on=today)}.",
            f"{days.reason.rstrip('.')}. No rent is owed for these days.",
        )
        for days in away
    ]


def read_lease_changes(lease_id: int, before: Before, most: int) -> Sequence[Event]:
    return read_changes(Lease, Q(id=lease_id), before, most, say=say_lease_change, related=("vehicle",))


def read_driver_changes(lease_id: int, before: Before, most: int) -> Sequence[Event]:
    """Return the further drivers who came and went; the primary driver is told with the lease itself."""
    where = Q(lease_id=lease_id, is_primary=False)
    return read_changes(LeaseDriver, where, before, most, say=_say_driver, related=("driver",))


def read_days_away(lease_id: int, before: Before, most: int) -> Sequence[Event]:
    return read_changes(LeaseDaysAway, Q(lease_id=lease_id), before, most, say=_say_days_away)


def read_settlements(lease_id: int, before: Before, most: int) -> Sequence[Event]:
    settled = DepositSettlement.objects.filter(lease=lease_id).filter(before.of("settled_at"))
    return [
        Event(
            at=settlement.settled_at,
            key=settlement.pk,
            says=f"Deposit settled: ${say_amount(settlement.applied)} paid what was owed, "
            f"${say_amount(settlement.released)} went back",
            by=name_author(settlement.settled_by),
            url=reverse("admin:leases_lease_settlement", args=[settlement.pk]),
            paper=settlement.payout_reference or str(settlement),
        )
        for settlement in settled.select_related("settled_by").order_by("-settled_at", "-id")[:most]
    ]


def _say_driver(newer: Any, older: Any) -> str:
    who = f"{newer.driver.first_name} {newer.driver.last_name}"
    if newer.history_type == "-":
        return f"{who} taken off the lease"
    if older is None:
        return f"{who} drives on it too, {say_full_day(newer.start_on)} to {say_full_day(newer.end_on)}"
    return f"{who}: {lower_first(say_columns(LeaseDriver, ('start_on', 'end_on'), newer, older))}"


def _say_days_away(newer: Any, older: Any) -> str:
    days = f"{say_full_day(newer.start_on)} to {say_full_day(newer.end_on)}"
    if newer.is_taken_back or newer.history_type == "-":
        return f"Days without a cab taken back, {days}"
    return f"Without a cab {days}: {newer.reason}"


def _to(name: str) -> Callable[[LeaseStanding], str]:
    return lambda standing: reverse(f"admin:leases_lease_{name}", args=[standing.pk])


def _to_payment(standing: LeaseStanding) -> str:
    url = reverse("admin:ledger_driver_payment", args=[standing.lease.primary_driver_id])
    return f"{url}?lease={standing.pk}"


def _is_deposit_missing(standing: LeaseStanding) -> bool:
    return bool(standing.deposit.missing)


_CHANGE = "leases.change_lease"
for act in (
    Act(of=Subject.LEASE, place=0, title="Take payment", permission="ledger.add_interimpayment", url=_to_payment,
        is_main=True),
    Act(of=Subject.LEASE, place=5, title="Take deposit", permission="ledger.add_interimpayment", url=_to_payment,
        fits=_is_deposit_missing),
    Act(of=Subject.LEASE, place=10, title="Swap vehicle", permission=_CHANGE, url=_to("swap"),
        refuse=LeaseStanding.say_over),
    Act(of=Subject.LEASE, place=20, title="Hold", permission=_CHANGE, url=_to("hold"),
        fits=lambda standing: not standing.is_held, refuse=LeaseStanding.say_over),
    Act(of=Subject.LEASE, place=20, title="Resume", permission=_CHANGE, url=_to("resume"),
        fits=lambda standing: standing.is_held),
    Act(of=Subject.LEASE, place=30, title="Change weekly amount", permission=_CHANGE, url=_to("amount"),
        refuse=LeaseStanding.say_over),
    Act(of=Subject.LEASE, place=40, title="Add driver", permission=_CHANGE, url=_to("add_driver"), is_further=True,
        refuse=LeaseStanding.say_over),
    Act(of=Subject.LEASE, place=41, title="End driver", permission=_CHANGE, url=_to("end_driver"), is_further=True,
        refuse=lambda standing: standing.say_over() or ("" if standing.has_further else "No further driver is on it")),
    Act(of=Subject.LEASE, place=50, title="Days without a cab", permission="leases.record_days_away", url=_to("hold"),
        is_further=True, fits=lambda standing: not standing.is_active),
    Act(of=Subject.LEASE, place=51, title="Take back days", permission="leases.record_days_away",
        url=_to("take_back_days"), is_further=True, fits=lambda standing: standing.has_days_away),
    Act(of=Subject.LEASE, place=60, title="Settle deposit", permission="leases.settle_deposit", url=_to("settle"),
        is_further=True, refuse=LeaseStanding.say_unsettled),
    Act(of=Subject.LEASE, place=80, title="Terminate", permission="leases.terminate_lease", url=_to("terminate"),
        is_further=True, refuse=LeaseStanding.say_over),
    Act(of=Subject.LEASE, place=90, title="Record and history", permission="leases.view_lease",
        url=lambda standing: f"{reverse('admin:leases_lease_change', args=[standing.pk])}?edit=1", is_further=True),
):  # fmt: skip
    register_act(act)
for section in (
    Section(of=Subject.LEASE, place=12, tab="Account", title="Deposit", permission="ledger.view_ledgerbalance",
            read=read_deposit, template="leases/dossier_deposit.html"),
    Section(of=Subject.LEASE, place=15, tab="Rent weeks", title="Rent, week by week", permission="leases.view_lease",
            read=read_rents, template="leases/dossier_rents.html"),
    Section(of=Subject.LEASE, place=30, tab="Drivers and cabs", title="Drivers", permission="leases.view_lease",
            read=read_drivers, beside=["License", "As", "To"]),
    Section(of=Subject.LEASE, place=31, tab="Drivers and cabs", title="Cabs", permission="leases.view_lease",
            read=read_cabs, beside=["Plate", "From", "Until"]),
):  # fmt: skip
    register_section(section)
for source in (
    Source(of=Subject.LEASE, name="changes", permission="leases.view_lease", read=read_lease_changes),
    Source(of=Subject.LEASE, name="days", permission="leases.view_lease", read=read_days_away),
    Source(of=Subject.LEASE, name="drivers", permission="leases.view_lease", read=read_driver_changes),
    Source(of=Subject.LEASE, name="settlements", permission="leases.view_depositsettlement", read=read_settlements),
):
    register_events(source)
register_notices("leases.view_lease", tell_hold, of=Subject.LEASE)
register_notices("leases.view_lease", tell_days_away, of=Subject.LEASE)
