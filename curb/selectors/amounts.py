"""What the amounts of CURB's records left open, and what was ruled of it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from curb.importers.attributes import TRIP_AMOUNTS
from curb.models import AmountRemark, AttributeRuling, TripFile
from curb.models.trips import Trip
from ledger.money import ZERO, format_dollars

_What = AmountRemark.What


class Rulings:
    """What was ruled of each attribute, read once, when it is first asked for."""

    def find(self, key: str, moment: datetime) -> str:
        """Return where an attribute of a trip that began then belongs; blank where nobody has said so."""
        if key not in self._by_key:
            return ""
        day = timezone.localdate(moment)
        return next((place for from_on, place in self._by_key[key] if from_on <= day), "")

    @cached_property
    def _by_key(self) -> dict[str, list[tuple[date, str]]]:
        by_key: dict[str, list[tuple[date, str]]] = defaultdict(list)
        for key, from_on, place in AttributeRuling.objects.order_by("-pk").values_list("key", "from_on", "place"):
            by_key[key].append((from_on, place))
        return dict(by_key)


@dataclass(frozen=True, slots=True)
class OpenAttribute:
    """An attribute that nobody has ruled: unknown, and read as an amount, or a tax that records do not name."""

    key: str
    name: str
    is_missing: bool
    trips: int
    transactions: int
    #: Of unknown ones in trips, in dollars.
    amount: Decimal
    first_on: date
    last_on: date

    @property
    def sentence(self) -> str:
        days = f"{self.first_on:%b %-d, %Y}"
        if self.first_on != self.last_on:
            days += f" to {self.last_on:%b %-d, %Y}"
        of = " and ".join(
            f"{count} {name}{'' if count == 1 else 's'}"
            for count, name in ((self.trips, "trip"), (self.transactions, "card transaction"))
            if count
        )
        if self.is_missing:
            return f"{self.name} is a tax that {of} ({days}) do not name."
        return f"{self.name} is not known: {format_dollars(self.amount)} in {of} ({days})."


@dataclass(frozen=True, slots=True)
class UnseenSums:
    """A file with records whose parts are not their total, at which nobody has looked."""

    file_id: int
    file_name: str
    records: int
    #: The totals less the parts, in dollars.
    amount: Decimal

    @property
    def sentence(self) -> str:
        records = "1 record" if self.records == 1 else f"{self.records} records"
        return f"{self.file_name}: the parts of {records} are not the total ({format_dollars(self.amount)} in all)."


_OPEN_RECORDS = """
    SELECT r.what, r.key, r.name, r.amount, r.trip_id, r.transaction_id,
        coalesce(t.file_id, x.file_id) AS file_id,
        (coalesce(t.start_at, x.start_at) AT TIME ZONE 'America/New_York')::date AS day
    FROM curb_amount_remarks r
    LEFT JOIN curb_trips t ON t.id = r.trip_id
    LEFT JOIN curb_card_transactions x ON x.id = r.transaction_id
    WHERE r.read_as = '' AND r.seen_at IS NULL AND coalesce(t.is_current, x.is_current)
"""


def list_open_attributes() -> list[OpenAttribute]:
    """The attributes that nobody has ruled, by name."""
    sql = f"""
        SELECT key, min(name), what = 'MISSING', count(trip_id), count(transaction_id),
            coalesce(sum(amount) FILTER (WHERE trip_id IS NOT NULL), 0), min(day), max(day)
        FROM ({_OPEN_RECORDS}) AS open WHERE what <> 'SUM' GROUP BY key, what ORDER BY min(name), what
    """
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [OpenAttribute(*row) for row in cursor.fetchall()]


def list_unseen_sums() -> list[UnseenSums]:
    """The files with records whose parts are not their total, at which nobody has looked, the oldest first."""
    sql = f"""
        SELECT f.id, f.file_name, count(*), sum(open.amount)
        FROM ({_OPEN_RECORDS}) AS open JOIN curb_trip_files f ON f.id = open.file_id
        WHERE what = 'SUM' GROUP BY f.id ORDER BY f.id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [UnseenSums(*row) for row in cursor.fetchall()]


def find_attribute_name(key: str) -> str | None:
    """Return an attribute as it came first, by its key; None where no record came with it, or without it."""
    remark = AmountRemark.objects.filter(key=key).exclude(key="").order_by("pk").first()
    return remark.name if remark else None


def is_missing_tax(key: str) -> bool:
    """Whether an attribute is a tax that records do not name."""
    return AmountRemark.objects.filter(key=key, what=_What.MISSING).exists()


def list_remarks_on(trip: Trip) -> QuerySet[AmountRemark]:
    """What is to be told of a trip's amounts."""
    return AmountRemark.objects.filter(trip=trip).select_related("trip", "transaction").order_by("pk")


def list_remarks(*files: TripFile) -> QuerySet[AmountRemark]:
    """What is to be told of the amounts of these files' records as they stand, in the order in which they came."""
    of_files = Q(trip__file__in=files, trip__is_current=True)
    of_files |= Q(transaction__file__in=files, transaction__is_current=True)
    return AmountRemark.objects.filter(of_files).select_related("trip", "transaction", "seen_by").order_by("pk")


def list_open_remarks(*files: TripFile) -> QuerySet[AmountRemark]:
    """Of the remarks on these files' records those that nobody has ruled, or looked at."""
    return list_remarks(*files).filter(read_as="", seen_at=None)


def describe_remark(remark: AmountRemark) -> str:
    """What a remark says of its record, in a sentence."""
    name, parts, total = _read_sums(remark)
    sums = f"parts {parts}, total {total}"
    if remark.read_as:
        told = f", {remark.amount}" if remark.amount is not None else ""
        return f"{name}: {remark.name}{told}. {remark.get_read_as_display()}."
    if remark.what == _What.SUM:
        return f"{name}: {sums}."
    if remark.what == _What.MISSING:
        return f"{name}: attribute {remark.name} is missing; no such tax is charged."
    if parts == total:
        return f"{name}: {sums} without attribute {remark.name}, {remark.amount}, which is not known."
    return f"{name}: {sums} (attribute {remark.name} is not known)."


def _read_sums(remark: AmountRemark) -> tuple[str, Decimal, Decimal]:
    record = remark.trip or remark.transaction
    assert record is not None
    if isinstance(record, Trip):
        parts = sum((getattr(record, column) for column in TRIP_AMOUNTS), record.passed_through)
        return f"Trip {record}", parts, record.total + record.passed_through
    columns = [column for column in TRIP_AMOUNTS if column != "health"]
    return f"Card transaction {record}", sum((getattr(record, column) for column in columns), ZERO), record.amount
