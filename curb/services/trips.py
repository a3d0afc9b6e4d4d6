"""Trips in: kept as received, once each, and matched to whose they were."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from core.transactions import bounded_transaction
from curb.importers.trips import AMOUNT_ATTRIBUTES, ParsedTrips, ReceivedTrip, RowError, parse_trips
from curb.models import Trip, TripFile, WaitsFor
from curb.rules import EARNING_TYPES
from curb.selectors import TripMatcher, find_trip_file
from curb.services.expectations import expect_from_first_import

ROWS_IN_A_STATEMENT = 10_000
ROWS_IN_AN_UPDATE = 500
ERRORS_KEPT = 500

_COLUMN_TYPES = {
    "period": "text",
    "record_id": "text",
    "received": "jsonb",
    "raw": "text",
    "license": "text",
    "cab": "text",
    "start_at": "timestamptz",
    "end_at": "timestamptz",
    "payment_type": "text",
    **dict.fromkeys(AMOUNT_ATTRIBUTES, "numeric"),
    "total": "numeric",
    "driver_id": "bigint",
    "vehicle_id": "bigint",
    "lease_id": "bigint",
    "waits_for": "text",
}


@dataclass(frozen=True, slots=True)
class TripImport:
    """The file's record, and whether this call imported it or an earlier one did."""

    file: TripFile
    is_new: bool


def import_trips(*, file_name: str, content: bytes, actor: User | None = None) -> TripImport:
    """Import a file of trips; rows with errors are listed in the file's record and do not hinder the others.

    A trip is known by PERIOD and ID and kept as first received: importing it again changes nothing, and a record that
    comes again with other figures is an error of its row. The same file imported again returns its first record.

    :raises UnreadableTripFile: the file as a whole can't be read; nothing was imported
    """
    return keep_once(
        content, lambda sha256: _new_file(parse_trips(content), file_name, sha256, TripFile.Origin.FILE, actor)
    )


def keep_trips(*, file_name: str, content: bytes, parsed: ParsedTrips, actor: User | None = None) -> TripImport:
    """Keep an answer of CURB's trip log, which was parsed before, as :func:`import_trips` keeps a file."""
    return keep_once(content, lambda sha256: _new_file(parsed, file_name, sha256, TripFile.Origin.TRIP_LOG, actor))


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


def _new_file(
    parsed: ParsedTrips, file_name: str, sha256: str, origin: TripFile.Origin, actor: User | None
) -> TripFile:
    file = TripFile.objects.create(
        file_name=file_name[-200:], origin=origin, sha256=sha256, imported_by=actor, row_count=0
    )
    fresh, errors = _leave_out_known(parsed.trips)
    file.imported_count = sum(_insert(lot, file) for lot in _split(fresh))
    card_days = [timezone.localdate(trip.start_at) for trip in fresh if trip.payment_type in EARNING_TYPES]
    if card_days:
        expect_from_first_import(first_day=min(card_days), actor=actor)
    count_rows(file, parsed.row_count, [*parsed.errors, *errors])
    return file


def count_rows(file: TripFile, row_count: int, errors: Sequence[RowError]) -> None:
    """Note of every row what became of it: imported, known before, or in error."""
    file.row_count = row_count
    file.error_count = len(errors)
    file.known_count = file.row_count - file.imported_count - file.error_count
    file.errors = [asdict(error) for error in sorted(errors, key=lambda error: error.row)[:ERRORS_KEPT]]
    file.save()


def _leave_out_known(trips: Sequence[ReceivedTrip]) -> tuple[list[ReceivedTrip], list[RowError]]:
    """The trips that are new, and an error for each that is known with other figures."""
    known = _read_known(trips)
    fresh: list[ReceivedTrip] = []
    errors: list[RowError] = []
    for trip in trips:
        key = trip.period, trip.record_id
        if key not in known:
            known[key] = trip.received
            fresh.append(trip)
        elif known[key] != trip.received:
            errors.append(RowError(trip.row, "ID", "Received before with other figures; the first is kept."))
    return fresh, errors


def _read_known(trips: Sequence[ReceivedTrip]) -> dict[tuple[str, str], dict[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT period, record_id, received::text FROM curb_trips
            JOIN unnest(%s::text[], %s::text[]) AS given (period, record_id) USING (period, record_id)
            """,
            [[trip.period for trip in trips], [trip.record_id for trip in trips]],
        )
        return {(period, record_id): json.loads(received) for period, record_id, received in cursor.fetchall()}


def _split(trips: Sequence[ReceivedTrip]) -> Iterator[Sequence[ReceivedTrip]]:
    return (trips[start : start + ROWS_IN_A_STATEMENT] for start in range(0, len(trips), ROWS_IN_A_STATEMENT))


def _insert(trips: Sequence[ReceivedTrip], file: TripFile) -> int:
    """Match and insert these trips in one statement, and return how many; what another import added is left to it."""
    matcher = TripMatcher((trip.license, trip.cab, trip.start_at) for trip in trips)
    rows = [_columns_of(trip, matcher) for trip in trips]
    names = ", ".join(_COLUMN_TYPES)
    arrays = ", ".join(f"%s::{kind}[]" for kind in _COLUMN_TYPES.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO curb_trips ({names}, file_id, credited_reference, taxes_reference)
            SELECT {names}, %s, '', '' FROM unnest({arrays}) AS given ({names})
            ON CONFLICT (period, record_id) DO NOTHING
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
        "start_at": trip.start_at,
        "end_at": trip.end_at,
        "payment_type": trip.payment_type.value,
        **trip.amounts,
        "total": trip.total,
        "driver_id": match.driver_id,
        "vehicle_id": match.vehicle_id,
        "lease_id": match.lease_id,
        "waits_for": match.waits_for.value,
    }
