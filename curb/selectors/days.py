"""What trips sum to, day by day and trip by trip, from rows that were read already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from curb import rules
from curb.models import Trip
from curb.rules import PaymentType
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


def sum_days(trips: Iterable[Trip]) -> list[DaySums]:
    """What the trips sum to by the New York day on which they began, in the order of the days."""
    days: dict[date, DaySums] = {}
    for trip in trips:
        day = timezone.localdate(trip.start_at)
        sums = days.setdefault(day, DaySums(day, is_late=trip.is_late))
        sums.taxes_total += sum_taxes_of_trip(trip)
        if trip.payment_type == PaymentType.CARD:
            sums.card_trips += 1
            sums.card_total += trip.total
        elif trip.payment_type == PaymentType.CASH:
            sums.cash_trips += 1
            sums.cash_total += trip.total
        else:
            sums.other_trips += 1
    return [days[day] for day in sorted(days)]


def sum_taxes_of_trip(trip: Trip) -> Decimal:
    """What a trip adds to its driver's taxes: nothing unless it is a card or a cash trip."""
    if trip.payment_type not in rules.TAXED_TYPES:
        return ZERO
    return sum((getattr(trip, column) for column in rules.TAX_COLUMNS), ZERO)


def sum_taxes_of(trips: Iterable[Trip]) -> dict[str, Decimal]:
    """The taxes of the card and cash trips by kind, under the names a driver reads."""
    sums = dict.fromkeys(_NAMES.values(), ZERO)
    for trip in trips:
        if trip.payment_type in rules.TAXED_TYPES:
            for column, name in _NAMES.items():
                sums[name] += getattr(trip, column)
    return sums
