"""A person rules where an attribute of CURB's records belongs, or has looked at sums that do not add up.

A trip stays as it was received. Where a ruling changes what it credits or charges, the record is read anew: a further
version supersedes the first, as an amended record does, so that the next close counts back what was counted, and counts
it as it is.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Now

from core.checks import check_date, check_reason
from core.clock import at
from core.transactions import bounded_transaction
from curb.errors import AlreadyRuled, AlreadySeen, AttributeNotFound, PlaceInvalid, TripFileNotFound
from curb.models import AmountRemark, AttributeRuling, TripFile
from curb.rules import TAX_COLUMNS, Place, shift_columns
from curb.selectors import list_open_remarks
from ledger.money import ZERO

#: What a ruling may change of a trip.
_COLUMNS = (*TAX_COLUMNS, "total", "passed_through")
#: What a further version of a record repeats of the first.
_REPEATED = (
    "period", "record_id", "file_id", "raw", "license", "cab", "service_number", "start_at", "end_at",
    "payment_type", "fare", "tips", "extras", "tolls", "ehail", "health", "driver_id", "vehicle_id", "lease_id",
    "waits_for", "bound_by_id", "bound_at", "counts_as", "paired_with_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RulingPreview:
    """What a ruling changes now: of trips that stand and begin on its day or later, in dollars."""

    records: int
    #: Of them those that are credited or charged otherwise, and of these the ones that a close has counted.
    read_anew: int
    counted: int
    #: What the trips read anew are credited and charged more; below zero, less.
    credited: Decimal
    taxes: Decimal


def preview_ruling(*, key: str, place: str, from_on: date) -> RulingPreview:
    """Return what :func:`rule_attribute` would do, or raise what it would; nothing is written."""
    _check(key, place, from_on)
    return _preview(_find_affected(key, place, from_on))


@bounded_transaction
def rule_attribute(*, key: str, place: str, from_on: date, reason: str, actor: User | None) -> RulingPreview:
    """Say where an attribute belongs, of the trips that begin on ``from_on`` in New York or later; return what it did.

    ``key`` is the attribute without case and separators, ``place`` one of :class:`curb.rules.Place`. Records that come
    later are read so; trips that are there and are credited or charged otherwise by it are read anew. What a person
    said of them (whose they are, how they were paid) stands. What was ruled before stays on record.

    :raises ReasonRequired, ValueInvalid: no reason, or no plausible day
    :raises AttributeNotFound: no record came with it, or without it
    :raises PlaceInvalid: it can't belong there
    :raises AlreadyRuled: the newest ruling says so, from that day on
    :raises Busy: somebody is at one of these trips just now
    """
    reason = check_reason(reason)
    name = _check(key, place, from_on)
    affected = _find_affected(key, place, from_on, lock=True)
    done = _preview(affected)
    AttributeRuling.objects.create(key=key, name=name, place=place, from_on=from_on, reason=reason, ruled_by=actor)
    anew = [row for row in affected if row.shift]
    _read_anew(anew, key=key, place=place)
    same = [row.remark_id for row in affected if not row.shift]
    AmountRemark.objects.filter(pk__in=same).update(read_as=place)
    return done


@bounded_transaction
def look_at_sums(*, file_id: int, reason: str, actor: User | None) -> int:
    """Say that a file's records whose parts are not their total were looked at, and what was found; return how many.

    They count by their total.

    :raises ReasonRequired: no reason given
    :raises TripFileNotFound: there is no such file
    :raises AlreadySeen: none of its records waits to be looked at
    :raises Busy: somebody is at them just now
    """
    reason = check_reason(reason)
    file = TripFile.objects.filter(pk=file_id).first()
    if file is None:
        raise TripFileNotFound(f"There is no file {file_id}.", file_id=file_id)
    sums = list_open_remarks(file).filter(what=AmountRemark.What.SUM).select_related(None)
    numbers = list(sums.select_for_update(of=("self",)).values_list("pk", flat=True))
    if not numbers:
        raise AlreadySeen("No sum of this file waits to be looked at.", file_id=file_id)
    return AmountRemark.objects.filter(pk__in=numbers).update(seen_by=actor, seen_at=Now(), seen_reason=reason)


def _check(key: str, place: str, from_on: date) -> str:
    """Check the arguments of a ruling, and return the attribute as it came."""
    check_date(from_on, field="from_on")
    known = AmountRemark.objects.filter(key=key).exclude(key="").order_by("pk").first()
    if known is None:
        raise AttributeNotFound("No record came with this attribute as an amount that nobody knows, or without it.")
    may_be_missing = place == Place.MAY_BE_MISSING
    if place not in list(Place) or may_be_missing != (known.what == AmountRemark.What.MISSING):
        raise PlaceInvalid(
            f"{known.name} is a tax: it may be left out, and nothing else."
            if known.what == AmountRemark.What.MISSING
            else f"{known.name} is no tax that may be left out: say what it is."
        )
    newest = AttributeRuling.objects.filter(key=key).order_by("-pk").first()
    if newest is not None and (newest.place, newest.from_on) == (place, from_on):
        raise AlreadyRuled(f"{newest}: so it was ruled already.")
    return known.name


@dataclass(frozen=True, slots=True)
class _Affected:
    remark_id: int
    trip_id: int | None
    is_counted: bool
    is_card: bool
    is_taxed: bool
    shift: dict[str, Decimal]


def _find_affected(key: str, place: str, from_on: date, *, lock: bool = False) -> list[_Affected]:
    """The remarks that the ruling reaches on records that stand, and how it shifts the columns of their trips."""
    sql = f"""
        SELECT r.id, t.id, t.week_end IS NOT NULL, paid_as = 'CARD', paid_as IN ('CARD', 'CASH'), r.amount, r.read_as
        FROM curb_amount_remarks r
        LEFT JOIN curb_trips t ON t.id = r.trip_id
        LEFT JOIN curb_card_transactions x ON x.id = r.transaction_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN t.counts_as = '' THEN t.payment_type ELSE t.counts_as END AS paid_as) AS paid
        WHERE r.key = %(key)s AND r.read_as <> %(place)s AND coalesce(t.is_current, x.is_current)
            AND coalesce(t.start_at, x.start_at) >= %(from_at)s
        ORDER BY t.id, r.id {"FOR UPDATE OF r" if lock else ""}
    """
    with connection.cursor() as cursor:
        if lock:
            _lock_trips(cursor, key, from_on)
        cursor.execute(sql, {"key": key, "place": place, "from_at": at(from_on)})
        return [
            _Affected(
                remark_id, trip_id, is_counted, bool(is_card), bool(is_taxed), _shift(trip_id, amount, old, place)
            )
            for remark_id, trip_id, is_counted, is_card, is_taxed, amount, old in cursor.fetchall()
        ]


def _lock_trips(cursor: Any, key: str, from_on: date) -> None:
    cursor.execute(
        """
        SELECT t.id FROM curb_trips t WHERE t.is_current AND t.start_at >= %s
            AND t.id IN (SELECT trip_id FROM curb_amount_remarks WHERE key = %s)
        ORDER BY t.id FOR UPDATE
        """,
        [at(from_on), key],
    )


def _shift(trip_id: int | None, amount: Decimal | None, old: str, place: str) -> dict[str, Decimal]:
    """What reading an amount anew adds to the columns of its trip; nothing where they stay."""
    if trip_id is None or amount is None:
        return {}
    shift = dict.fromkeys(_COLUMNS, ZERO)
    for column, dollars in shift_columns(place, amount).items():
        shift[column] += dollars
    for column, dollars in shift_columns(old, amount).items():
        shift[column] -= dollars
    return {column: dollars for column, dollars in shift.items() if dollars}


def _preview(affected: list[_Affected]) -> RulingPreview:
    anew = [row for row in affected if row.shift]
    return RulingPreview(
        records=len(affected),
        read_anew=len(anew),
        counted=sum(row.is_counted for row in anew),
        credited=sum((row.shift.get("total", ZERO) for row in anew if row.is_card), ZERO),
        taxes=sum((row.shift.get(column, ZERO) for row in anew if row.is_taxed for column in TAX_COLUMNS), ZERO),
    )


def _read_anew(affected: list[_Affected], *, key: str, place: str) -> None:
    """Supersede each trip by one that reads the attribute so, with its remarks; in three statements."""
    if not affected:
        return
    numbers = [row.trip_id for row in affected]
    repeated = ", ".join(_REPEATED)
    shifted = ", ".join(f"t.{column} + given.{column}" for column in _COLUMNS)
    arrays = ", ".join("%s::numeric[]" for _ in _COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE curb_trips SET is_current = false, awaits_count = week_end IS NOT NULL WHERE id = ANY(%s)",
            [numbers],
        )
        cursor.execute(
            f"""
            INSERT INTO curb_trips ({repeated}, supersedes_id, {", ".join(_COLUMNS)})
            SELECT {", ".join(f"t.{column}" for column in _REPEATED)}, t.id, {shifted}
            FROM curb_trips t JOIN unnest(%s::bigint[], {arrays}) AS given (id, {", ".join(_COLUMNS)}) USING (id)
            ORDER BY t.id
            """,
            [numbers, *([row.shift.get(column, ZERO) for row in affected] for column in _COLUMNS)],
        )
        cursor.execute(
            """
            INSERT INTO curb_amount_remarks (trip_id, what, key, name, amount, read_as, seen_by_id, seen_at,
                seen_reason)
            SELECT anew.id, r.what, r.key, r.name, r.amount, CASE WHEN r.key = %s THEN %s ELSE r.read_as END,
                r.seen_by_id, r.seen_at, r.seen_reason
            FROM curb_amount_remarks r JOIN curb_trips anew ON anew.supersedes_id = r.trip_id
            WHERE r.trip_id = ANY(%s) ORDER BY r.id
            """,
            [key, place, numbers],
        )
