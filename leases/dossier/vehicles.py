"""A vehicle's page: who had it when, its plates, tags and papers, and what was changed of it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.changes import read_changes, say_columns
from core.dossier import (
    SHOWN,
    Act,
    Before,
    Event,
    Line,
    Linked,
    Notice,
    Section,
    Source,
    Subject,
    Table,
    Tile,
    driver_url,
    lease_url,
    register_act,
    register_events,
    register_notices,
    register_section,
    register_tiles,
)
from core.words import lower_first, say_amount, say_full_day, say_moment
from leases import selectors
from leases.dossier.papers import read_paper_changes, tell_ending, tell_papers
from leases.models import Lease, LeaseVehicle, Paper, Vehicle, VehiclePlate, VehicleTag
from leases.selectors import VehicleStanding
from ledger import selectors as ledger
from ledger.categories import EntryType, Status
from ledger.money import format_dollars

_CHANGED = ("medallion", "vin", "make_and_model", "plate")


def read_leases(request: HttpRequest, vehicle_id: int, today: date) -> Table:
    spans = LeaseVehicle.objects.filter(vehicle=vehicle_id).select_related("lease__primary_driver")
    return Table(
        columns=["Lease", "Driver", "Type", "Shift", "From", "Until", "Weekly amount#"],
        lines=[
            Line(
                [
                    span.lease,
                    Linked(span.lease.primary_driver, driver_url(span.lease.primary_driver_id)),
                    span.lease.get_lease_type_display(),
                    span.get_shift_display(),
                    say_moment(span.from_at, told_on=today),
                    say_moment(span.until_at, told_on=today),
                    say_amount(span.lease.weekly_amount),
                ],
                lease_url(span.lease_id),
            )
            for span in spans.order_by("-from_at")[:SHOWN]
        ],
        empty="No lease had it.",
        list_url=f"{reverse('admin:leases_lease_changelist')}?vehicle__id__exact={vehicle_id}",
    )


def read_marks(request: HttpRequest, vehicle_id: int, today: date) -> Table:
    """Return the plates and tags that were on it, newest first."""
    plates = VehiclePlate.objects.filter(vehicle=vehicle_id).order_by("-pk")[:SHOWN]
    tags = VehicleTag.objects.filter(vehicle=vehicle_id).order_by("-pk")[:SHOWN]
    named: list[tuple[str, Any]] = [*(("Plate", mark) for mark in plates), *(("E-ZPass tag", mark) for mark in tags)]
    return Table(
        columns=["What", "Number", "On vehicle since", "Until"],
        lines=[
            Line([what, mark, _say_since(mark.from_at, today), _say_until(mark.until_at, today)])
            for what, mark in named
        ],
        empty="No plate and no tag was on it.",
    )


def read_papers(request: HttpRequest, vehicle_id: int, today: date) -> Table:
    return tell_papers(selectors.list_papers_of_vehicle(vehicle_id), today)


def tell_ending_papers(vehicle_id: int, today: date) -> Sequence[Notice]:
    return tell_ending(selectors.list_papers_of_vehicle(vehicle_id), today)


def tell_owed(standing: VehicleStanding, today: date) -> list[Tile]:
    """Tell what is owed on each lease that has it now, whichever of its drivers owes it."""
    return [_tell_owed(holder.lease, today) for holder in standing.holders]


def _tell_owed(lease: Lease, today: date) -> Tile:
    debt = ledger.get_lease_debt(lease.pk, today=today)
    asked = {
        "lease__id__exact": lease.pk,
        "status__exact": Status.OPEN.value,
        "entry_type__exact": EntryType.DEBIT.value,
    }
    url = f"{reverse('admin:ledger_ledgerbalance_changelist')}?{urlencode(asked)}" if debt.owed else ""
    past = f"{format_dollars(debt.past_due)} past due" if debt.past_due else "nothing past due"
    return Tile(
        f"Owed on {lease}", format_dollars(debt.owed), past if debt.owed else "", url, is_due=bool(debt.past_due)
    )


def tell_next_end(standing: VehicleStanding, today: date) -> list[Tile]:
    """Tell which of its papers ends next, or has ended."""
    papers = selectors.list_papers_of_vehicle(standing.pk)
    if not papers:
        return [Tile("Papers", "None", "recorded")]
    first = papers[0]
    head = "Paper that ended" if first.good_to < today else "Next paper to end"
    url = reverse("admin:leases_paper_change", args=[first.pk])
    return [Tile(head, say_full_day(first.good_to), first.get_kind_display(), url, is_due=first.good_to < today)]


def read_data_changes(vehicle_id: int, before: Before, most: int) -> Sequence[Event]:
    return read_changes(Vehicle, Q(id=vehicle_id), before, most, say=_say_change)


def read_lease_spans(vehicle_id: int, before: Before, most: int) -> Sequence[Event]:
    return read_changes(
        LeaseVehicle,
        Q(vehicle_id=vehicle_id),
        before,
        most,
        say=_say_span,
        related=("lease__primary_driver",),
    )


def read_tags(vehicle_id: int, before: Before, most: int) -> Sequence[Event]:
    return read_changes(VehicleTag, Q(vehicle_id=vehicle_id), before, most, say=_say_tag)


def _say_change(newer: Any, older: Any) -> str:
    if older is None:
        return "Registered"
    if newer.status != older.status:
        return "Taken out of service" if newer.status == Vehicle.Status.RETIRED else "Returned to service"
    return say_columns(Vehicle, _CHANGED, newer, older)


def _say_span(newer: Any, older: Any) -> str:
    lease, driver = newer.lease, newer.lease.primary_driver
    whose = f"{lease} of {driver.first_name} {driver.last_name}"
    if older is None:
        return f"{whose} has it from {_say(newer, newer.from_at)} to {_say(newer, newer.until_at)}"
    return f"{whose}: {lower_first(say_columns(LeaseVehicle, ('from_at', 'until_at'), newer, older))}"


def _say_tag(newer: Any, older: Any) -> str:
    if older is None:
        return f"E-ZPass tag {newer.tag} in it{f' since {_say(newer, newer.from_at)}' if newer.from_at else ''}"
    return f"E-ZPass tag {newer.tag} out of it{f', at {_say(newer, newer.until_at)}' if newer.until_at else ''}"


def _say(row: Any, moment: datetime) -> str:
    """Return a moment with its year where that is another than the one in which the row was written."""
    return say_moment(moment, told_on=timezone.localdate(row.history_date))


def _say_since(moment: datetime | None, today: date) -> str:
    return say_moment(moment, told_on=today) if moment else "ever"


def _say_until(moment: datetime | None, today: date) -> str:
    return say_moment(moment, told_on=today) if moment else "now"


def _to(name: str) -> Callable[[VehicleStanding], str]:
    return lambda standing: reverse(f"admin:leases_vehicle_{name}", args=[standing.pk])


def _refuse_plate_off(standing: VehicleStanding) -> str:
    return "" if standing.plate else "It has no plate"


def _refuse_tag_out(standing: VehicleStanding) -> str:
    return "" if standing.tag else "It has no E-ZPass tag"


_CHANGE, _RETIRE = "leases.change_vehicle", "leases.retire_vehicle"
for act in (
    Act(of=Subject.VEHICLE, place=0, title="Start lease", permission="leases.add_lease", is_main=True,
        url=lambda standing: f"{reverse('admin:leases_lease_add')}?vehicle={standing.pk}",
        refuse=VehicleStanding.say_retired),
    Act(of=Subject.VEHICLE, place=20, title="Record a paper", permission=_CHANGE, url=_to("paper"),
        refuse=VehicleStanding.say_retired),
    Act(of=Subject.VEHICLE, place=30, title="Give plate", permission=_CHANGE, url=_to("plate"),
        refuse=VehicleStanding.say_retired),
    Act(of=Subject.VEHICLE, place=31, title="Give E-ZPass tag", permission=_CHANGE, url=_to("tag"),
        refuse=VehicleStanding.say_retired),
    Act(of=Subject.VEHICLE, place=40, title="Take plate off", permission=_CHANGE, url=_to("remove_plate"),
        is_further=True, refuse=_refuse_plate_off),
    Act(of=Subject.VEHICLE, place=41, title="Take tag out", permission=_CHANGE, url=_to("remove_tag"),
        is_further=True, refuse=_refuse_tag_out),
    Act(of=Subject.VEHICLE, place=80, title="Retire", permission=_RETIRE, url=_to("retire"), is_further=True,
        fits=lambda standing: standing.is_in_service, refuse=VehicleStanding.say_leased),
    Act(of=Subject.VEHICLE, place=80, title="Return to service", permission=_RETIRE, url=_to("return"),
        fits=lambda standing: not standing.is_in_service),
    Act(of=Subject.VEHICLE, place=90, title="Change the data", permission=_CHANGE, is_further=True,
        url=lambda standing: f"{reverse('admin:leases_vehicle_change', args=[standing.pk])}?edit=1"),
):  # fmt: skip
    register_act(act)
for section in (
    Section(of=Subject.VEHICLE, place=10, tab="Leases", title="Leases", permission="leases.view_lease",
            read=read_leases, rows=lambda vehicle_id: LeaseVehicle.objects.filter(vehicle=vehicle_id)),
    Section(of=Subject.VEHICLE, place=60, tab="Plates and tags", title="Plates and E-ZPass tags",
            permission="leases.view_vehicle", read=read_marks, beside=["Number", "On vehicle since", "Until"]),
    Section(of=Subject.VEHICLE, place=70, tab="Documents", title="Papers", permission="leases.view_paper",
            read=read_papers, rows=lambda vehicle_id: Paper.objects.filter(vehicle=vehicle_id).last_of_each(),
            beside=["Number", "Good to"]),
):  # fmt: skip
    register_section(section)
for source in (
    Source(of=Subject.VEHICLE, name="changes", permission="leases.view_vehicle", read=read_data_changes),
    Source(of=Subject.VEHICLE, name="leases", permission="leases.view_lease", read=read_lease_spans),
    Source(of=Subject.VEHICLE, name="papers", permission="leases.view_paper",
           read=lambda vehicle_id, before, most: read_paper_changes(Q(vehicle_id=vehicle_id), before, most)),
    Source(of=Subject.VEHICLE, name="tags", permission="leases.view_vehicle", read=read_tags),
):  # fmt: skip
    register_events(source)
register_notices("leases.view_paper", tell_ending_papers, of=Subject.VEHICLE)
register_tiles(Subject.VEHICLE, 10, "ledger.view_ledgerbalance", tell_owed)
register_tiles(Subject.VEHICLE, 40, "leases.view_paper", tell_next_end)
