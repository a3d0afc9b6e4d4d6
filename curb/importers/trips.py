"""A file in CURB's trip shape, ``<trips><RECORD …/></trips>``, read into frozen rows. Nothing is written here.

Names are read tolerantly (case and underscores vary between vendors' versions), values strictly: what can't be read
is an error of its row, with the attribute at fault, and never a guess.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from core.clock import in_new_york
from curb.errors import UnreadableRow, UnreadableTripFile, UnreadableXml
from curb.importers.values import plain, read_amount, read_component, read_license, read_moment, read_name
from curb.importers.xml import read_events
from curb.rules import PaymentType

#: Our column → the record's attribute.
AMOUNT_ATTRIBUTES = {
    "fare": "TRIP",
    "tips": "TIPS",
    "extras": "EXTRAS",
    "tolls": "TOLLS",
    "mta_tax": "TAX",
    "improvement": "IMPTAX",
    "congestion": "CONGFEE",
    "airport": "airportFee",
    "cbd": "cbdt",
    "ehail": "EHAILFEE",
    "health": "HEALTHFEE",
}
#: The letters of attribute T. `$`, `C` and `P` are CURB's; the trip log's exports also have no charge and disputes.
PAYMENT_TYPES = {
    "$": PaymentType.CASH,
    "C": PaymentType.CARD,
    "P": PaymentType.PRIVATE,
    "N": PaymentType.NO_CHARGE,
    "D": PaymentType.DISPUTE,
}
_PERIOD = re.compile(r"20\d\d(0[1-9]|1[0-2])", re.ASCII)

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a record was not read: its number in the file, from 1, its attribute, and its day where that can be read."""

    row: int
    attribute: str
    message: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class ReceivedTrip:
    """One record, in dollars and New York moments; ``received`` is every attribute as it came, ``raw`` its XML."""

    row: int
    period: str
    record_id: str
    license: str
    cab: str
    service_number: str
    start_at: datetime
    end_at: datetime | None
    payment_type: PaymentType
    amounts: dict[str, Decimal]
    total: Decimal
    received: dict[str, str]
    raw: str


@dataclass(frozen=True, slots=True)
class ParsedTrips:
    trips: list[ReceivedTrip]
    errors: list[RowError]

    @property
    def row_count(self) -> int:
        return len(self.trips) + len({error.row for error in self.errors})


def parse_trips(content: bytes) -> ParsedTrips:
    """Read a file of trips; rows that can't be read are errors, and do not hinder the others.

    :raises UnreadableTripFile: too large, not well-formed XML, with a document type or entities, or not of trips
    """
    trips: list[ReceivedTrip] = []
    errors: list[RowError] = []
    for row, (received, raw) in enumerate(_read_records(content), start=1):
        try:
            trips.append(_parse_record(row, received, raw))
        except UnreadableRow as bad:
            errors.append(RowError(row, bad.name, str(bad), _find_day(received)))
    return ParsedTrips(trips, errors)


def _read_records(content: bytes) -> list[tuple[dict[str, str], str]]:
    """The attributes of each RECORD and its XML, in the file's order."""
    records: list[tuple[dict[str, str], str]] = []
    path: list[str] = []
    attributes_of_record: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal attributes_of_record
        path.append(name.upper())
        if path[0] != "TRIPS":
            raise UnreadableTripFile(f"This is not a file of trips: it begins with <{name}>, not <trips>.")
        if path[1:] == ["RECORD"]:
            attributes_of_record = attributes
        elif len(path) > 1:
            raise UnreadableTripFile(f"<{name}> is not expected in a file of trips.")

    def end(name: str, raw: Callable[[], str]) -> None:
        if len(path) > 1:
            records.append((attributes_of_record, raw()))
        path.pop()

    try:
        read_events(content, on_start=start, on_end=end)
    except UnreadableXml as problem:
        raise UnreadableTripFile(f"The file {problem}.") from None
    return records


def _parse_record(row: int, received: dict[str, str], raw: str) -> ReceivedTrip:
    values: dict[str, str] = {}
    for name, value in received.items():
        key = plain(name)
        if key in values:
            raise UnreadableRow(name, "The attribute is given twice, in two spellings.")
        values[key] = value.strip()

    def read(attribute: str, convert: Callable[[str], _Value]) -> _Value:
        try:
            return convert(values.get(plain(attribute), ""))
        except ValueError as bad:
            raise UnreadableRow(attribute, str(bad)) from None

    start_at = in_new_york(read("START_DATE", read_moment))
    end_at = read("END_DATE", lambda text: read_moment(text) if text else None)
    return ReceivedTrip(
        row=row,
        period=read("PERIOD", _parse_period),
        record_id=read("ID", _parse_record_id),
        license=read("DRIVER", read_license),
        cab=read("CABNUMBER", read_name),
        service_number=read("NUM_SERVICE", read_name),
        start_at=start_at,
        end_at=None if end_at is None else in_new_york(end_at, not_before=start_at),
        payment_type=read("T", _parse_payment_type),
        amounts={column: read(attribute, read_component) for column, attribute in AMOUNT_ATTRIBUTES.items()},
        total=read("TOTAL_AMOUNT", read_amount),
        received=received,
        raw=raw,
    )


def _find_day(received: dict[str, str]) -> date | None:
    """The day on which a record that can't be read says that its trip began, if it says so much."""
    for name, value in received.items():
        if plain(name) == plain("START_DATE"):
            try:
                return read_moment(value.strip()).date()
            except ValueError:
                return None
    return None


def _parse_period(text: str) -> str:
    if not _PERIOD.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a period (YYYYMM).")
    return text


def _parse_record_id(text: str) -> str:
    if not text:
        raise ValueError("The record has no number.")
    if "," in text:
        # Receipts name their trips with commas in between.
        raise ValueError(f"{text[:40]!r} has a comma, which no record number has.")
    return read_name(text)


def _parse_payment_type(text: str) -> PaymentType:
    if text.upper() not in PAYMENT_TYPES:
        raise ValueError(f"{text[:40]!r} is not a payment type ({', '.join(PAYMENT_TYPES)}).")
    return PAYMENT_TYPES[text.upper()]
