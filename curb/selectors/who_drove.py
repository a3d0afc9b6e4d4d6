"""Who had a cab at a moment, by the trips it made: proof where the moment lies inside one, nearness where it does not.

Trips as they stand: neither superseded, nor nobody's, nor below zero (a refund is no ride).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import connection

from core.columns import as_column, split_column

#: A record that lasts longer is a meter that was forgotten, and proves nothing.
LONGEST_TRIP = timedelta(hours=12)
#: How near a trip must be to say something about who may have driven.
NEAR_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """A cab and a moment, from ``at`` to ``at_latest``, both included: the same, where the moment is known exactly."""

    vehicle_id: int
    at: datetime
    at_latest: datetime


@dataclass(frozen=True, slots=True)
class Inside:
    """The trip that contains all of a moment, and whose it is.

    ``driver_id`` is None where the trip's license is nobody's yet, or where trips of several drivers contain the
    moment (``is_contradicted``): then it is known that the cab was driven, and not by whom. ``lease_id`` is None where
    the driver was on no lease of the cab. ``tolls`` are the dollars that the passenger paid for tolls on this trip.
    """

    trip_id: int
    driver_id: int | None
    lease_id: int | None
    license: str
    start_at: datetime
    end_at: datetime
    tolls: Decimal
    is_contradicted: bool = False


class Side(StrEnum):
    """Where a trip lies, seen from the moment that was asked about."""

    OVER = "OVER"  # it ended before
    AROUND = "AROUND"  # it contains the moment, or a part of it
    TO_COME = "TO_COME"  # it began afterwards


@dataclass(frozen=True, slots=True)
class NearTrip:
    """A trip near a moment: how many minutes lie between them, from its end or to its start. It decides nothing.

    ``driver_id`` is None where the trip's license is nobody's yet.
    """

    trip_id: int
    driver_id: int | None
    lease_id: int | None
    license: str
    start_at: datetime
    end_at: datetime | None
    tolls: Decimal
    side: Side
    minutes: int


# Each question goes through the index of the cab's trips by itself: joined freely, thousands of them would be answered
# by reading every trip there is.
_ASKED = (
    f"unnest({split_column('int', 'places')}, {split_column('bigint', 'vehicles')}, "
    f"{split_column('timestamptz', 'from')}, {split_column('timestamptz', 'to')})"
)
_STANDS = "t.is_current AND t.counts_as <> 'NOTHING' AND t.total >= 0"

_INSIDE = f"""
    SELECT asked.place, trip.* FROM {_ASKED} AS asked (place, vehicle_id, at, at_latest)
    CROSS JOIN LATERAL (
        SELECT t.id, t.driver_id, t.lease_id, t.license, t.start_at, t.end_at, t.tolls FROM curb_trips t
        WHERE t.vehicle_id = asked.vehicle_id AND t.start_at <= asked.at AND t.start_at >= asked.at - %(longest)s
            AND t.end_at >= asked.at_latest AND t.end_at <= t.start_at + %(longest)s AND {_STANDS}
        OFFSET 0
    ) AS trip
    ORDER BY asked.place, trip.start_at, trip.id
"""

_NEAR = f"""
    SELECT asked.place, trip.* FROM {_ASKED} AS asked (place, vehicle_id, at, at_latest)
    CROSS JOIN LATERAL (
        SELECT t.id, t.driver_id, t.lease_id, t.license, t.start_at, t.end_at, t.tolls,
            CASE WHEN t.start_at > asked.at_latest THEN 'TO_COME'
                WHEN coalesce(t.end_at, t.start_at) < asked.at THEN 'OVER' ELSE 'AROUND' END AS side,
            greatest(t.start_at - asked.at_latest, asked.at - coalesce(t.end_at, t.start_at), interval '0') AS distance
        FROM curb_trips t
        WHERE t.vehicle_id = asked.vehicle_id AND t.start_at <= asked.at_latest + %(near)s
            AND t.start_at >= asked.at - %(longest)s - %(near)s
            AND coalesce(t.end_at, t.start_at) BETWEEN asked.at - %(near)s AND t.start_at + %(longest)s AND {_STANDS}
        OFFSET 0
    ) AS trip
    ORDER BY asked.place, trip.distance, trip.start_at, trip.id
"""


def find_trips_at(asked: Sequence[Asked]) -> dict[int, Inside]:
    """Return the trip that contains each moment, by the question's place in ``asked``; in one statement for all.

    A moment that no trip contains as a whole is left out. A trip without an end contains none.
    """
    found: dict[int, list[Inside]] = defaultdict(list)
    for place, *columns in _fetch(_INSIDE, asked):
        found[place].append(Inside(*columns))
    return {place: _agree(trips) for place, trips in found.items()}


def find_trips_near(asked: Sequence[Asked], *, minutes: int = NEAR_MINUTES) -> dict[int, list[NearTrip]]:
    """Return the trips within these minutes of each moment, the nearest first, by the question's place in ``asked``.

    One statement for all. Those that contain the moment, or a part of it, are 0 minutes away; a begun minute is not
    counted.
    """
    near: dict[int, list[NearTrip]] = defaultdict(list)
    for place, trip_id, driver_id, lease_id, license_, start_at, end_at, tolls, side, distance in _fetch(
        _NEAR, asked, near=timedelta(minutes=minutes)
    ):
        away = distance // timedelta(minutes=1)
        near[place].append(NearTrip(trip_id, driver_id, lease_id, license_, start_at, end_at, tolls, Side(side), away))
    return dict(near)


def _agree(trips: Sequence[Inside]) -> Inside:
    """One answer of the trips that contain a moment: of no driver where they are several drivers', or a stranger's."""
    first = trips[0]
    if len(trips) == 1:
        return first
    # A trip of which only the license is known may be another driver's.
    is_contradicted = len({trip.driver_id or trip.license for trip in trips}) > 1
    is_of_one_lease = len({trip.lease_id for trip in trips}) == 1
    return Inside(
        trip_id=first.trip_id,
        driver_id=None if is_contradicted else first.driver_id,
        lease_id=first.lease_id if is_of_one_lease and not is_contradicted else None,
        license="" if is_contradicted else first.license,
        start_at=first.start_at,
        end_at=first.end_at,
        tolls=first.tolls,
        is_contradicted=is_contradicted,
    )


def _fetch(sql: str, asked: Sequence[Asked], **given: Any) -> list[tuple[Any, ...]]:
    if not asked:
        return []
    parameters: dict[str, Any] = {
        "places": as_column(range(len(asked))),
        "vehicles": as_column(one.vehicle_id for one in asked),
        "from": as_column(one.at for one in asked),
        "to": as_column(one.at_latest for one in asked),
        "longest": LONGEST_TRIP,
        **given,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
