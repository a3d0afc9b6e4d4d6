"""The trips of a DTR: what they sum to, their taxes by kind with the rule, by day, and one by one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from core.words import say_days
from curb import rules
from curb.models.trips import PAYMENT_TYPE_LABELS
from curb.rules import PaymentType
from curb.selectors import CountedTrip, days
from dtr.exports.figures import dash, plain
from ledger.money import ZERO

#: What a trip is made of besides its taxes and fees.
_read_parts = attrgetter("fare", "tips", "tolls", "extras")
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
#: Which row of the table a trip counts in.
_KIND_OF = {str(kind): kind if kind in rules.TAXED_TYPES else None for kind in PaymentType}
#: Trips of a log that fit a page in two columns.
TRIPS_ON_A_PAGE = 120


@dataclass(frozen=True, slots=True)
class TripTable:
    """The parts of card, cash and other trips: a row each, of which the last cell is the sum of the parts."""

    names: list[str]
    rows: list[list[str]]


def tabulate_parts(trips: Sequence[CountedTrip]) -> TripTable | None:
    """Fares, tips, tolls, extras and taxes of card, cash and other trips; None where there were none.

    Trips of earlier weeks that were counted back stand apart, below zero.
    """
    of_kind: dict[PaymentType | None, list[CountedTrip]] = {kind: [] for kind in _NOTES}
    for trip in trips:
        of_kind[_KIND_OF[trip.payment_type]].append(trip)
    rows = []
    for kind, (name, note) in _NOTES.items():
        counted = [trip for trip in of_kind[kind] if not trip.is_counted_back]
        back = [trip for trip in of_kind[kind] if trip.is_counted_back]
        if counted:
            rows.append(_tabulate(name, note, counted))
        if back:
            rows.append(_tabulate(f"{name}, counted back", _say_counted_back(back), back))
    names = ["Paid by", "", "Trips", "Fares", "Tips", "Tolls", "Extras", "Taxes, fees", "Total"]
    return TripTable(names, rows) if rows else None


def _tabulate(name: str, note: str, trips: Sequence[CountedTrip]) -> list[str]:
    parts = [sum(part, ZERO) for part in zip(*map(_read_parts, trips), strict=True)]
    total = sum((trip.total for trip in trips), ZERO)
    amounts = [*parts, total - sum(parts, ZERO), total]
    return [name, note, str(len(trips)), *(dash(amount) for amount in amounts)]


def _say_counted_back(trips: Sequence[CountedTrip]) -> str:
    days_ = [trip.start.date() for trip in trips]
    count = "1 trip" if len(trips) == 1 else f"{len(trips)} trips"
    return f"{count} of {say_days(min(days_), max(days_), told_on=trips[0].week_end)}"


def list_taxes(trips: Iterable[CountedTrip]) -> list[list[str]]:
    """The taxes of card and cash trips by kind: the name, the trips and the rule they state, the amount."""
    taxed = [trip for trip in trips if trip.payment_type in rules.TAXED_TYPES]
    rows = []
    for column, name in _TAXES.items():
        rates = Counter(map(attrgetter(column), taxed))
        del rates[ZERO]
        if rates:
            rule = ", ".join(f"{count} × {plain(rate)}" for rate, count in sorted(rates.items(), reverse=True)[:3])
            more = "" if len(rates) <= 3 else f" and {sum(rates.values())} in all"
            amount = sum((rate * count for rate, count in rates.items()), ZERO)
            rows.append([name, f"{rule}{more}", plain(amount)])
    return rows


def list_days(trips: Iterable[CountedTrip]) -> list[list[str]]:
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


def list_log(trips: Sequence[CountedTrip]) -> list[list[list[str]]]:
    """The trips in parts that fit a page; a part is two columns, a column its fields, a line for each trip."""
    parts = []
    for start in range(0, len(trips), TRIPS_ON_A_PAGE):
        rows = [_describe(trip) for trip in trips[start : start + TRIPS_ON_A_PAGE]]
        height = -(-len(rows) // 2)
        columns = [rows[top : top + height] for top in range(0, len(rows), height)]
        parts.append([["\n".join(fields) for fields in zip(*column, strict=True)] for column in columns])
    return parts


def _describe(trip: CountedTrip) -> list[str]:
    note = ", counted back" if trip.is_counted_back else ", late" if trip.is_late else ""
    return [
        f"{trip.start:%m/%d %H:%M}",
        trip.cab,
        PAYMENT_TYPE_LABELS[trip.payment_type] + note,
        dash(trip.fare),
        dash(trip.tips),
        dash(trip.tolls),
        plain(trip.total),
        dash(trip.taxes_total),
    ]
