"""Whose a ticket is: plate or tag at the moment → cab → lease and shift → driver. Exactly one, or a person decides."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.utils import timezone

from leases.models import Driver, Lease, Vehicle, VehiclePlate, VehicleTag
from leases.selectors import VehicleHold, list_leases_in_force, list_vehicle_holds
from tickets.models import Wait

#: Longer than any hour that is shown twice: the paper tells no time of day.
_ALL_DAY = timedelta(hours=2)


class Sought(Protocol):
    """What a paper tells of where, when and who: a ticket's own columns."""

    tag: str
    plate: str
    plate_state: str
    medallion: str
    license: str
    at: datetime
    at_latest: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """Whose it is. While it waits for something the driver is unknown, and ``holds`` are those who may be meant."""

    waits_for: Wait
    vehicle_id: int | None = None
    lease_id: int | None = None
    driver_id: int | None = None
    holds: tuple[VehicleHold, ...] = ()


@dataclass(frozen=True, slots=True)
class _Borne:
    vehicle_id: int
    from_at: datetime | None
    until_at: datetime | None

    def touches(self, at: datetime, at_latest: datetime) -> bool:
        return (self.from_at is None or self.from_at <= at_latest) and (self.until_at is None or at < self.until_at)

    def covers(self, at: datetime, at_latest: datetime) -> bool:
        return (self.from_at is None or self.from_at <= at) and (self.until_at is None or at_latest < self.until_at)


class TicketMatcher:
    """Matches many papers after at most seven statements, however many they are."""

    def __init__(self, papers: Iterable[Sought]) -> None:
        sought = list(papers)
        self._tags = self._read_tags({paper.tag for paper in sought if paper.tag})
        self._plates = self._read_plates({paper.plate for paper in sought if paper.plate})
        medallions = {paper.medallion for paper in sought if paper.medallion}
        licenses = {paper.license for paper in sought if paper.license}
        self._medallions = dict(Vehicle.objects.filter(medallion__in=medallions).values_list("medallion", "pk"))
        self._licenses = dict(Driver.objects.filter(tlc_license__in=licenses).values_list("tlc_license", "pk"))
        self._holds: dict[int, list[VehicleHold]] = defaultdict(list)
        self._leases: dict[int, list[Lease]] = defaultdict(list)
        if sought:
            first, last = min(paper.at for paper in sought), max(paper.at_latest for paper in sought)
            self._read_holds(first, last)
            self._read_leases(first, last)

    def match(self, paper: Sought) -> Match:
        """Return whose the paper is.

        A license names the driver himself. Otherwise there must be one cab, one lease in the hours of its shift, and
        one driver on it, in all of the time that the paper may mean.
        """
        vehicles, is_sure = self._find_vehicles(paper)
        if paper.license:
            return self._match_license(paper, vehicles[0] if len(vehicles) == 1 and is_sure else None)
        if not vehicles:
            return Match(Wait.VEHICLE)
        holds = tuple(hold for vehicle_id in vehicles for hold in self._holds[vehicle_id] if _touches(hold, paper))
        if len(vehicles) > 1 or not is_sure:
            return Match(Wait.VEHICLE, holds=holds)
        vehicle_id = vehicles[0]
        if not holds:
            return Match(Wait.LEASE, vehicle_id)
        drivers = _list_drivers(holds, paper)
        if len(holds) > 1 or len(drivers) > 1:
            return Match(Wait.DRIVER, vehicle_id, holds=holds)
        if not drivers or not _covers(holds[0], paper):
            return Match(Wait.LEASE, vehicle_id, holds=holds)
        return Match(Wait.NOTHING, vehicle_id, holds[0].lease_id, drivers[0], holds)

    def _match_license(self, paper: Sought, vehicle_id: int | None) -> Match:
        driver_id = self._licenses.get(paper.license)
        if driver_id is None:
            return Match(Wait.LICENSE, vehicle_id)
        if vehicle_id is not None:
            held = {
                hold.lease_id
                for hold in self._holds[vehicle_id]
                if _touches(hold, paper) and driver_id in _list_drivers((hold,), paper)
            }
        else:
            days = timezone.localdate(paper.at), timezone.localdate(paper.at_latest)
            held = {lease.pk for lease in self._leases[driver_id] if lease.start_on <= days[0] <= lease.end_on}
        return Match(Wait.NOTHING, vehicle_id, held.pop() if len(held) == 1 else None, driver_id)

    def _find_vehicles(self, paper: Sought) -> tuple[list[int], bool]:
        """The cabs that may be meant, and whether it was one of them for all of the time in question."""
        if paper.medallion:
            vehicle_id = self._medallions.get(paper.medallion)
            return ([] if vehicle_id is None else [vehicle_id]), True
        borne = self._tags[paper.tag] if paper.tag else self._plates[paper.plate, paper.plate_state]
        touching = [row for row in borne if row.touches(paper.at, paper.at_latest)]
        is_sure = len(touching) == 1 and touching[0].covers(paper.at, paper.at_latest)
        return sorted({row.vehicle_id for row in touching}), is_sure

    def _read_tags(self, tags: set[str]) -> dict[str, list[_Borne]]:
        found: dict[str, list[_Borne]] = defaultdict(list)
        rows = VehicleTag.objects.filter(tag__in=tags).values_list("tag", "vehicle_id", "from_at", "until_at")
        for tag, vehicle_id, from_at, until_at in rows:
            found[tag].append(_Borne(vehicle_id, from_at, until_at))
        return found

    def _read_plates(self, plates: set[str]) -> dict[tuple[str, str], list[_Borne]]:
        found: dict[tuple[str, str], list[_Borne]] = defaultdict(list)
        rows = VehiclePlate.objects.filter(plate__in=plates)
        for plate, state, vehicle_id, from_at, until_at in rows.values_list(
            "plate", "state", "vehicle_id", "from_at", "until_at"
        ):
            found[plate, state].append(_Borne(vehicle_id, from_at, until_at))
        return found

    def _read_holds(self, first: datetime, last: datetime) -> None:
        borne = [row for rows in (*self._tags.values(), *self._plates.values()) for row in rows]
        vehicles = {row.vehicle_id for row in borne} | set(self._medallions.values())
        if vehicles:
            for hold in list_vehicle_holds(vehicle_ids=vehicles, from_at=first, until_at=last):
                self._holds[hold.vehicle_id].append(hold)

    def _read_leases(self, first: datetime, last: datetime) -> None:
        if self._licenses:
            in_force = list_leases_in_force(start_on=timezone.localdate(first), end_on=timezone.localdate(last))
            for lease in in_force.filter(primary_driver_id__in=self._licenses.values()):
                self._leases[lease.primary_driver_id].append(lease)


def _is_all_day(paper: Sought) -> bool:
    return paper.at_latest - paper.at > _ALL_DAY


def _touches(hold: VehicleHold, paper: Sought) -> bool:
    """Whether the hold may be meant: it shares time with the paper, in the hours of its shift."""
    in_time = hold.span.from_at <= paper.at_latest and paper.at < hold.span.until_at
    return in_time and (_is_all_day(paper) or hold.is_in_shift(paper.at) or hold.is_in_shift(paper.at_latest))


def _covers(hold: VehicleHold, paper: Sought) -> bool:
    """Whether the hold is meant, whenever it was in the time that the paper tells."""
    if hold.hours is not None and _is_all_day(paper):
        return False
    return all(hold.covers(at) and hold.is_in_shift(at) for at in (paper.at, paper.at_latest))


def _list_drivers(holds: Iterable[VehicleHold], paper: Sought) -> list[int]:
    moments = (paper.at, paper.at_latest)
    return sorted({driver_id for hold in holds for at in moments for driver_id in hold.list_drivers_at(at)})
