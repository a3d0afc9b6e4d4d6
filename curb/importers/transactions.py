"""CURB's card transactions, ``<trans><tran ROWID="…">…</tran></trans>``, read into frozen rows. Nothing is written.

Like trips: names are read tolerantly, values strictly, and a row that can't be read does not hinder the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from core.clock import in_new_york
from curb.errors import UnreadableRow, UnreadableTripFile, UnreadableXml
from curb.importers.attributes import TRANSACTION_AMOUNTS, UnknownAmount, find_amount, list_unknown_elements
from curb.importers.trips import RowError
from curb.importers.values import MAX_TEXT, plain, read_amount, read_component, read_license, read_moment, read_name
from curb.importers.xml import Element, read_tree
from leases.rules import license_key
from ledger.money import ZERO

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class ReceivedTransaction:
    """One transaction, in dollars and New York moments; ``received`` is every child as it came, ``raw`` its XML."""

    row: int
    row_id: str
    license: str
    cab: str
    service_number: str
    start_at: datetime
    end_at: datetime | None
    components: dict[str, Decimal]
    amount: Decimal
    received: dict[str, str]
    raw: str
    #: Elements that nobody knows and that read as amounts; and whether it names parts of its amount at all.
    unknown: tuple[UnknownAmount, ...] = ()
    has_parts: bool = False

    @property
    def gap(self) -> Decimal:
        """The amount less its parts, where it names any and they do not add up with what nobody knows or without it."""
        gap = self.amount - sum(self.components.values(), ZERO)
        unknown = sum((one.amount for one in self.unknown), ZERO)
        return gap if self.has_parts and gap not in (ZERO, unknown) else ZERO

    def says_the_same(self, received: dict[str, str]) -> bool:
        """Whether it says what was received before, however that is spelt."""
        return self.received == received or _plain_values(self.received) == _plain_values(received)


@dataclass(frozen=True, slots=True)
class ParsedTransactions:
    transactions: list[ReceivedTransaction]
    errors: list[RowError]

    @property
    def row_count(self) -> int:
        return len(self.transactions) + len({error.row for error in self.errors})


def parse_transactions(content: bytes) -> ParsedTransactions:
    """Read card transactions; rows that can't be read are errors, and do not hinder the others.

    :raises UnreadableTripFile: not well-formed XML, with a document type, or not of transactions
    """
    try:
        root = read_tree(content)
    except UnreadableXml as problem:
        raise UnreadableTripFile(f"The file {problem}.") from None
    if root.name.upper() != "TRANS":
        raise UnreadableTripFile(f"These are not card transactions: it begins with <{root.name}>, not <trans>.")
    transactions: list[ReceivedTransaction] = []
    errors: list[RowError] = []
    for row, element in enumerate(root.children, start=1):
        if element.name.upper() != "TRAN":
            raise UnreadableTripFile(f"<{element.name}> is not expected among card transactions.")
        try:
            transactions.append(_parse_transaction(row, element))
        except UnreadableRow as bad:
            errors.append(RowError(row, bad.name, str(bad), _find_day(element)))
    return ParsedTransactions(transactions, errors)


def _plain_values(received: dict[str, str]) -> dict[str, Any]:
    """What elements say, by key: amounts as such, licenses without zeros before them; nothing where it says nothing."""
    said: dict[str, Any] = {}
    for name, text in received.items():
        key, value = plain(name), text.strip()
        amount = find_amount(value)
        if key in ("TRIPDRIVERID", "DRIVERID"):
            said[key] = license_key(value)
        elif amount is None:
            said[key] = value.upper()
        elif amount:
            said[key] = amount
    return {key: value for key, value in said.items() if value != ""}


def _parse_transaction(row: int, element: Element) -> ReceivedTransaction:
    received = {**element.attributes, **{child.name: child.text for child in element.children}}
    values: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for name, value in [*element.attributes.items(), *((child.name, child.text) for child in element.children)]:
        key = plain(name)
        if key in values:
            raise UnreadableRow(name, "The element is given twice.")
        values[key], spelt[key] = value.strip(), name

    def read(names: tuple[str, ...], convert: Callable[[str], _Value]) -> _Value:
        given = [plain(name) for name in names if plain(name) in values]
        if len(given) > 1:
            raise UnreadableRow(names[0], "The element is given twice, in two spellings.")
        try:
            return convert(values[given[0]] if given else "")
        except ValueError as bad:
            raise UnreadableRow(names[0], str(bad)) from None

    day = read(("TRIPDATE",), lambda text: text)
    start = read(("TRIPTIMESTART",), lambda text: read_moment(f"{day} {text}"))
    end = read(("TRIPTIMEEND",), lambda text: read_moment(f"{day} {text}") if text else None)
    start_at = in_new_york(start)
    end_at = None if end is None else in_new_york(end, not_before=start_at)
    # By timestamps: Python compares two moments of one zone by their wall clocks.
    if end is not None and end_at is not None and end_at.timestamp() < start_at.timestamp():
        end_at = in_new_york(end + timedelta(days=1))  # over midnight: only the start has a date
    return ReceivedTransaction(
        row=row,
        row_id=read(("ROWID",), _read_row_id),
        license=read(("TRIPDRIVERID", "DRIVERID"), read_license),
        cab=read(("CABNUMBER",), read_name),
        service_number=read(("NUM_SERVICE",), read_name),
        start_at=start_at,
        end_at=end_at,
        components={column: read(names, read_component) for column, names in TRANSACTION_AMOUNTS.items()},
        amount=read(("AMOUNT",), read_amount),
        received=received,
        raw=element.raw,
        unknown=list_unknown_elements(values, spelt),
        has_parts=any(values.get(plain(name)) for names in TRANSACTION_AMOUNTS.values() for name in names),
    )


def _find_day(element: Element) -> date | None:
    """The day on which a transaction that can't be read says that its trip began, if it says so much."""
    day = next((child.text for child in element.children if plain(child.name) == plain("TRIPDATE")), "")
    try:
        return read_moment(f"{day.strip()} 00:00").date()
    except ValueError:
        return None


def _read_row_id(text: str) -> str:
    if not text:
        raise ValueError("The transaction has no number.")
    if len(text) > 2 * MAX_TEXT or not text.isascii() or not text.isprintable():
        raise ValueError(f"{text[:40]!r} is not a number of at most {2 * MAX_TEXT} plain characters.")
    return text.upper()
