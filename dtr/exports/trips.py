"""The trips of a DTR: what they sum to, their taxes by kind with the rule, by day, and one by one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from core.words import say_days
from curb import rules
from curb.models import TripCount
from curb.rules import PaymentType
from curb.selectors import days
from dtr.exports.figures import dash, plain
from ledger.money import ZERO

#: What a trip is made of besides its taxes and fees.
_PARTS = ("fare", "tips", "tolls", "extras")
_NOTES = {
    PaymentType.CARD: ("Card", "credited to you in full"),
    PaymentType.CASH: ("Cash", "for information: you hold it"),
    None: ("No charge, dispute, private", "neither credited nor charged"),
}
_TAXES = {
    "mta_tax": "MTA tax",
    "improvement": "Improvement surcharge (TIF)",
    "congestion": "Congestion surcharge",
    "airport": "Airport fee",
    "cbd": "Congestion zone (CBD) toll",
}
#: Trips of a log that fit a page in two columns.
TRIPS_ON_A_PAGE = 120


@dataclass(frozen=True, slots=True)
class TripTable:
    """The parts of card, cash and other trips: a row each, of which the last cell is the sum of the parts."""

    names: list[str]
    rows: list[list[str]]


def tabulate_parts(trips: Sequence[TripCount]) -> TripTable | None:
    """Fares, tips, tolls, extras and taxes of card, cash and other trips; None where there were none.

    Trips of earlier weeks that were counted back stand apart, below zero.
    """
    rows = []
    for kind, (name, note) in _NOTES.items():
        of_kind = [trip for trip in trips if _kind_of(trip) == kind]
        counted = [trip for trip in of_kind if not trip.is_counted_back]
        back = [trip for trip in of_kind if trip.is_counted_back]
        if counted:
            rows.append(_tabulate(name, note, counted))
        if back:
            rows.append(_tabulate(f"{name}, counted back", _say_counted_back(back), back))
    names = ["Paid by", "", "Trips", "Fares", "Tips", "Tolls", "Extras", "Taxes, fees", "Total"]
    return TripTable(names, rows) if rows else None


def _tabulate(name: str, note: str, trips: Sequence[TripCount]) -> list[str]:
    parts = [sum((getattr(trip, part) for trip in trips), ZERO) for part in _PARTS]
    total = sum((trip.total for trip in trips), ZERO)
    amounts = [*parts, total - sum(parts, ZERO), total]
    return [name, note, str(len(trips)), *(dash(amount) for amount in amounts)]


def _say_counted_back(trips: Sequence[TripCount]) -> str:
    days_ = [timezone.localdate(trip.trip.start_at) for trip in trips]
    count = "1 trip" if len(trips) == 1 else f"{len(trips)} trips"
    return f"{count} of {say_days(min(days_), max(days_), told_on=trips[0].week_end)}"


def list_taxes(trips: Iterable[TripCount]) -> list[list[str]]:
    """The taxes of card and cash trips by kind: the name, the trips and the rule they state, the amount."""
    taxed = [trip for trip in trips if trip.payment_type in rules.TAXED_TYPES]
    rows = []
    for column, name in _TAXES.items():
        rates = Counter(getattr(trip, column) for trip in taxed if getattr(trip, column))
        if rates:
            rule = ", ".join(f"{count} × {plain(rate)}" for rate, count in sorted(rates.items(), reverse=True)[:3])
            more = "" if len(rates) <= 3 else f" and {sum(rates.values())} in all"
            amount = sum((rate * count for rate, count in rates.items()), ZERO)
            rows.append([name, f"{rule}{more}", plain(amount)])
    return rows


def list_days(trips: Iterable[TripCount]) -> list[list[str]]:
    return [
        [
            f"{day.day:%a %b %-d}" + (" · late" if day.is_late else ""),
            str(day.card_trips),
            plain(day.card_total),
            str(day.cash_trips),
            plain(day.cash_total),
            str(day.other_trips) if day.other_trips else "",
            plain(day.taxes_total),
        ]
        for day in days.sum_days(trips)
    ]


def list_log(trips: Sequence[TripCount]) -> list[list[list[str]]]:
    """The trips in parts that fit a page; a part is two columns, a column its fields, a line for each trip."""
    parts = []
    for start in range(0, len(trips), TRIPS_ON_A_PAGE):
        rows = [_describe(trip) for trip in trips[start : start + TRIPS_ON_A_PAGE]]
        height = -(-len(rows) // 2)
        columns = [rows[top : top + height] for top in range(0, len(rows), height)]
        parts.append([["\n".join(fields) for fields in zip(*column, strict=True)] for column in columns])
    return parts


def _describe(row: TripCount) -> list[str]:
    start = timezone.localtime(row.trip.start_at)
    note = ", counted back" if row.is_counted_back else ", late" if row.is_late else ""
    return [
        f"{start:%m/%d %H:%M}",
        row.trip.cab,
        row.get_payment_type_display() + note,
        *(_bare(getattr(row, part)) for part in ("fare", "tips", "tolls")),
        plain(row.total),
        _bare(row.taxes_total),
    ]


def _kind_of(trip: TripCount) -> PaymentType | None:
    kind = PaymentType(trip.payment_type)
    return kind if kind in rules.TAXED_TYPES else None


def _bare(amount: Decimal) -> str:
    return plain(amount) if amount else "–"
