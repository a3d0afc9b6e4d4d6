"""A file in CURB's trip shape, ``<trips><RECORD …/></trips>``, read into frozen rows. Nothing is written here.

Names are read tolerantly (case and underscores vary between vendors' versions), values strictly: what can't be read
is an error of its row, with the attribute at fault, and never a guess. Most records have the same names and many of
the same values, so that names are laid out once, and amounts, days and clocks are looked up.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from curb.errors import UnreadableRow, UnreadableTripFile, UnreadableXml
from curb.importers.attributes import (
    TRIP_AMOUNTS,
    TRIP_FACTS,
    Layout,
    UnknownAmount,
    find_amount,
    lay_out_trip,
    list_unknown,
)
from curb.importers.values import (
    plain,
    read_amount,
    read_component,
    read_license,
    read_moment,
    read_name,
    read_new_york,
)
from curb.importers.xml import read_attributes, read_pieces
from curb.rules import PaymentType
from ledger.money import ZERO

#: The letters of attribute T. `$`, `C` and `P` are CURB's; the trip log's exports also have no charge and disputes.
PAYMENT_TYPES = {
    "$": PaymentType.CASH,
    "C": PaymentType.CARD,
    "P": PaymentType.PRIVATE,
    "N": PaymentType.NO_CHARGE,
    "D": PaymentType.DISPUTE,
}
_PERIOD = re.compile(r"20\d\d(0[1-9]|1[0-2])", re.ASCII)

_read_component = lru_cache(maxsize=20_000)(read_component)
_read_total = lru_cache(maxsize=20_000)(read_amount)
_read_license = lru_cache(maxsize=20_000)(read_license)
_read_name = lru_cache(maxsize=20_000)(read_name)


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a record was not read: its number in the file, from 1, its attribute, and its day where that can be read."""

    row: int
    attribute: str
    message: str
    day: date | None = None


class ReceivedTrip(NamedTuple):
    """One record, in dollars and New York moments; ``received`` is every attribute as it came, ``raw`` its XML.

    A tuple, since a frozen dataclass takes four times as long to make, and there are many.
    ``unknown`` are the attributes that nobody knows and that read as amounts, ``missing`` the taxes it does not name.
    """

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
    unknown: tuple[UnknownAmount, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def parts(self) -> Decimal:
        """What its known parts sum to."""
        return sum(self.amounts.values(), ZERO)

    @property
    def adds_up(self) -> bool:
        """Whether its parts are its total, with what nobody knows or without it."""
        gap = self.total - self.parts
        return not gap or (bool(self.unknown) and gap == sum((one.amount for one in self.unknown), ZERO))

    def says_the_same(self, other: "ReceivedTrip") -> bool:
        """Whether both are one record, however they are spelt: by what they say, not by their text."""
        return self.received == other.received or self._said() == other._said()

    def _said(self) -> tuple[Any, ...]:
        # What is no part of the trip counts too: blanks, case of names, and zeros of numbers apart.
        notes: dict[str, Decimal | str] = {}
        for name, text in self.received.items():
            amount = find_amount(text.strip())
            if plain(name) not in _READ and (text.strip() if amount is None else amount):
                notes[plain(name)] = text.strip() if amount is None else amount
        return (
            self.license, self.cab, self.service_number, self.start_at, self.end_at, self.payment_type, self.amounts,
            self.total, notes,
        )  # fmt: skip


#: What a record is compared by as it was read, by key.
_READ = frozenset(plain(name) for name in (*TRIP_FACTS, *TRIP_AMOUNTS.values()))


@dataclass(frozen=True, slots=True)
class ParsedTrips:
    trips: list[ReceivedTrip]
    errors: list[RowError]

    @property
    def row_count(self) -> int:
        return len(self.trips) + len({error.row for error in self.errors})


def parse_trips(content: bytes) -> ParsedTrips:
    """Read a file of trips as a whole; rows that can't be read are errors, and do not hinder the others.

    :raises UnreadableTripFile: too large, not well-formed XML, with a document type or entities, or not of trips
    """
    trips: list[ReceivedTrip] = []
    errors: list[RowError] = []
    for one in iterate_trips(content):
        if isinstance(one, RowError):
            errors.append(one)
        else:
            trips.append(one)
    return ParsedTrips(trips, errors)


def iterate_trips(content: bytes) -> Iterator[ReceivedTrip | RowError]:
    """Read a file of trips one by one, in its order: however many there are, few of them are in memory.

    :raises UnreadableTripFile: as :func:`parse_trips`; what was read before is not to be kept
    """
    for row, (received, raw) in enumerate(_read_records(content), start=1):
        try:
            yield _parse_record(row, received, raw)
        except UnreadableRow as bad:
            yield RowError(row, bad.name, str(bad), _find_day(received))


def read_again(raw: str) -> ReceivedTrip | None:
    """Read a record that was kept before; None where it can't be read any more."""
    try:
        return _parse_record(0, read_attributes(raw), raw)
    except (UnreadableRow, UnreadableXml):
        return None


def _read_records(content: bytes) -> Iterator[tuple[dict[str, str], str]]:
    """The attributes of each RECORD and its XML, in the file's order."""
    records: list[tuple[dict[str, str], str]] = []
    path: list[str] = []
    attributes_of_record: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal attributes_of_record
        path.append(name.upper())
        if path[0] != "TRIPS":
            raise UnreadableTripFile(f"This is not a file of trips: it begins with <{name}>, not <trips>.")
        if len(path) == 2 and path[1] == "RECORD":
            attributes_of_record = attributes
        elif len(path) > 1:
            raise UnreadableTripFile(f"<{name}> is not expected in a file of trips.")

    def end(name: str, raw: Callable[[], str]) -> None:
        if len(path) > 1:
            records.append((attributes_of_record, raw()))
        path.pop()

    try:
        for _ in read_pieces(content, on_start=start, on_end=end):
            yield from records
            records.clear()
    except UnreadableXml as problem:
        raise UnreadableTripFile(f"The file {problem}.") from None


def _parse_record(row: int, received: dict[str, str], raw: str) -> ReceivedTrip:
    layout = lay_out_trip(tuple(received))
    if layout.twice:
        raise UnreadableRow(layout.twice, "The attribute is given twice, in two spellings.")
    amounts = _read_amounts(layout, received)
    number, in_period, medallion, license_, service, start, end, paid_by, dollars = [
        received[name].strip() if name else "" for name in layout.facts
    ]
    attribute = "START_DATE"
    try:
        start_at = read_new_york(start)
        attribute = "END_DATE"
        end_at = read_new_york(end, not_before=start_at) if end else None
        attribute = "PERIOD"
        period = _read_period(in_period)
        attribute = "ID"
        record_id = _parse_record_id(number)
        attribute = "DRIVER"
        license_ = _read_license(license_)
        attribute = "CABNUMBER"
        cab = _read_name(medallion)
        attribute = "NUM_SERVICE"
        service_number = _read_name(service)
        attribute = "T"
        payment_type = _parse_payment_type(paid_by)
        attribute = "TOTAL_AMOUNT"
        total = _read_total(dollars)
    except ValueError as bad:
        raise UnreadableRow(attribute, str(bad)) from None
    unknown = list_unknown((name, received[name].strip()) for name in layout.unknown) if layout.unknown else ()
    return ReceivedTrip(
        row, period, record_id, license_, cab, service_number, start_at, end_at, payment_type, amounts, total, received,
        raw, unknown, layout.missing,
    )  # fmt: skip


def _read_amounts(layout: Layout, received: dict[str, str]) -> dict[str, Decimal]:
    amounts: dict[str, Decimal] = {}
    for column, attribute, name in layout.amounts:
        try:
            amounts[column] = _read_component(received[name].strip()) if name is not None else ZERO
        except ValueError as bad:
            raise UnreadableRow(attribute, str(bad)) from None
    return amounts


def _find_day(received: dict[str, str]) -> date | None:
    """The day on which a record that can't be read says that its trip began, if it says so much."""
    for name, value in received.items():
        if plain(name) == plain("START_DATE"):
            try:
                return read_moment(value.strip()).date()
            except ValueError:
                return None
    return None


@lru_cache(maxsize=1000)
def _read_period(text: str) -> str:
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
