"""A week of trips in CURB's shape, for every lease of the demo."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from core.weeks import Week
from curb import services as curb
from curb.client import CurbAccount
from curb.sandbox import GivenTrips, Sandbox, run_in_thread
from leases.models import Driver, Lease
from ledger.money import round_cents

#: Trips a week, and the hours in which they start.
FULL_TIME, ONE_SHIFT = 54, 38
#: Every seventh driver drives half as much, and does not earn the rent.
SLOW = 7
HOURS = {"FULL": (6, 22), "DAY": (5, 15), "NIGHT": (17, 23)}

UNKNOWN_LICENSE = "4999999"

#: Letters of attribute T, and how often each comes.
PAYMENTS = (("C", 68), ("$", 29), ("N", 2), ("D", 1))


def tell_trips(chance: random.Random, week: Week, leases: Iterable[Lease], *, actor: User) -> None:
    """Have CURB report a week's trips of these leases: over HTTP, by its sandbox on this machine."""
    with run_in_thread(Sandbox(GivenTrips(_make_records(chance, week, leases)))) as url:
        curb.import_curb_earnings(from_on=week.start, to_on=week.end, account=_account_at(url), actor=actor)


@dataclass(frozen=True, slots=True)
class LateTrip:
    """A driver's trip with the cab of a lease, from 23:10 to 23:40 of a day."""

    lease: Lease
    driver: Driver
    on: date


def tell_late_trips(chance: random.Random, week: Week, trips: Sequence[LateTrip], *, actor: User) -> None:
    """Have CURB report trips that it had left out of a week."""
    wall_clock = "%m/%d/%Y %H:%M:%S"
    records = [
        {
            **_make_trip(chance, week, trip.lease, 0),
            "ID": f"{week.label}-LATE-{number}",
            "DRIVER": trip.driver.tlc_license,
            "START_DATE": datetime.combine(trip.on, time(23, 10)).strftime(wall_clock),
            "END_DATE": datetime.combine(trip.on, time(23, 40)).strftime(wall_clock),
        }
        for number, trip in enumerate(trips, 1)
    ]
    with run_in_thread(Sandbox(GivenTrips(records))) as url:
        curb.import_curb_earnings(from_on=week.start, to_on=week.end, account=_account_at(url), actor=actor)


def settle_trips(*, closed_through: Week) -> None:
    """Have CURB confirm that the trips of the weeks closed so far are settled."""
    with run_in_thread(Sandbox(GivenTrips([]))) as url:
        curb.reconcile_trips(closed_through=closed_through, account=_account_at(url))


def _account_at(url: str) -> CurbAccount:
    return CurbAccount(url=url, user_id="sandbox", password="sandbox", merchant="sandbox")


def _make_records(chance: random.Random, week: Week, leases: Iterable[Lease]) -> list[dict[str, str]]:
    records = [
        _make_trip(chance, week, lease, number)
        for position, lease in enumerate(leases)
        for number in range(_trips_in_a_week(position, lease) + chance.randrange(-6, 7))
    ]
    # A license that nobody of the fleet holds: its trip waits for a person.
    records.append({**records[-1], "ID": f"{week.label}-UNKNOWN", "DRIVER": UNKNOWN_LICENSE})
    return records


def _trips_in_a_week(position: int, lease: Lease) -> int:
    trips = FULL_TIME if lease.shift == "FULL" else ONE_SHIFT
    return trips // 2 if position % SLOW == SLOW - 1 else trips


def _make_trip(chance: random.Random, week: Week, lease: Lease, number: int) -> dict[str, str]:
    start = _start_of_trip(chance, week, lease)
    fare = round_cents(Decimal(chance.randrange(700, 4200, 70)) / 100)
    payment = chance.choices([letter for letter, _ in PAYMENTS], [weight for _, weight in PAYMENTS])[0]
    airport = Decimal("1.75") if chance.random() < 0.06 else Decimal("0.00")
    amounts = {
        "TRIP": fare,
        "TIPS": round_cents(fare * chance.randrange(10, 26) / 100) if payment == "C" else Decimal("0.00"),
        "EXTRAS": Decimal("1.00")
        if start.hour >= 20
        else Decimal("2.50")
        if 16 <= start.hour < 20
        else Decimal("0.00"),
        "TOLLS": Decimal("6.94") if chance.random() < 0.05 else Decimal("0.00"),
        "TAX": Decimal("0.50"),
        "IMPTAX": Decimal("1.00"),
        "CONGFEE": Decimal("2.50") if chance.random() < 0.8 else Decimal("0.00"),
        "airportFee": airport,
        "cbdt": Decimal("0.75") if chance.random() < 0.5 else Decimal("0.00"),
    }
    wall_clock = "%m/%d/%Y %H:%M:%S"
    return {
        "ID": f"{week.label}-{lease.pk}-{number}",
        "PERIOD": f"{start:%Y%m}",
        "CABNUMBER": lease.vehicle.medallion,
        "DRIVER": lease.primary_driver.tlc_license,
        "NUM_SERVICE": str(number + 1),
        "START_DATE": start.strftime(wall_clock),
        "END_DATE": (start + timedelta(minutes=chance.randrange(6, 45))).strftime(wall_clock),
        **{name: f"{amount:.2f}" for name, amount in amounts.items()},
        "TOTAL_AMOUNT": f"{sum(amounts.values()):.2f}",
        "EHAILFEE": "0.00",
        "HEALTHFEE": "0.00",
        "T": payment,
        "PASSENGER_NUM": str(chance.choice((1, 1, 1, 2, 2, 3))),
        "DIST_SERVCE": f"{float(fare) / 4:.2f}",
    }


def _start_of_trip(chance: random.Random, week: Week, lease: Lease) -> datetime:
    """A wall-clock moment in the lease's days and hours; the hours keep clear of daylight-saving changes."""
    first = max(week.start, lease.start_on)
    days = week.days_between(lease.start_on, lease.end_on)
    from_hour, to_hour = HOURS[lease.shift]
    day = first + timedelta(days=chance.randrange(max(days, 1)))
    at = time(chance.randrange(from_hour, to_hour), chance.randrange(60), chance.randrange(60))
    return datetime.combine(day, at)
