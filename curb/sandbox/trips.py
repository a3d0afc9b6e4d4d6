"""Where the sandbox's trips come from: made up day by day, always the same, or a file of the city's trip records."""

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from curb.errors import UnreadableTripRecords
from ledger.money import ZERO, round_cents

WALL_CLOCK = "%m/%d/%Y %H:%M:%S"
#: A license and the medallion of the cab that its holder drives.
Pair = tuple[str, str]

TRIPS_A_DAY = (5, 10)
#: Made-up trips start in hours that every day has once.
HOURS = (5, 23)
#: Letters of attribute T, and how often each comes.
PAYMENTS = {"C": 70, "$": 27, "N": 2, "D": 1}
REFUND_CHANCE = 0.01

CSV_COLUMNS = {
    "TRIP": "fare_amount",
    "TIPS": "tip_amount",
    "EXTRAS": "extra",
    "TOLLS": "tolls_amount",
    "TAX": "mta_tax",
    "IMPTAX": "improvement_surcharge",
    "CONGFEE": "congestion_surcharge",
    "TOTAL_AMOUNT": "total_amount",
}
#: What else must be there.
CSV_FACTS = ("VendorID", "tpep_pickup_datetime", "tpep_dropoff_datetime", "payment_type")
#: Columns that came with later years: their case varies (``Airport_fee`` from 2023 on).
CSV_LATER_COLUMNS = {"airportFee": "airport_fee", "cbdt": "cbd_congestion_fee"}
CSV_PAYMENTS = {"1": "C", "2": "$", "3": "N", "4": "D"}
#: The vendor whose records these would be.
CURB_VENDOR = "2"


@dataclass(frozen=True, slots=True)
class SandboxTrip:
    """A trip of the log: ``number`` decides what happens to every n-th; the moment is a New York wall clock."""

    number: int
    start: datetime
    record: dict[str, str]

    @property
    def is_card(self) -> bool:
        return self.record["T"] == "C"


class TripSource(Protocol):
    def list_trips(self, from_at: datetime, to_at: datetime) -> list[SandboxTrip]:
        """Return the trips that started in a window, both ends included, in the order they started."""


class GeneratedTrips:
    """Made-up trips of these drivers for any day that is asked for; the same seed makes the same trips."""

    def __init__(self, pairs: Sequence[Pair], *, seed: str = "fleet") -> None:
        self._pairs = list(pairs)
        self._seed = seed
        self._day = lru_cache(maxsize=100)(self._make_day)

    def list_trips(self, from_at: datetime, to_at: datetime) -> list[SandboxTrip]:
        days = (to_at.date() - from_at.date()).days + 1
        return [
            trip
            for passed in range(days)
            for trip in self._day(from_at.date() + timedelta(days=passed))
            if from_at <= trip.start <= to_at
        ]

    def _make_day(self, day: date) -> list[SandboxTrip]:
        trips = [
            trip
            for position, pair in enumerate(self._pairs)
            for trip in self._make_trips(day, pair, first=position * 100)
        ]
        return sorted(trips, key=lambda trip: (trip.start, trip.number))

    def _make_trips(self, day: date, pair: Pair, *, first: int) -> Iterator[SandboxTrip]:
        chance = random.Random(f"{self._seed}/{day}/{pair[0]}")
        for number in range(first, first + chance.randint(*TRIPS_A_DAY)):
            trip = _make_trip(chance, day, pair, number)
            yield trip
            if trip.is_card and chance.random() < REFUND_CHANCE:
                yield _take_back(trip, number + 50)


class CsvTrips:
    """The yellow-taxi trips of one vendor in a file of the city's trip records, dealt out to drivers in turn.

    The records carry no driver and no cab, so whose they are is made up; nothing else is.
    """

    def __init__(self, path: Path, pairs: Sequence[Pair]) -> None:
        """:raises UnreadableTripRecords: a column is missing, or a row has another width"""
        if not pairs:
            raise UnreadableTripRecords("There is nobody to deal the trips out to.")
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(_read_rows(csv.DictReader(lines)))
        trips = [_from_row(number, row, pairs[number % len(pairs)]) for number, row in enumerate(rows)]
        self._trips = sorted(trips, key=lambda trip: (trip.start, trip.number))

    def list_trips(self, from_at: datetime, to_at: datetime) -> list[SandboxTrip]:
        return [trip for trip in self._trips if from_at <= trip.start <= to_at]


class GivenTrips:
    """These records of the trip log, as they are."""

    def __init__(self, records: Iterable[dict[str, str]]) -> None:
        trips = [
            SandboxTrip(number, datetime.strptime(record["START_DATE"], WALL_CLOCK), record)  # noqa: DTZ007
            for number, record in enumerate(records)
        ]
        self._trips = sorted(trips, key=lambda trip: (trip.start, trip.number))

    def list_trips(self, from_at: datetime, to_at: datetime) -> list[SandboxTrip]:
        return [trip for trip in self._trips if from_at <= trip.start <= to_at]


def _read_rows(reader: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    """The rows of the vendor by the columns' usual names, in whatever case the file has them."""
    columns = (*CSV_FACTS, *CSV_COLUMNS.values(), *CSV_LATER_COLUMNS.values(), "color")
    usual = {name.lower(): name for name in columns}
    given = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = [usual.get(name.lower(), name) for name in given]
    missing = {*CSV_FACTS, *CSV_COLUMNS.values()} - set(reader.fieldnames)
    if missing:
        raise UnreadableTripRecords(f"The file has no column {', '.join(sorted(missing))}.")
    if len(set(reader.fieldnames)) < len(given):
        raise UnreadableTripRecords("The file has a column twice.")
    for row in reader:
        if None in row or None in row.values():
            raise UnreadableTripRecords(f"Line {reader.line_num} has another number of fields than the first line.")
        if row["VendorID"] == CURB_VENDOR and row.get("color", "yellow") == "yellow":
            yield row


def _from_row(number: int, row: dict[str, str], pair: Pair) -> SandboxTrip:
    start = datetime.fromisoformat(row["tpep_pickup_datetime"])
    end = datetime.fromisoformat(row["tpep_dropoff_datetime"])
    amounts = {name: row[column] for name, column in CSV_COLUMNS.items()}
    # A record of the log names every tax; the files of earlier years do not have them all.
    amounts |= {name: row.get(column) or "0.00" for name, column in CSV_LATER_COLUMNS.items()}
    letter = CSV_PAYMENTS.get(row["payment_type"], "N")
    return SandboxTrip(number, start, _build_record(f"{number}", pair, start, end, letter, amounts, number))


def _make_trip(chance: random.Random, day: date, pair: Pair, number: int) -> SandboxTrip:
    start = datetime.combine(day, time(chance.randrange(*HOURS), chance.randrange(60), chance.randrange(60)))
    letter = chance.choices(list(PAYMENTS), list(PAYMENTS.values()))[0]
    fare = Decimal(chance.randrange(700, 4200, 70)) / 100
    amounts = {
        "TRIP": fare,
        "TIPS": round_cents(fare * chance.randrange(10, 26) / 100) if letter == "C" else ZERO,
        "EXTRAS": Decimal("2.50") if 16 <= start.hour < 20 else ZERO,
        "TOLLS": Decimal("6.94") if chance.random() < 0.05 else ZERO,
        "TAX": Decimal("0.50"),
        "IMPTAX": Decimal("1.00"),
        "CONGFEE": Decimal("2.50") if chance.random() < 0.8 else ZERO,
        "airportFee": Decimal("1.75") if chance.random() < 0.06 else ZERO,
        "cbdt": Decimal("0.75") if chance.random() < 0.5 else ZERO,
    }
    amounts["TOTAL_AMOUNT"] = sum(amounts.values(), ZERO)
    end = start + timedelta(minutes=chance.randrange(6, 45))
    texts = {name: f"{amount:.2f}" for name, amount in amounts.items()}
    return SandboxTrip(
        number, start, _build_record(f"{day:%Y%m%d}{number:05d}", pair, start, end, letter, texts, number)
    )


def _take_back(trip: SandboxTrip, number: int) -> SandboxTrip:
    """A refund: the same trip once more, ten minutes later, with everything below zero."""
    start = trip.start + timedelta(minutes=10)
    amounts = {name: f"{-Decimal(trip.record[name]):.2f}" for name in (*CSV_COLUMNS, *CSV_LATER_COLUMNS)}
    record = trip.record | amounts | {"ID": f"{trip.record['ID']}R", "START_DATE": start.strftime(WALL_CLOCK)}
    return SandboxTrip(number, start, record | {"NUM_SERVICE": str(number)})


def _build_record(
    record_id: str, pair: Pair, start: datetime, end: datetime, letter: str, amounts: dict[str, str], number: int
) -> dict[str, str]:
    return {
        "ID": record_id,
        "PERIOD": f"{start:%Y%m}",
        "CABNUMBER": pair[1],
        "DRIVER": pair[0],
        "NUM_SERVICE": str(number),
        "START_DATE": start.strftime(WALL_CLOCK),
        "END_DATE": end.strftime(WALL_CLOCK),
        **amounts,
        "EHAILFEE": "0.00",
        "HEALTHFEE": "0.00",
        "T": letter,
        "CCNUMBER": "************4242" if letter == "C" else "",
        "AUTHCODE": f"{number:06d}" if letter == "C" else "",
        "AUTHAMT": amounts["TOTAL_AMOUNT"] if letter == "C" else "0.00",
        "PASSENGER_NUM": "1",
    }
