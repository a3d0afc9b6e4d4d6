"""Trips in: kept as received, once each, and matched to whose they were."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Q, When
from django.utils import timezone

from core.errors import Busy
from core.transactions import BUSY, bounded_transaction
from curb.importers.trips import AMOUNT_ATTRIBUTES, ParsedTrips, ReceivedTrip, RowError, parse_trips
from curb.models import CountsAs, Trip, TripFile, WaitsFor
from curb.rules import EARNING_TYPES
from curb.selectors import TripMatcher, find_trip_file
from curb.services.expectations import expect_from_first_import
from curb.services.pairs import pair_rows_of
from curb.services.unread import count_rows

ROWS_IN_A_STATEMENT = 10_000
ROWS_IN_AN_UPDATE = 500

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
    **dict.fromkeys(AMOUNT_ATTRIBUTES, "numeric"),
    "total": "numeric",
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
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TripImport:
    """The file's record, and whether this call imported it or an earlier one did."""

    file: TripFile
    is_new: bool


def import_trips(*, file_name: str, content: bytes, actor: User | None = None) -> TripImport:
    """Import a file of trips; rows with errors are kept with the file and do not hinder the others.

    A trip is known by PERIOD and ID and kept as received: importing it again changes nothing, and a record that comes
    with other figures supersedes the one before. Where that one was counted, the next close counts the difference. The
    same file imported again returns its first record; two records of one file that contradict each other are an error.

    :raises UnreadableTripFile: the file as a whole can't be read; nothing was imported
    :raises Busy: another import brings the same amended records just now
    """
    file = TripFile(file_name=file_name[-200:], origin=TripFile.Origin.FILE, imported_by=actor)
    return keep_once(content, lambda sha256: _fill(file, sha256, parse_trips(content)))


def keep_trips(
    *, file_name: str, content: bytes, parsed: ParsedTrips, asked_on: date | None = None, actor: User | None = None
) -> TripImport:
    """Keep an answer of CURB's trip log, which was parsed before, as :func:`import_trips` keeps a file.

    ``asked_on`` is the day that CURB was asked about.
    """
    origin = TripFile.Origin.TRIP_LOG
    file = TripFile(file_name=file_name[-200:], origin=origin, imported_by=actor, asked_on=asked_on)
    return keep_once(content, lambda sha256: _fill(file, sha256, parsed))


def keep_once(content: bytes, keep: Callable[[str], TripFile]) -> TripImport:
    """Return the file of this content, made by ``keep`` in one transaction unless it was imported before."""
    sha256 = hashlib.sha256(content).hexdigest()
    known_file = find_trip_file(sha256)
    if known_file is not None:
        return TripImport(known_file, is_new=False)
    try:
        with transaction.atomic():
            return TripImport(keep(sha256), is_new=True)
    except IntegrityError:
        # Somebody imported the same file at the same time, and was first.
        winner = find_trip_file(sha256)
        if winner is None:
            raise
        return TripImport(winner, is_new=False)


@bounded_transaction
def match_waiting_trips() -> int:
    """Match again what no close has counted yet and has no driver, cab or lease; return how many trips changed.

    What a person assigned stands. Nothing is posted: a trip that is matched now counts in the next close.

    :raises Busy: somebody is at one of these trips just now
    """
    unclear = Trip.objects.uncounted().filter(~Q(waits_for=WaitsFor.NOTHING) | Q(lease=None), bound_at=None)
    trips = list(unclear.order_by("pk").select_for_update())
    matcher = TripMatcher((trip.license, trip.cab, trip.start_at) for trip in trips)
    changed = []
    for trip in trips:
        match = matcher.match(trip.license, trip.cab, trip.start_at)
        found = (match.driver_id, match.vehicle_id, match.lease_id, match.waits_for)
        if found != (trip.driver_id, trip.vehicle_id, trip.lease_id, trip.waits_for):
            trip.driver_id, trip.vehicle_id, trip.lease_id, trip.waits_for = found
            changed.append(trip)
    Trip.objects.bulk_update(changed, ["driver", "vehicle", "lease", "waits_for"], batch_size=ROWS_IN_AN_UPDATE)
    return len(changed)


def _fill(file: TripFile, sha256: str, parsed: ParsedTrips) -> TripFile:
    file.sha256, file.row_count = sha256, 0
    file.save()
    trips, errors = _leave_out_contradictions(parsed.trips)
    fresh, amended = _compare(trips)
    superseded = _supersede(amended)
    file.amended_count = sum(_insert(lot, file, superseded) for lot in _split([trip for trip, _ in amended]))
    file.imported_count = file.amended_count + sum(_insert(lot, file, {}) for lot in _split(fresh))
    card_days = [timezone.localdate(trip.start_at) for trip in fresh if trip.payment_type in EARNING_TYPES]
    if card_days:
        expect_from_first_import(first_day=min(card_days), actor=file.imported_by)
    count_rows(file, parsed.row_count, [*parsed.errors, *errors])
    pair_rows_of(file)
    return file


def _leave_out_contradictions(trips: Iterable[ReceivedTrip]) -> tuple[list[ReceivedTrip], list[RowError]]:
    """Each record once, and an error for each that the same file has with other figures."""
    first: dict[_Key, ReceivedTrip] = {}
    errors: list[RowError] = []
    for trip in trips:
        if first.setdefault((trip.period, trip.record_id), trip).received != trip.received:
            message = "The file has this record twice, with different figures; the first is kept."
            errors.append(RowError(trip.row, "ID", message, timezone.localdate(trip.start_at)))
    return list(first.values()), errors


def _compare(trips: Sequence[ReceivedTrip]) -> tuple[list[ReceivedTrip], list[tuple[ReceivedTrip, int]]]:
    """The trips that are new, and those that are known with other figures, each with the id of what it amends."""
    known = _read_known(trips)
    fresh: list[ReceivedTrip] = []
    amended: list[tuple[ReceivedTrip, int]] = []
    for trip in trips:
        before = known.get((trip.period, trip.record_id))
        if before is None:
            fresh.append(trip)
        elif before[1] != trip.received:
            amended.append((trip, before[0]))
    return fresh, amended


def _read_known(trips: Sequence[ReceivedTrip]) -> dict[_Key, tuple[int, dict[str, str]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT period, record_id, id, received::text FROM curb_trips
            JOIN unnest(%s::text[], %s::text[]) AS given (period, record_id) USING (period, record_id)
            WHERE is_current
            """,
            [[trip.period for trip in trips], [trip.record_id for trip in trips]],
        )
        return {(period, record): (number, json.loads(text)) for period, record, number, text in cursor.fetchall()}


def _supersede(amended: Sequence[tuple[ReceivedTrip, int]]) -> dict[_Key, Trip]:
    """Take what these amend out of what is current, and return it as it was.

    What a close has counted is looked at by the next, which counts it back; the rest counts for nobody any more.
    """
    numbers = [number for _, number in amended]
    if not numbers:
        return {}
    current = list(Trip.objects.current().filter(pk__in=numbers).order_by("pk").select_for_update(of=("self",)))
    if len(current) < len(numbers):
        raise Busy(BUSY)
    Trip.objects.filter(pk__in=numbers).update(
        is_current=False, awaits_count=Case(When(week_end=None, then=False), default=True)
    )
    return {(trip.period, trip.record_id): trip for trip in current}


def _split(trips: Sequence[ReceivedTrip]) -> Iterator[Sequence[ReceivedTrip]]:
    return (trips[start : start + ROWS_IN_A_STATEMENT] for start in range(0, len(trips), ROWS_IN_A_STATEMENT))


def _insert(trips: Sequence[ReceivedTrip], file: TripFile, superseded: dict[_Key, Trip]) -> int:
    """Match and insert these trips in one statement, and return how many; what another import added is left to it."""
    matcher = TripMatcher((trip.license, trip.cab, trip.start_at) for trip in trips)
    rows = [_columns_of(trip, matcher) | _carry_over(trip, superseded) for trip in trips]
    names = ", ".join(_COLUMN_TYPES)
    arrays = ", ".join(f"%s::{kind}[]" for kind in _COLUMN_TYPES.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO curb_trips ({names}, file_id)
            SELECT {names}, %s FROM unnest({arrays}) AS given ({names})
            ON CONFLICT (period, record_id) WHERE is_current DO NOTHING
            """,
            [file.pk, *([row[name] for row in rows] for name in _COLUMN_TYPES)],
        )
        inserted: int = cursor.rowcount
    return inserted


def _columns_of(trip: ReceivedTrip, matcher: TripMatcher) -> dict[str, Any]:
    match = matcher.match(trip.license, trip.cab, trip.start_at)
    return {
        "period": trip.period,
        "record_id": trip.record_id,
        "received": json.dumps(trip.received),
        "raw": trip.raw,
        "license": trip.license,
        "cab": trip.cab,
        "service_number": trip.service_number,
        "start_at": trip.start_at,
        "end_at": trip.end_at,
        "payment_type": trip.payment_type.value,
        **trip.amounts,
        "total": trip.total,
        "driver_id": match.driver_id,
        "vehicle_id": match.vehicle_id,
        "lease_id": match.lease_id,
        "waits_for": match.waits_for.value,
        "supersedes_id": None,
        "counts_as": CountsAs.AS_PAID.value,
        "bound_by_id": None,
        "bound_at": None,
    }


def _carry_over(trip: ReceivedTrip, superseded: dict[_Key, Trip]) -> dict[str, Any]:
    """What an amended record takes from the one that it supersedes: what a person said of whose it is.

    How it was paid is asked anew, since the figures are others.
    """
    before = superseded.get((trip.period, trip.record_id))
    if before is None:
        return {}
    kept: dict[str, Any] = {"supersedes_id": before.pk}
    if any(getattr(trip, name) != getattr(before, name) for name in _SAME_RIDE):
        return kept
    if before.bound_at is not None:
        names = ("driver_id", "vehicle_id", "lease_id", "waits_for", "bound_by_id", "bound_at")
        kept |= {name: getattr(before, name) for name in names}
    if before.counts_as == CountsAs.NOTHING:
        kept["counts_as"] = CountsAs.NOTHING.value
    return kept
