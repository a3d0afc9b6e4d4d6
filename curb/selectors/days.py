"""What a trip log sums to, day by day and kind by kind, from rows that were read already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from curb.models import TripCount
from curb.rules import PaymentType
from curb.selectors.logs import CountedTrip
from ledger.money import ZERO

_NAMES = {
    "mta_tax": "MTA",
    "improvement": "improvement (TIF)",
    "congestion": "congestion",
    "airport": "airport",
    "cbd": "CBD",
}


@dataclass(slots=True)
class DaySums:
    """A New York day's trips, in dollars; ``is_late`` when it lies before the week that counts them."""

    day: date
    is_late: bool = False
    card_trips: int = 0
    card_total: Decimal = ZERO
    cash_trips: int = 0
    cash_total: Decimal = ZERO
    other_trips: int = 0
    taxes_total: Decimal = ZERO


def sum_days(trips: Iterable[CountedTrip]) -> list[DaySums]:
    """What was counted by the New York day on which the trips began, in the order of the days; a trip counted back
    takes its money away, and is not among the trips."""
    days: dict[date, DaySums] = {}
    for trip in trips:
        day = trip.start.date()
        sums = days.get(day) or days.setdefault(day, DaySums(day, is_late=trip.is_late))
        sums.taxes_total += trip.taxes_total
        is_counted = not trip.is_counted_back
        if trip.payment_type == PaymentType.CARD:
            sums.card_trips += is_counted
            sums.card_total += trip.total
        elif trip.payment_type == PaymentType.CASH:
            sums.cash_trips += is_counted
            sums.cash_total += trip.total
        else:
            sums.other_trips += is_counted
    return [days[day] for day in sorted(days)]


def sum_taxes_of(counts: Iterable[TripCount]) -> dict[str, Decimal]:
    """The taxes that were counted by kind, under the names a driver reads."""
    sums = dict.fromkeys(_NAMES.values(), ZERO)
    for count in counts:
        for column, name in _NAMES.items():
            sums[name] += getattr(count, column)
    return sums
