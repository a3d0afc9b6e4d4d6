"""Whose a ticket is: plate or tag at the moment → cab → the trip it happened in, or else lease and shift → driver.

Exactly one, or a person decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from core.clock import NEW_YORK
from curb.selectors import Asked, Inside, find_trips_at
from leases.models import Driver, Lease, Vehicle, VehiclePlate, VehicleTag
from leases.rules import license_key, tag_key
from leases.selectors import VehicleAssignment, list_leases_in_force, list_vehicle_assignments
from tickets.models import Wait
from tickets.rules import is_dated_only

#: So much more than a lot asks about is read of leases at once.
_MARGIN = timedelta(days=31)


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
class Match:
    """Whose it is. While it waits for something the driver is unknown, and ``holds`` are those who may be meant."""

    waits_for: Wait
    vehicle_id: int | None = None
    lease_id: int | None = None
    driver_id: int | None = None
    holds: tuple[VehicleAssignment, ...] = ()
    #: The trip of the cab inside which it happened.
    trip_id: int | None = None


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


@dataclass(frozen=True, slots=True)
class _Cab:
    """The cabs that may be meant, whether it was one of them for all of the time, and whether they contradict."""

    vehicle_ids: tuple[int, ...]
    is_sure: bool = True
    contradicts: bool = False

    @property
    def only_id(self) -> int | None:
        return self.vehicle_ids[0] if len(self.vehicle_ids) == 1 and self.is_sure else None


_NO_CAB = _Cab(())


class TicketMatcher:
    """Matches tickets lot after lot, each after at most eight statements, however many the tickets are.

    What it has read of plates, tags, cabs and leases it keeps for the lots that follow: one matcher is for one file,
    one round or one ticket, not longer.
    """

    def __init__(self) -> None:
        self._tags: dict[str, list[_Assignment]] = {}
        self._plates: dict[str, list[tuple[str, _Assignment]]] = {}
        self._medallions: dict[str, int | None] = {}
        self._licenses: dict[str, int | None] = {}
        self._holds: dict[int, list[VehicleAssignment]] = {}
        self._leases: dict[int, list[Lease]] = {}
        self._from_at: datetime | None = None
        self._until_at: datetime | None = None

    def match(self, told: Sought) -> Match:
        """Return whose a ticket is; see :meth:`match_all`."""
        return self.match_all([told])[0]

    def match_all(self, facts: Sequence[Sought]) -> list[Match]:
        """Return whose each ticket is.

        A license names the driver directly. Otherwise there must be one cab. Who drove is a fact where the moment lies
        inside a trip of that cab: the trip's driver, on the lease by which they had it. Outside every trip there must
        be one lease in the hours of its shift, and one driver on it, in all of the time that the ticket may mean.
        """
        if not facts:
            return []
        self._read_names(facts)
        cabs = [self._find_cab(told) for told in facts]
        self._read_times(facts, cabs)
        trips = self._find_trips(facts, cabs)
        return [self._match(told, cabs[place], trips.get(place)) for place, told in enumerate(facts)]

    def _match(self, told: Sought, cab: _Cab, trip: Inside | None) -> Match:
        if cab.contradicts:
            return Match(Wait.CONTRADICTS)
        if told.license:
            return self._match_license(told, cab.only_id)
        if not cab.vehicle_ids:
            return Match(Wait.VEHICLE)
        holds = tuple(
            hold for vehicle_id in cab.vehicle_ids for hold in self._holds[vehicle_id] if _touches(hold, told)
        )
        vehicle_id = cab.only_id
        if vehicle_id is None:
            return Match(Wait.VEHICLE, holds=holds)
        if trip is not None:
            return self._match_trip(told, vehicle_id, holds, trip)
        if not holds:
            return Match(Wait.LEASE, vehicle_id)
        drivers = _list_drivers(holds, told)
        if len(holds) > 1 or len(drivers) > 1:
            return Match(Wait.DRIVER, vehicle_id, holds=holds)
        if not drivers or not _covers(holds[0], told):
            return Match(Wait.LEASE, vehicle_id, holds=holds)
        return Match(Wait.NOTHING, vehicle_id, holds[0].lease_id, drivers[0], holds)

    def _match_trip(self, told: Sought, vehicle_id: int, holds: tuple[VehicleAssignment, ...], trip: Inside) -> Match:
        """Who drove is known; on which lease is a question where they were on none with the cab, or on several."""
        own = [
            hold.lease_id
            for hold in self._holds[vehicle_id]
            if hold.covers(told.at) and trip.driver_id in hold.list_drivers_at(told.at)
        ]
        lease_id = trip.lease_id if trip.lease_id in own else own[0] if len(own) == 1 else None
        if lease_id is None:
            return Match(Wait.TRIP, vehicle_id, holds=holds, trip_id=trip.trip_id)
        return Match(Wait.NOTHING, vehicle_id, lease_id, trip.driver_id, holds, trip.trip_id)

    def _match_license(self, told: Sought, vehicle_id: int | None) -> Match:
        driver_id = self._licenses[license_key(told.license)]
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

    def _find_cab(self, told: Sought) -> _Cab:
        if told.tag:
            return _find_assigned(self._tags[tag_key(told.tag)], told)
        worn = self._plates[told.plate] if told.plate else []
        if not told.medallion:
            return _find_assigned([one for state, one in worn if state == told.plate_state], told)
        vehicle_id = self._medallions[told.medallion]
        cab = _NO_CAB if vehicle_id is None else _Cab((vehicle_id,))
        # A plate that another cab wears, or ever wore, is not this medallion's.
        others = [one for state, one in worn if state == told.plate_state]
        if others and not any(one.vehicle_id == vehicle_id and one.touches(told.at, told.at_latest) for one in others):
            return replace(cab, contradicts=True)
        return cab

    def _find_trips(self, facts: Sequence[Sought], cabs: Sequence[_Cab]) -> dict[int, Inside]:
        """The trip inside which each of them happened, by its place; none of what tells no time of day."""
        asked = {
            place: Asked(cab.only_id, told.at, told.at_latest)
            for place, (told, cab) in enumerate(zip(facts, cabs, strict=True))
            if cab.only_id is not None and not told.license and not is_dated_only(told.at, told.at_latest)
        }
        found = find_trips_at(list(asked.values()))
        return {place: found[number] for number, place in enumerate(asked) if number in found}

    def _read_names(self, facts: Sequence[Sought]) -> None:
        """Read what these plates, tags, medallions and licenses are, unless an earlier lot named them."""
        tags = {tag_key(told.tag) for told in facts if told.tag} - self._tags.keys()
        plates = {told.plate for told in facts if told.plate} - self._plates.keys()
        medallions = {told.medallion for told in facts if told.medallion} - self._medallions.keys()
        licenses = {license_key(told.license) for told in facts if told.license} - self._licenses.keys()
        times = ("vehicle_id", "from_at", "until_at")
        if tags:
            self._tags.update((tag, []) for tag in tags)
            for tag, *row in VehicleTag.objects.filter(tag_key__among=tags).values_list("tag_key", *times):
                self._tags[tag].append(_Assignment(*row))
        if plates:
            self._plates.update((plate, []) for plate in plates)
            for plate, state, *row in VehiclePlate.objects.filter(plate__among=plates).values_list(
                "plate", "state", *times
            ):
                self._plates[plate].append((state, _Assignment(*row)))
        if medallions:
            self._medallions.update(dict.fromkeys(medallions))
            self._medallions.update(Vehicle.objects.filter(medallion__among=medallions).values_list("medallion", "pk"))
        if licenses:
            self._licenses.update(dict.fromkeys(licenses))
            self._licenses.update(Driver.objects.filter(license_key__among=licenses).values_list("license_key", "pk"))

    def _read_times(self, facts: Sequence[Sought], cabs: Sequence[_Cab]) -> None:
        """Read who held these cabs, and on which leases these licenses were, in all of the time that is asked about."""
        first, last = min(told.at for told in facts), max(told.at_latest for told in facts)
        if self._from_at is None or self._until_at is None or first < self._from_at or last > self._until_at:
            # Some more than is asked, so that the next lot of a file seldom asks anew.
            self._from_at = min(first - _MARGIN, self._from_at or first)
            self._until_at = max(last + _MARGIN, self._until_at or last)
            self._holds.clear()
            self._leases.clear()
        vehicles = {vehicle_id for cab in cabs for vehicle_id in cab.vehicle_ids} - self._holds.keys()
        if vehicles:
            self._holds.update((vehicle_id, []) for vehicle_id in vehicles)
            for hold in list_vehicle_assignments(vehicle_ids=vehicles, from_at=self._from_at, until_at=self._until_at):
                self._holds[hold.vehicle_id].append(hold)
        drivers = {self._licenses[license_key(told.license)] for told in facts if told.license} - self._leases.keys()
        drivers.discard(None)
        if drivers:
            self._leases.update((driver_id, []) for driver_id in drivers if driver_id is not None)
            in_force = list_leases_in_force(start_on=_day_of(self._from_at), end_on=_day_of(self._until_at))
            for lease in in_force.filter(primary_driver_id__among=drivers):
                self._leases[lease.primary_driver_id].append(lease)


def _find_assigned(assigned: Sequence[_Assignment], told: Sought) -> _Cab:
    touching = [one for one in assigned if one.touches(told.at, told.at_latest)]
    if len(touching) == 1:
        return _Cab((touching[0].vehicle_id,), touching[0].covers(told.at, told.at_latest))
    return _Cab(tuple(sorted({one.vehicle_id for one in touching})), is_sure=False) if touching else _NO_CAB


def _day_of(moment: datetime) -> date:
    return moment.astimezone(NEW_YORK).date()


def _touches(hold: VehicleAssignment, told: Sought) -> bool:
    """Whether the hold may be meant: it shares time with the ticket, in the hours of its shift."""
    in_time = hold.span.from_at <= told.at_latest and told.at < hold.span.until_at
    return in_time and (
        is_dated_only(told.at, told.at_latest) or hold.is_in_shift(told.at) or hold.is_in_shift(told.at_latest)
    )


def _covers(hold: VehicleAssignment, told: Sought) -> bool:
    """Whether the hold is meant, whenever it was in the time that the ticket tells."""
    if hold.hours is not None and is_dated_only(told.at, told.at_latest):
        return False
    return all(hold.covers(at) and hold.is_in_shift(at) for at in (told.at, told.at_latest))


def _list_drivers(holds: Iterable[VehicleAssignment], told: Sought) -> list[int]:
    moments = (told.at, told.at_latest)
    return sorted({driver_id for hold in holds for at in moments for driver_id in hold.list_drivers_at(at)})
