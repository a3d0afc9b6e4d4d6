"""Who a driver is: their papers and leases on their page, and what of them was changed."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from core.changes import read_changes, say_columns
from core.dossier import (
    SHOWN,
    Act,
    Before,
    DriverState,
    Event,
    Line,
    Linked,
    Notice,
    Section,
    Source,
    Table,
    lease_url,
    register_act,
    register_events,
    register_notices,
    register_section,
    vehicle_url,
)
from core.names import name_author
from core.words import say_amount, say_day, say_full_day
from leases import selectors
from leases.dossier.leases import say_lease_change
from leases.dossier.papers import read_paper_changes, tell_ending, tell_papers
from leases.models import Driver, DriverLock, Lease, LeaseDriver, Paper

_CHANGED = ("first_name", "last_name", "tlc_license", "status", "phone", "email")


def read_leases(request: HttpRequest, driver_id: int, today: date) -> Table:
    return Table(
        columns=["Lease", "As", "Cab", "Type", "Shift", "From", "To", "Weekly amount#"],
        lines=[
            Line(
                [
                    lease,
                    "primary driver" if lease.primary_driver_id == driver_id else "further driver",
                    Linked(lease.vehicle.medallion, vehicle_url(lease.vehicle_id)),
                    lease.get_lease_type_display(),
                    lease.get_shift_display(),
                    say_full_day(lease.start_on),
                    say_full_day(lease.end_on),
                    say_amount(lease.weekly_amount),
                ],
                lease_url(lease.pk),
            )
            for lease in selectors.list_leases_of_driver(driver_id)[:SHOWN]
        ],
        empty="No lease.",
    )


def read_papers(request: HttpRequest, driver_id: int, today: date) -> Table:
    return tell_papers(selectors.list_papers_of_driver(driver_id), today)


def tell_lock(driver_id: int, today: date) -> Sequence[Notice]:
    """Tell why a driver is locked."""
    lock = selectors.find_lock(driver_id)
    if lock is None:
        return []
    by = f" By {name_author(lock.locked_by)}, {say_day(lock.locked_at.date(), told_on=today)}."
    says = f"{lock.reason.rstrip('.')}. Nothing is paid out and no lease is started; payments are taken as always.{by}"
    return [Notice("Locked.", says)]


def tell_holds(driver_id: int, today: date) -> Sequence[Notice]:
    """Tell which of the driver's own leases are on hold, and why."""
    return [
        Notice(
            f"{lease} is on hold.",
            f"{lease.status_reason.rstrip('.')}. No rent is charged until it is resumed, then all of it.",
            lease_url(lease.pk),
            "See the lease",
        )
        for lease in Lease.objects.filter(primary_driver=driver_id, status=Lease.Status.HELD)
    ]


def tell_ending_papers(driver_id: int, today: date) -> Sequence[Notice]:
    return tell_ending(selectors.list_papers_of_driver(driver_id), today)


def read_lock_events(driver_id: int, before: Before, most: int) -> Sequence[Event]:
    locks = DriverLock.objects.filter(driver=driver_id).filter(before.of("locked_at")).select_related("locked_by")
    return [
        Event(at=lock.locked_at, key=lock.pk, says=f"Locked: {lock.reason}", by=name_author(lock.locked_by))
        for lock in locks.order_by("-locked_at", "-id")[:most]
    ]


def read_unlock_events(driver_id: int, before: Before, most: int) -> Sequence[Event]:
    locks = DriverLock.objects.filter(driver=driver_id).filter(before.of("unlocked_at")).select_related("unlocked_by")
    return [
        Event(
            at=lock.unlocked_at,
            key=lock.pk,
            says=f"Lock lifted: {lock.unlock_reason}",
            by=name_author(lock.unlocked_by),
        )
        for lock in locks.order_by("-unlocked_at", "-id")[:most]
        if lock.unlocked_at is not None
    ]


def read_data_changes(driver_id: int, before: Before, most: int) -> Sequence[Event]:
    """Return what was changed of the driver's own data."""
    return read_changes(Driver, Q(id=driver_id), before, most, say=_say_change)


def read_lease_changes(driver_id: int, before: Before, most: int) -> Sequence[Event]:
    """Return what was changed of the leases that the driver is or was on."""
    leases = LeaseDriver.objects.filter(driver=driver_id).values("lease")
    return read_changes(
        Lease,
        Q(id__in=leases),
        before,
        most,
        say=say_lease_change,
        url=lambda row: lease_url(row.id),
        related=("vehicle",),
    )


def _say_change(newer: Any, older: Any) -> str:
    return say_columns(Driver, _CHANGED, newer, older) if older else "Entered as a driver"


def _to(name: str) -> Callable[[DriverState], str]:
    return lambda state: reverse(f"admin:{name}", args=[state.pk])


for source in (
    Source(name="changes", permission="leases.view_driver", read=read_data_changes),
    Source(name="leases", permission="leases.view_lease", read=read_lease_changes),
    Source(name="locks", permission="leases.view_driverlock", read=read_lock_events),
    Source(
        name="papers",
        permission="leases.view_paper",
        read=lambda driver_id, before, most: read_paper_changes(Q(driver_id=driver_id), before, most),
    ),
    Source(name="unlocks", permission="leases.view_driverlock", read=read_unlock_events),
):
    register_events(source)
register_notices("leases.view_driverlock", tell_lock)
register_notices("leases.view_lease", tell_holds)
register_notices("leases.view_paper", tell_ending_papers)
register_section(
    Section(
        place=25,
        tab="Leases",
        title="Leases",
        permission="leases.view_lease",
        read=read_leases,
        beside=["Cab", "To", "Weekly amount#"],
    )
)
register_section(
    Section(
        place=70,
        tab="Documents",
        title="Papers",
        permission="leases.view_paper",
        read=read_papers,
        rows=lambda driver_id: Paper.objects.filter(driver=driver_id).last_of_each(),
        beside=["Number", "Good to"],
    )
)
for place, (title, name, permission, fits) in enumerate(
    [
        ("Record a paper", "leases_driver_paper", "leases.change_driver", None),
        ("Lock", "leases_driver_lock", "leases.lock_driver", lambda state: not state.is_locked),
        ("Lift the lock", "leases_driver_unlock", "leases.lock_driver", lambda state: state.is_locked),
    ]
):
    register_act(
        Act(
            place=80 + place,
            title=title,
            permission=permission,
            url=_to(name),
            is_further=True,
            fits=fits,
        )
    )
register_act(
    Act(
        place=90,
        title="Change their data",
        permission="leases.change_driver",
        url=lambda state: f"{reverse('admin:leases_driver_change', args=[state.pk])}?edit=1",
        is_further=True,
    )
)
register_act(
    Act(
        place=65,
        title="Settle deposit",
        permission="leases.settle_deposit",
        url=lambda state: (
            reverse("admin:leases_lease_settle", args=[state.deposit_lease]) if state.deposit_lease else ""
        ),
        is_further=True,
        refuse=lambda state: state.unsettled,
    )
)
register_act(
    Act(
        place=70,
        title="Start lease",
        permission="leases.add_lease",
        url=lambda state: f"{reverse('admin:leases_lease_add')}?primary_driver={state.pk}",
        is_further=True,
        refuse=lambda state: state.say_locked() or ("" if state.is_active else f"{state.name} is inactive"),
    )
)
