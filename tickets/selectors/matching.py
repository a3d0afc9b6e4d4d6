"""Whose a ticket is: plate or tag at the moment → cab → lease and shift → driver. Exactly one, or a person decides."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from core.clock import NEW_YORK
from leases.models import Driver, Lease, Vehicle, VehiclePlate, VehicleTag
from leases.selectors import VehicleAssignment, list_leases_in_force, list_vehicle_assignments
from tickets.models import ImportRow, Wait

#: Longer than any hour that is shown twice: no time of day is told.
_ALL_DAY = timedelta(hours=2)


class Sought(Protocol):
    """What a document tells of where, when and who: a ticket's own columns."""

    @property
    def tag(self) -> str: ...

    @property
    def plate(self) -> str: ...

    @property
    def plate_state(self) -> str: ...

    @property
    def medallion(self) -> str: ...

    @property
    def license(self) -> str: ...

    @property
    def at(self) -> datetime: ...

    @property
    def at_latest(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class SoughtRow:
    """A new row of a file, of which it is certain that it has its moments and its amount."""

    tag: str
    plate: str
    plate_state: str
    medallion: str
    license: str
    at: datetime
    at_latest: datetime
    amount: Decimal


def sought_of(row: ImportRow) -> SoughtRow:
    """Return what a new row of a file tells; the database keeps it so that such a row has all of it."""
    assert row.at is not None
    assert row.at_latest is not None
    assert row.amount is not None
    return SoughtRow(
        tag=row.tag,
        plate=row.plate,
        plate_state=row.plate_state,
        medallion=row.medallion,
        license=row.license,
        at=row.at,
        at_latest=row.at_latest,
        amount=row.amount,
    )


@dataclass(frozen=True, slots=True)
class Match:
    """Whose it is. While it waits for something the driver is unknown, and ``holds`` are those who may be meant."""

    waits_for: Wait
    vehicle_id: int | None = None
    lease_id: int | None = None
    driver_id: int | None = None
    holds: tuple[VehicleAssignment, ...] = ()


@dataclass(frozen=True, slots=True)
class _Assignment:
    """A cab that had a plate or a tag, and since when and until when."""

    vehicle_id: int
    from_at: datetime | None
    until_at: datetime | None

    def touches(self, at: datetime, at_latest: datetime) -> bool:
        return (self.from_at is None or self.from_at <= at_latest) and (self.until_at is None or at < self.until_at)

    def covers(self, at: datetime, at_latest: datetime) -> bool:
        return (self.from_at is None or self.from_at <= at) and (self.until_at is None or at_latest < self.until_at)


class TicketMatcher:
    """Matches many tickets after at most seven statements, however many they are."""

    def __init__(self, facts: Iterable[Sought]) -> None:
        sought = list(facts)
        self._tags = self._read_tags({told.tag for told in sought if told.tag})
        self._plates = self._read_plates({told.plate for told in sought if told.plate})
        medallions = {told.medallion for told in sought if told.medallion}
        licenses = {told.license for told in sought if told.license}
        self._medallions = dict(Vehicle.objects.filter(medallion__in=medallions).values_list("medallion", "pk"))
        self._licenses = dict(Driver.objects.filter(tlc_license__in=licenses).values_list("tlc_license", "pk"))
        self._holds: dict[int, list[VehicleAssignment]] = defaultdict(list)
        self._leases: dict[int, list[Lease]] = defaultdict(list)
        if sought:
            first, last = min(told.at for told in sought), max(told.at_latest for told in sought)
            self._read_holds(first, last)
            self._read_leases(first, last)

    def match(self, told: Sought) -> Match:
        """Return whose a ticket is.

        A license names the driver directly. Otherwise there must be one cab, one lease in the hours of its shift, and
        one driver on it, in all of the time that the ticket may mean.
        """
        vehicles, is_sure = self._find_vehicles(told)
        if told.license:
            return self._match_license(told, vehicles[0] if len(vehicles) == 1 and is_sure else None)
        if not vehicles:
            return Match(Wait.VEHICLE)
        holds = tuple(hold for vehicle_id in vehicles for hold in self._holds[vehicle_id] if _touches(hold, told))
        if len(vehicles) > 1 or not is_sure:
            return Match(Wait.VEHICLE, holds=holds)
        vehicle_id = vehicles[0]
        if not holds:
            return Match(Wait.LEASE, vehicle_id)
        drivers = _list_drivers(holds, told)
        if len(holds) > 1 or len(drivers) > 1:
            return Match(Wait.DRIVER, vehicle_id, holds=holds)
        if not drivers or not _covers(holds[0], told):
            return Match(Wait.LEASE, vehicle_id, holds=holds)
        return Match(Wait.NOTHING, vehicle_id, holds[0].lease_id, drivers[0], holds)

    def _match_license(self, told: Sought, vehicle_id: int | None) -> Match:
        driver_id = self._licenses.get(told.license)
        if driver_id is None:
            return Match(Wait.LICENSE, vehicle_id)
        if vehicle_id is not None:
            held = {
                hold.lease_id
                for hold in self._holds[vehicle_id]
                if _touches(hold, told) and driver_id in _list_drivers((hold,), told)
            }
        else:
            days = _day_of(told.at), _day_of(told.at_latest)
            held = {lease.pk for lease in self._leases[driver_id] if lease.start_on <= days[0] <= lease.end_on}
        return Match(Wait.NOTHING, vehicle_id, held.pop() if len(held) == 1 else None, driver_id)

    def _find_vehicles(self, told: Sought) -> tuple[list[int], bool]:
        """The cabs that may be meant, and whether it was one of them for all of the time in question."""
        if told.medallion:
            vehicle_id = self._medallions.get(told.medallion)
            return ([] if vehicle_id is None else [vehicle_id]), True
        assigned = self._tags[told.tag] if told.tag else self._plates[told.plate, told.plate_state]
        touching = [row for row in assigned if row.touches(told.at, told.at_latest)]
        is_sure = len(touching) == 1 and touching[0].covers(told.at, told.at_latest)
        return sorted({row.vehicle_id for row in touching}), is_sure

    def _read_tags(self, tags: set[str]) -> dict[str, list[_Assignment]]:
        found: dict[str, list[_Assignment]] = defaultdict(list)
        rows = VehicleTag.objects.filter(tag__in=tags).values_list("tag", "vehicle_id", "from_at", "until_at")
        for tag, vehicle_id, from_at, until_at in rows:
            found[tag].append(_Assignment(vehicle_id, from_at, until_at))
        return found

    def _read_plates(self, plates: set[str]) -> dict[tuple[str, str], list[_Assignment]]:
        found: dict[tuple[str, str], list[_Assignment]] = defaultdict(list)
        rows = VehiclePlate.objects.filter(plate__in=plates)
        for plate, state, vehicle_id, from_at, until_at in rows.values_list(
            "plate", "state", "vehicle_id", "from_at", "until_at"
        ):
            found[plate, state].append(_Assignment(vehicle_id, from_at, until_at))
        return found

    def _read_holds(self, first: datetime, last: datetime) -> None:
        assigned = [row for rows in (*self._tags.values(), *self._plates.values()) for row in rows]
        vehicles = {row.vehicle_id for row in assigned} | set(self._medallions.values())
        if vehicles:
            for hold in list_vehicle_assignments(vehicle_ids=vehicles, from_at=first, until_at=last):
                self._holds[hold.vehicle_id].append(hold)

    def _read_leases(self, first: datetime, last: datetime) -> None:
        if self._licenses:
            in_force = list_leases_in_force(start_on=_day_of(first), end_on=_day_of(last))
            for lease in in_force.filter(primary_driver_id__in=self._licenses.values()):
                self._leases[lease.primary_driver_id].append(lease)


def _day_of(moment: datetime) -> date:
    return moment.astimezone(NEW_YORK).date()


def _is_all_day(told: Sought) -> bool:
    return told.at_latest - told.at > _ALL_DAY


def _touches(hold: VehicleAssignment, told: Sought) -> bool:
    """Whether the hold may be meant: it shares time with the ticket, in the hours of its shift."""
    in_time = hold.span.from_at <= told.at_latest and told.at < hold.span.until_at
    return in_time and (_is_all_day(told) or hold.is_in_shift(told.at) or hold.is_in_shift(told.at_latest))


def _covers(hold: VehicleAssignment, told: Sought) -> bool:
    """Whether the hold is meant, whenever it was in the time that the ticket tells."""
    if hold.hours is not None and _is_all_day(told):
        return False
    return all(hold.covers(at) and hold.is_in_shift(at) for at in (told.at, told.at_latest))


def _list_drivers(holds: Iterable[VehicleAssignment], told: Sought) -> list[int]:
    moments = (told.at, told.at_latest)
    return sorted({driver_id for hold in holds for at in moments for driver_id in hold.list_drivers_at(at)})
