"""Trips in: kept as received, once each, and matched to whose they were."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.db.models import Case, Q, When
from django.utils import timezone

from core.columns import as_column, split_column
from core.errors import Busy
from core.lots import ReadAhead, split
from core.telling import tell_done, telling_refusals
from core.transactions import BUSY, bounded_transaction, is_retryable
from curb.importers.trips import ParsedTrips, ReceivedTrip, RowError, iterate_trips, read_again
from curb.models import Trip, TripFile, WaitsFor
from curb.rules import EARNING_TYPES
from curb.selectors import Rulings, TripMatcher, find_trip_file
from curb.services.expectations import expect_from_first_import
from curb.services.pairs import pair_rows_of
from curb.services.storing import Key, insert_trips, is_added_meanwhile, write_cells
from curb.services.unread import count_rows

logger = logging.getLogger(__name__)

#: Trips that one statement inserts; two such lots are in memory at once.
ROWS_IN_A_LOT = 2_500
ROWS_IN_AN_UPDATE = 500
#: How often a file is begun whose records other imports bring at the same time.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class TripImport:
    """The file's record, and whether this call imported it or an earlier one did."""

    file: TripFile
    is_new: bool


def import_trips(*, file_name: str, content: bytes, actor: User | None = None) -> TripImport:
    """Import a file of trips; rows with errors are kept with the file and do not hinder the others.

    A trip is known by PERIOD and ID and kept as received: importing it again changes nothing, however it is spelt. A
    record that comes with other figures supersedes the one before, and ``amended_by`` tells the dollars; where that one
    was counted, the next close counts the difference. What its amounts leave open (an attribute that nobody knows, a
    tax that is not named, parts that are not the total) is kept as remarks. The same file imported again returns its
    first record; two records of one file that contradict each other are an error.

    :raises UnreadableTripFile: the file as a whole can't be read; nothing was imported
    :raises Busy: others bring the same records just now
    """

    def keep(sha256: str) -> TripFile:
        file = TripFile(file_name=file_name[-200:], sha256=sha256, imported_by=actor)
        return _fill(file, iterate_trips(content))

    with telling_refusals(logger, "Trip file %s was refused", file_name):
        done = keep_once(content, keep)
    file = done.file
    tell_done(
        logger,
        "Trip file %s %s: %s rows, %s imported, %s known before, %s with errors.",
        *(file, "was imported" if done.is_new else "was imported before"),
        *(file.row_count, file.imported_count, file.known_count, file.error_count),
    )
    return done


def keep_trips(
    *, file_name: str, content: bytes, parsed: ParsedTrips, asked_on: date | None = None, actor: User | None = None
) -> TripImport:
    """Keep an answer of CURB's trip log, which was parsed before, as :func:`import_trips` keeps a file.

    ``asked_on`` is the day that CURB was asked about.
    """

    def keep(sha256: str) -> TripFile:
        file = TripFile(
            file_name=file_name[-200:],
            origin=TripFile.Origin.TRIP_LOG,
            sha256=sha256,
            imported_by=actor,
            asked_on=asked_on,
        )
        return _fill(file, [*parsed.errors, *parsed.trips])

    return keep_once(content, keep)


def keep_once(content: bytes, keep: Callable[[str], TripFile]) -> TripImport:
    """Return the file of this content, made by ``keep`` in one transaction unless it was imported before.

    Where another import has brought one of its records meanwhile, or both wait for each other, it is made anew, which
    finds those records as known.

    :raises Busy: that has happened time and again
    """
    sha256 = hashlib.sha256(content).hexdigest()
    for _ in range(_TRIES):
        known_file = find_trip_file(sha256)
        if known_file is not None:
            return TripImport(known_file, is_new=False)
        try:
            with transaction.atomic():
                return TripImport(keep(sha256), is_new=True)
        except DatabaseError as refusal:
            # Somebody imported the same file, or one of its records, at the same time, and was first.
            if not (is_added_meanwhile(refusal) or is_retryable(refusal)) and find_trip_file(sha256) is None:
                raise
    raise Busy(BUSY)


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


def _fill(file: TripFile, rows: Iterable[ReceivedTrip | RowError]) -> TripFile:
    file.row_count = 0
    file.save()
    written = ((row, write_cells(row) if isinstance(row, ReceivedTrip) else "") for row in rows)
    with closing(ReadAhead(split(written, ROWS_IN_A_LOT))) as lots:
        intake = _Intake(file, before_copy=lots.begin_next)
        for lot in lots:
            intake.take(lot)
    intake.finish()
    return file


class _Intake:
    """The trips of one file on their way into the database, a lot at a time: few of them are in memory at once."""

    def __init__(self, file: TripFile, *, before_copy: Callable[[], object]) -> None:
        self.file = file
        self._before_copy = before_copy
        self.errors: list[RowError] = []
        self._row_count = 0
        self._first_card_at: datetime | None = None
        self._matcher = TripMatcher()
        self._rulings = Rulings()

    def take(self, lot: Sequence[tuple[ReceivedTrip | RowError, str]]) -> None:
        """Keep what is new of these, and what comes otherwise than before; each row with its cells as written."""
        self._row_count += len(lot)
        self.errors += [row for row, _ in lot if isinstance(row, RowError)]
        self._keep([row for row, _ in lot if isinstance(row, ReceivedTrip)], {row.row: cells for row, cells in lot})

    def _keep(self, received: Sequence[ReceivedTrip], cells: Mapping[int, str]) -> None:
        if not received:
            return
        trips = self._leave_out_contradictions(received)
        fresh, amended = self._compare(trips)
        superseded = _supersede(amended)
        # Those that supersede come first: their numbers are free then.
        for trips_of_kind, before in (([trip for trip, _ in amended], superseded), (fresh, {})):
            if trips_of_kind:
                remarked = insert_trips(
                    trips_of_kind,
                    self.file,
                    matcher=self._matcher,
                    rulings=self._rulings,
                    superseded=before,
                    cells=cells,
                    before_copy=self._before_copy,
                )
                self.file.imported_count += len(trips_of_kind)
                self.file.amended_count += len(trips_of_kind) if before else 0
                self.file.remarked_count += len(remarked)
        for trip, _ in amended:
            before_it = superseded[trip.period, trip.record_id]
            self.file.amended_by += trip.total - before_it.total - before_it.passed_through
        card_moments = [trip.start_at for trip in fresh if trip.payment_type in EARNING_TYPES]
        if card_moments:
            self._first_card_at = min([*card_moments, *([self._first_card_at] if self._first_card_at else [])])

    def finish(self) -> None:
        if self._first_card_at is not None:
            first_day = timezone.localdate(self._first_card_at)
            expect_from_first_import(first_day=first_day, actor=self.file.imported_by)
        count_rows(self.file, self._row_count, self.errors)
        pair_rows_of(self.file)

    def _leave_out_contradictions(self, trips: Iterable[ReceivedTrip]) -> list[ReceivedTrip]:
        """Each record once, and an error for each that the same file has with other figures."""
        first: dict[Key, ReceivedTrip] = {}
        for trip in trips:
            earlier = first.setdefault((trip.period, trip.record_id), trip)
            if earlier is not trip and not earlier.says_the_same(trip):
                self._contradict(trip)
        return list(first.values())

    def _contradict(self, trip: ReceivedTrip) -> None:
        message = "The file has this record twice, with different figures; the first is kept."
        self.errors.append(RowError(trip.row, "ID", message, timezone.localdate(trip.start_at)))

    def _compare(self, trips: Sequence[ReceivedTrip]) -> tuple[list[ReceivedTrip], list[tuple[ReceivedTrip, int]]]:
        """The trips that are new, and those that are known with other figures, each with the id of what it amends."""
        known = _read_known(trips)
        fresh: list[ReceivedTrip] = []
        amended: list[tuple[ReceivedTrip, int]] = []
        for trip in trips:
            before = known.get((trip.period, trip.record_id))
            if before is None:
                fresh.append(trip)
            elif not _says_the_same(trip, before):
                if before.file_id == self.file.pk:
                    self._contradict(trip)
                else:
                    amended.append((trip, before.pk))
        return fresh, amended


@dataclass(frozen=True, slots=True)
class _Known:
    pk: int
    file_id: int
    raw: str


def _says_the_same(trip: ReceivedTrip, known: _Known) -> bool:
    """Whether a record comes as it is known, however it is spelt."""
    if known.raw == trip.raw:
        return True
    before = read_again(known.raw)
    return before is not None and trip.says_the_same(before)


def _read_known(trips: Sequence[ReceivedTrip]) -> dict[Key, _Known]:
    # Each looked up by itself (LIMIT keeps PostgreSQL to it): joined, a table that grew since it was last counted is
    # sorted as a whole for every lot.
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT given.period, given.record_id, known.id, known.file_id, known.raw
            FROM unnest({split_column("text")}, {split_column("text")}) AS given (period, record_id)
            CROSS JOIN LATERAL (
                SELECT id, file_id, raw FROM curb_trips
                WHERE period = given.period AND record_id = given.record_id AND is_current LIMIT 1) AS known
            """,
            [as_column(trip.period for trip in trips), as_column(trip.record_id for trip in trips)],
        )
        return {
            (period, record): _Known(number, file_id, raw) for period, record, number, file_id, raw in cursor.fetchall()
        }


def _supersede(amended: Sequence[tuple[ReceivedTrip, int]]) -> dict[Key, Trip]:
    """Take what these amend out of what is current, and return it as it was.

    What a close has counted is looked at by the next, which counts it back; the rest counts for nobody any more.
    """
    numbers = [number for _, number in amended]
    if not numbers:
        return {}
    current = list(Trip.objects.current().filter(pk__among=numbers).order_by("pk").select_for_update(of=("self",)))
    if len(current) < len(numbers):
        raise Busy(BUSY)
    Trip.objects.filter(pk__among=numbers).update(
        is_current=False, awaits_count=Case(When(week_end=None, then=False), default=True)
    )
    return {(trip.period, trip.record_id): trip for trip in current}
