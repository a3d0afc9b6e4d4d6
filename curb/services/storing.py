"""Trips into their table: a lot of them in one statement, each column as one string.

A list of thousands of values is quoted one by one, and parsed one by one; a string is neither.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from core.columns import SEPARATOR
from curb.importers.attributes import TRIP_AMOUNTS
from curb.importers.trips import ReceivedTrip
from curb.importers.values import plain
from curb.models import AmountRemark, CountsAs, Trip, TripFile
from curb.rules import Place, shift_columns
from curb.selectors import TripMatcher
from curb.selectors.amounts import Rulings
from ledger.money import ZERO

#: A record is one level of texts: nothing in it can hold itself.
_encode = json.JSONEncoder(check_circular=False).encode

_COLUMN_TYPES = {
    "period": "text",
    "record_id": "text",
    "received": "jsonb",
    "raw": "text",
    "license": "text",
    "cab": "text",
    "service_number": "text",
    "start_at": "timestamptz",
    "end_at": "timestamptz",
    "payment_type": "text",
    **dict.fromkeys(TRIP_AMOUNTS, "numeric"),
    "total": "numeric",
    "passed_through": "numeric",
    "driver_id": "bigint",
    "vehicle_id": "bigint",
    "lease_id": "bigint",
    "waits_for": "text",
    "supersedes_id": "bigint",
    "counts_as": "text",
    "bound_by_id": "bigint",
    "bound_at": "timestamptz",
}
#: An amended record with these alike is the same ride: what a person said of whose it is goes on standing.
_SAME_RIDE = ("license", "cab", "start_at")

#: A record's number among all: the period and the number in it.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be told of a trip's amounts, and by which ruling it was read, if there was one."""

    key: Key
    what: AmountRemark.What
    attribute: str = ""
    name: str = ""
    amount: Decimal | None = None
    read_as: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a lot came to: the trips that were inserted, and the records whose amounts leave something to tell."""

    count: int
    remarked: set[Key] = field(default_factory=set)


def insert_trips(
    trips: Sequence[ReceivedTrip],
    file: TripFile,
    *,
    matcher: TripMatcher,
    rulings: Rulings,
    superseded: dict[Key, Trip],
) -> Stored:
    """Match and insert these trips in one statement; what another import added meanwhile is left to it."""
    matcher.learn((trip.license, trip.cab, trip.start_at) for trip in trips)
    remarks = [remark for trip in trips for remark in _remark_on(trip, rulings)]
    shifts: dict[Key, dict[str, Decimal]] = {}
    for remark in remarks:
        if remark.read_as and remark.amount is not None:
            shift = shifts.setdefault(remark.key, {})
            for column, amount in shift_columns(remark.read_as, remark.amount).items():
                shift[column] = shift.get(column, ZERO) + amount
    rows = [_columns_of(trip, matcher, shifts.get((trip.period, trip.record_id))) for trip in trips]
    for trip, row in zip(trips, rows, strict=True) if superseded else ():
        row.update(_carry_over(trip, superseded))
    count = _insert(rows, file)
    _insert_remarks(remarks, file)
    return Stored(count, {remark.key for remark in remarks if not remark.read_as})


def _insert(rows: Sequence[dict[str, Any]], file: TripFile) -> int:
    names = ", ".join(_COLUMN_TYPES)
    # What is blank is null where there is a type for it, and blank where it is text; PostgreSQL makes no array of
    # one blank string, so that it is null here.
    values = ", ".join(
        f"coalesce({name}, '')" if kind == "text" else f"nullif({name}, '')::{kind}"
        for name, kind in _COLUMN_TYPES.items()
    )
    arrays = ", ".join(["string_to_array(%s, E'\\x1f')"] * len(_COLUMN_TYPES))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO curb_trips ({names}, file_id)
            SELECT {values}, %s FROM unnest({arrays}) AS given ({names})
            ON CONFLICT (period, record_id) WHERE is_current DO NOTHING
            """,
            [file.pk, *(SEPARATOR.join([row[name] for row in rows]) for name in _COLUMN_TYPES)],
        )
        inserted: int = cursor.rowcount
    return inserted


def _columns_of(trip: ReceivedTrip, matcher: TripMatcher, shift: dict[str, Decimal] | None) -> dict[str, str]:
    match = matcher.match(trip.license, trip.cab, trip.start_at)
    row = {
        "period": trip.period,
        "record_id": trip.record_id,
        "received": _encode(trip.received),
        "raw": trip.raw,
        "license": trip.license,
        "cab": trip.cab,
        "service_number": trip.service_number,
        "start_at": trip.start_at.isoformat(),
        "end_at": _text(trip.end_at),
        "payment_type": trip.payment_type.value,
        "total": str(trip.total),
        "passed_through": "0",
        "driver_id": _text(match.driver_id),
        "vehicle_id": _text(match.vehicle_id),
        "lease_id": _text(match.lease_id),
        "waits_for": match.waits_for.value,
        "supersedes_id": "",
        "counts_as": CountsAs.AS_PAID.value,
        "bound_by_id": "",
        "bound_at": "",
    }
    for column, amount in trip.amounts.items():
        row[column] = str(amount)
    for column, amount in (shift or {}).items():
        row[column] = str(Decimal(row[column]) + amount)
    return row


def _carry_over(trip: ReceivedTrip, superseded: dict[Key, Trip]) -> dict[str, str]:
    """What an amended record takes from the one that it supersedes: what a person said of whose it is.

    How it was paid is asked anew, since the figures are others.
    """
    before = superseded.get((trip.period, trip.record_id))
    if before is None:
        return {}
    kept: dict[str, Any] = {"supersedes_id": before.pk}
    if all(getattr(trip, name) == getattr(before, name) for name in _SAME_RIDE):
        if before.bound_at is not None:
            names = ("driver_id", "vehicle_id", "lease_id", "waits_for", "bound_by_id", "bound_at")
            kept |= {name: getattr(before, name) for name in names}
        if before.counts_as == CountsAs.NOTHING:
            kept["counts_as"] = CountsAs.NOTHING.value
    return {name: _text(value) for name, value in kept.items()}


def _text(value: datetime | int | str | None) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _remark_on(trip: ReceivedTrip, rulings: Rulings) -> list[Remark]:
    key = (trip.period, trip.record_id)
    remarks = []
    for one in trip.unknown:
        place = rulings.find(one.key, trip.start_at)
        read_as = "" if place == Place.MAY_BE_MISSING else place
        remarks.append(Remark(key, AmountRemark.What.UNKNOWN, one.key, one.name, one.amount, read_as))
    for name in trip.missing:
        place = rulings.find(plain(name), trip.start_at)
        read_as = place if place == Place.MAY_BE_MISSING else ""
        remarks.append(Remark(key, AmountRemark.What.MISSING, plain(name), name, None, read_as))
    if not trip.adds_up:
        remarks.append(Remark(key, AmountRemark.What.SUM, amount=trip.total - trip.parts))
    return remarks


def _insert_remarks(remarks: Sequence[Remark], file: TripFile) -> None:
    if not remarks:
        return
    columns: list[list[Any]] = [
        [remark.key[0] for remark in remarks],
        [remark.key[1] for remark in remarks],
        [remark.what.value for remark in remarks],
        [remark.attribute[:60] for remark in remarks],
        [remark.name[:60] for remark in remarks],
        [remark.amount for remark in remarks],
        [remark.read_as for remark in remarks],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO curb_amount_remarks (trip_id, what, key, name, amount, read_as, seen_reason)
            SELECT t.id, given.what, given.key, given.name, given.amount, given.read_as, ''
            FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::numeric[], %s::text[])
                AS given (period, record_id, what, key, name, amount, read_as)
            JOIN curb_trips t ON t.period = given.period AND t.record_id = given.record_id
            WHERE t.is_current AND t.file_id = %s
            """,
            [*columns, file.pk],
        )
