"""Trips into their table: a lot of them in one COPY."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connection

from core.columns import NULL, SEPARATOR, copy_rows
from curb.importers.attributes import TRIP_AMOUNTS
from curb.importers.trips import ReceivedTrip
from curb.importers.values import plain
from curb.models import AmountRemark, CountsAs, Trip, TripFile
from curb.rules import Place, shift_columns
from curb.selectors import TripMatcher
from curb.selectors.amounts import Rulings
from ledger.money import ZERO

_COLUMNS = (
    "file_id", "period", "record_id", "raw", "license", "cab", "service_number", "start_at", "end_at",
    "payment_type", *TRIP_AMOUNTS, "total", "passed_through", "driver_id", "vehicle_id", "lease_id", "waits_for",
    "bound_by_id", "bound_at", "counts_as", "supersedes_id",
)  # fmt: skip
#: What a person said of whose a trip is, in the order of the columns.
_WHOSE = ("driver_id", "vehicle_id", "lease_id", "waits_for", "bound_by_id", "bound_at")
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


def insert_trips(
    trips: Sequence[ReceivedTrip],
    file: TripFile,
    *,
    matcher: TripMatcher,
    rulings: Rulings,
    superseded: dict[Key, Trip],
    cells: Mapping[int, str],
    before_copy: Callable[[], object],
) -> set[Key]:
    """Match these trips and insert them; return those whose amounts leave something to tell.

    ``cells`` are by row what :func:`write_cells` made of it. ``before_copy`` is called when they are ready to be sent,
    and PostgreSQL is about to be waited for.

    :raises IntegrityError: another import has added one of them meanwhile (:func:`is_added_meanwhile`)
    """
    matcher.learn((trip.license, trip.cab, trip.start_at) for trip in trips)
    remarks = [remark for trip in trips for remark in _remark_on(trip, rulings)]
    shifts: dict[Key, dict[str, Decimal]] = {}
    for remark in remarks:
        if remark.read_as and remark.amount is not None:
            shift = shifts.setdefault(remark.key, {})
            for column, amount in shift_columns(remark.read_as, remark.amount).items():
                shift[column] = shift.get(column, ZERO) + amount
    number = str(file.pk)
    rows = []
    for trip in trips:
        key = (trip.period, trip.record_id)
        told = write_cells(trip, shifts[key]) if key in shifts else cells[trip.row]
        rows.append(SEPARATOR.join((number, told, *_whose(trip, matcher, superseded.get(key)))))
    before_copy()
    copy_rows("curb_trips", _COLUMNS, rows)
    _insert_remarks(remarks, file)
    return {remark.key for remark in remarks if not remark.read_as}


def is_added_meanwhile(refusal: DatabaseError) -> bool:
    """Whether another import has added a record between our look and our insert."""
    diagnosis = getattr(refusal.__cause__, "diag", None)
    return diagnosis is not None and diagnosis.constraint_name == "curb_trips_record"


def write_cells(trip: ReceivedTrip, shift: dict[str, Decimal] | None = None) -> str:
    """Return the columns that the record itself tells, in their order, as :func:`copy_rows` takes them.

    It asks nothing of the database, so that it is written while the server stores the lot before.
    """
    amounts, total, passed_through = trip.amounts, trip.total, ZERO
    if shift:
        amounts = {column: amount + shift.get(column, ZERO) for column, amount in amounts.items()}
        total += shift.get("total", ZERO)
        passed_through = shift.get("passed_through", ZERO)
    return SEPARATOR.join(
        (
            trip.period, trip.record_id, trip.raw, trip.license, trip.cab,
            trip.service_number, trip.start_at.isoformat(), _text(trip.end_at), trip.payment_type.value,
            *[str(amounts[column]) for column in TRIP_AMOUNTS], str(total), str(passed_through),
        )
    )  # fmt: skip


def _whose(trip: ReceivedTrip, matcher: TripMatcher, before: Trip | None) -> tuple[str, ...]:
    """Whose it is, as what it counts, and what it supersedes.

    An amended record takes from the one before what a person said of whose it is. How it was paid is asked anew, since
    the figures are others.
    """
    is_same_ride = before is not None and all(getattr(trip, name) == getattr(before, name) for name in _SAME_RIDE)
    if before is not None and is_same_ride and before.bound_at is not None:
        whose = tuple(_text(getattr(before, name)) for name in _WHOSE)
    else:
        match = matcher.match(trip.license, trip.cab, trip.start_at)
        whose = (
            _text(match.driver_id), _text(match.vehicle_id), _text(match.lease_id), match.waits_for.value, NULL, NULL
        )  # fmt: skip
    if before is None:
        return (*whose, "", NULL)
    stays_nobodys = is_same_ride and before.counts_as == CountsAs.NOTHING
    return (*whose, CountsAs.NOTHING.value if stays_nobodys else "", str(before.pk))


def _text(value: datetime | int | str | None) -> str:
    if value is None:
        return NULL
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
