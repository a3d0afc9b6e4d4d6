"""Who may have had the cab of a ticket that waits: the drivers of its leases, and those whose trips were near."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.words import say_full_day, say_time
from curb.selectors import Asked, NearTrip, Side, find_trips_near
from leases.models import Driver, Lease, LeaseDriver
from leases.selectors import VehicleAssignment
from tickets.models import Ticket
from tickets.selectors.matching import Match, TicketMatcher


@dataclass(frozen=True, slots=True)
class Candidate:
    """A driver who may have had the cab, and by which lease: none, where only a trip says so.

    ``minutes`` lie between the moment and the driver's nearest trip with the cab, and ``trip`` says in words which it
    is; None and blank where there was no trip near. They decide nothing.
    """

    lease: Lease | None
    driver_id: int
    driver: str
    days: str
    minutes: int | None = None
    trip: str = ""
    side: Side | None = None

    @property
    def is_inside(self) -> bool:
        """Whether it happened on a trip of theirs: proof, where minutes only rank."""
        return self.side == Side.AROUND

    @property
    def distance(self) -> str:
        """How far their nearest trip is: ``6 min after the trip``; blank inside of one, and where none is near."""
        if self.side in (None, Side.AROUND):
            return ""
        return f"{self.minutes} min {'after' if self.side == Side.OVER else 'before'} the trip"


def list_candidates(ticket: Ticket) -> list[Candidate]:
    """Return who may have had the cab, as it is known now; see :func:`list_candidates_of`."""
    return list_candidates_of([ticket])[0]


def list_candidates_of(tickets: Sequence[Ticket]) -> list[list[Candidate]]:
    """Return for each ticket who may have had the cab, whose trip was nearest first, in a fixed number of statements.

    They are the drivers of each lease that touches the moment, and those who made a trip with the cab near it.
    """
    matches = TicketMatcher().match_all(tickets)
    near = _list_near(tickets, matches)
    leases = Lease.objects.prefetch_related("driver_spans__driver").in_bulk(
        {hold.lease_id for match in matches for hold in match.holds}
    )
    on_trips = {trip.driver_id for trips in near.values() for trip in trips if trip.driver_id is not None}
    drivers = Driver.objects.in_bulk(on_trips)
    return [
        _rank(ticket, match, near[place], leases, drivers)
        for place, (ticket, match) in enumerate(zip(tickets, matches, strict=True))
    ]


def _list_near(tickets: Sequence[Ticket], matches: Sequence[Match]) -> dict[int, list[NearTrip]]:
    """The trips near each ticket, of every cab that may be meant, by its place; none where it tells no time."""
    asked = [
        (place, Asked(vehicle_id, ticket.at, ticket.at_latest))
        for place, (ticket, match) in enumerate(zip(tickets, matches, strict=True))
        if not ticket.is_dated_only
        for vehicle_id in {match.vehicle_id, *(hold.vehicle_id for hold in match.holds)}
        if vehicle_id is not None
    ]
    found = find_trips_near([question for _, question in asked])
    near: dict[int, list[NearTrip]] = defaultdict(list)
    for number, (place, _) in enumerate(asked):
        near[place].extend(found.get(number, []))
    return near


def _rank(
    ticket: Ticket, match: Match, near: Iterable[NearTrip], leases: dict[int, Lease], drivers: dict[int, Driver]
) -> list[Candidate]:
    nearest: dict[int, NearTrip] = {}
    for trip in sorted(near, key=lambda trip: trip.minutes):
        if trip.driver_id is not None:
            nearest.setdefault(trip.driver_id, trip)
    found = [
        _make(leases[hold.lease_id], span.driver, _say_days(span), nearest.get(span.driver_id))
        for hold in match.holds
        for span in leases[hold.lease_id].driver_spans.all()
        if span.driver_id in _drivers_at(hold, ticket)
    ]
    named = {candidate.driver_id for candidate in found}
    found += [
        _make(None, drivers[driver_id], "", trip) for driver_id, trip in nearest.items() if driver_id not in named
    ]
    return sorted(found, key=lambda one: (one.minutes is None, one.minutes or 0))


def _say_days(span: LeaseDriver) -> str:
    return f"{say_full_day(span.start_on)} to {say_full_day(span.end_on)}"


def _make(lease: Lease | None, driver: Driver, days: str, trip: NearTrip | None) -> Candidate:
    minutes = trip.minutes if trip else None
    side = trip.side if trip else None
    return Candidate(lease, driver.pk, str(driver), days, minutes, say_near(trip) if trip else "", side)


def say_near(trip: NearTrip) -> str:
    """Return where a trip lies, seen from the ticket: ``in a trip, 2:20 PM to 2:41 PM``, ``… ended 4 min before``."""
    match trip.side:
        case Side.AROUND:
            until = f" to {say_time(trip.end_at)}" if trip.end_at else ""
            return f"in a trip, {say_time(trip.start_at)}{until}"
        case Side.OVER:
            return f"a trip ended {trip.minutes} min before"
        case Side.TO_COME:
            return f"a trip began {trip.minutes} min after"


def _drivers_at(hold: VehicleAssignment, ticket: Ticket) -> set[int]:
    return {*hold.list_drivers_at(ticket.at), *hold.list_drivers_at(ticket.at_latest)}
