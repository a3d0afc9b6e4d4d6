"""The sheets of an opening workbook, their columns, and how a cell is read. Pure: no Django, no clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from core.checks import read_day
from core.errors import DomainError
from golive.errors import CellInvalid
from leases.rules import license_key
from ledger.categories import OBLIGATION_CATEGORIES, REFUNDED_CATEGORIES
from ledger.money import parse_amount

MAX_TEXT = 200

#: What the old system calls a row. It becomes a part of a reference of the ledger.
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}", re.ASCII)
_ROWS = re.compile(r"\d{1,6}", re.ASCII)
_BLANKS = {"", "-", "--", "–", "—", "N/A", "n/a"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, what it holds, whether a row may leave it blank, and an example for the template.

    ``note`` is what the template says of it, besides what can be said of all that hold the same.
    """

    name: str
    holds: str = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    example: Any = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of row. ``key`` is the column no two rows share, ``money`` the one that its control total sums."""

    name: str
    columns: tuple[Column, ...]
    key: str
    money: str = ""
    #: Which column a service's argument came from, to show its refusal there.
    arguments: Mapping[str, str] = field(default_factory=dict)

    def key_of(self, value: Any) -> str:
        """What no two rows share; zeros before a license do not make another driver."""
        text = "" if value is None else str(value)
        return license_key(text) if self.key == "TLC license" else text

    def column_of(self, argument: str | None) -> str:
        return self.arguments.get(argument or "", self.key)


@dataclass(frozen=True, slots=True)
class Row:
    """A row with every cell read, by column; blank ones are ``None``."""

    sheet: str
    number: int
    cells: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]


_LICENSE = Column("TLC license", "code", example="1234567")
_MEDALLION = Column("Medallion", "code", example="9Z90")
_REF = Column("Reference", "reference", example="A-1")
_LEASE = Column("Lease", "reference", required=False, example="L-12", note="The Reference of a row of Leases.")
_CATEGORY = Column("Category", choices=OBLIGATION_CATEGORIES, example="MISC")
#: What the driver reads of it, behind "From before Oct 4:"; blank: the category and the due day.
_IN_WORDS = Column("In words", required=False, note="What the driver reads of it, behind “From before …:”.")
_REFUNDED = Column("Category", choices=REFUNDED_CATEGORIES, example="MISC")
_RESUMES = Column("Resumes on", "date", note="The cut-over, or a week later.")
_LEASE_TYPES = ("DRIVER_OWNED", "LONG_TERM", "SHORT_TERM", "SHIFT", "MEDALLION_ONLY")
_MONEY = {"amount": "Amount", "category": "Category", "reference_id": "Reference", "driver_id": "TLC license"}
_PLAN = {
    "driver_id": "TLC license",
    "lease_id": "Lease",
    "lease": "Lease",
    "vehicle": "Medallion",
    "starts_on": "Resumes on",
    "weekly_amount": "Weekly amount",
}

DRIVERS = Sheet(
    "Drivers",
    (
        _LICENSE,
        Column("First name", example="Ana"),
        Column("Last name", example="Reyes"),
        Column("Phone", required=False),
        Column("Email", required=False),
        Column("Status", choices=("ACTIVE", "INACTIVE"), example="ACTIVE", note="INACTIVE: left, and still owes."),
    ),
    key="TLC license",
    arguments={"first_name": "First name", "last_name": "Last name", "phone": "Phone", "email": "Email"},
)
VEHICLES = Sheet(
    "Vehicles",
    (
        _MEDALLION,
        Column("VIN", "code", example="1FTDX000000000001"),
        Column("Make and model", required=False, example="Toyota Camry"),
        Column("Plate", "code", required=False, example="Y100000C"),
        Column("State", "code", required=False, example="NY"),
        Column("E-ZPass tag", "code", required=False),
        Column("On vehicle since", "date", example=date(2025, 1, 1), note="When its plate and tag came to it."),
    ),
    key="Medallion",
    arguments={
        "vin": "VIN",
        "make_and_model": "Make and model",
        "plate": "Plate",
        "state": "State",
        "tag": "E-ZPass tag",
        "from_at": "On vehicle since",
    },
)
LEASES = Sheet(
    "Leases",
    (
        Column("Reference", "reference", example="L-12"),
        _LICENSE,
        _MEDALLION,
        Column("Type", choices=_LEASE_TYPES, example="LONG_TERM"),
        Column("Shift", choices=("FULL", "DAY", "NIGHT"), example="FULL"),
        Column("Start", "date", example=date(2026, 1, 4)),
        Column("End", "date", example=date(2027, 1, 2)),
        Column("Weekly amount", "amount", example=Decimal("500.00")),
        Column("Deposit asked", "amount or zero", required=False),
        Column("Early-termination fee", "amount or zero", required=False),
    ),
    key="Reference",
    money="Weekly amount",
    arguments={
        "driver_id": "TLC license",
        "driver": "TLC license",
        "vehicle_id": "Medallion",
        "vehicle": "Medallion",
        "lease_type": "Type",
        "shift": "Shift",
        "start_on": "Start",
        "end_on": "End",
        "weekly_amount": "Weekly amount",
        "deposit": "Deposit asked",
        "cancellation_fee": "Early-termination fee",
    },
)
DEBTS = Sheet(
    "Debts",
    (
        _REF,
        _LICENSE,
        _CATEGORY,
        Column("Amount", "amount", example=Decimal("75.00")),
        Column("Due", "date", note="The oldest is paid first."),
        _LEASE,
        _IN_WORDS,
    ),
    key="Reference",
    money="Amount",
    arguments={**_MONEY, "due_on": "Due"},
)
CREDITS = Sheet(
    "Credits",
    (_REF, _LICENSE, _REFUNDED, Column("Amount", "amount", example=Decimal("20.00")), _LEASE, _IN_WORDS),
    key="Reference",
    money="Amount",
    arguments=_MONEY,
)
DEPOSITS = Sheet(
    "Deposits",
    (
        _REF,
        Column("Lease", "reference", example="L-12", note="The Reference of a row of Leases."),
        Column("Amount", "amount", example=Decimal("500.00")),
    ),
    key="Reference",
    money="Amount",
    arguments={"amount": "Amount", "lease": "Lease", "lease_id": "Lease"},
)
REPAIRS = Sheet(
    "Repairs",
    (
        _REF,
        _LICENSE,
        _MEDALLION,
        _LEASE,
        Column("Workshop", example="Queens Auto"),
        Column("Invoice number", example="7781"),
        Column("Invoice date", "date"),
        Column("Remaining", "amount", example=Decimal("400.00"), note="What is still to be charged."),
        Column("Weekly amount", "amount", example=Decimal("200.00"), note="As it was agreed."),
        _RESUMES,
    ),
    key="Reference",
    money="Remaining",
    arguments={
        **_PLAN,
        "vehicle_id": "Medallion",
        "workshop": "Workshop",
        "workshop_number": "Invoice number",
        "invoiced_on": "Invoice date",
        "amount": "Remaining",
    },
)
LOANS = Sheet(
    "Loans",
    (
        _REF,
        _LICENSE,
        _LEASE,
        Column("Remaining principal", "amount", example=Decimal("900.00"), note="What is still to be charged."),
        Column("Rate", "rate", required=False, example=Decimal("10.00")),
        Column("Interest paid to", "date", note="The due date of the last installment that was charged."),
        Column("Weekly amount", "amount", example=Decimal("300.00"), note="As it was agreed."),
        _RESUMES,
    ),
    key="Reference",
    money="Remaining principal",
    arguments={
        **_PLAN,
        "principal": "Remaining principal",
        "amount": "Remaining principal",
        "rate_percent": "Rate",
        "disbursed_on": "Interest paid to",
    },
)
ACCOUNTS = Sheet(
    "Accounts",
    (
        Column("Account", "code", example="1030", note="Its code in the books here."),
        Column("Side", choices=("DEBIT", "CREDIT"), example="DEBIT"),
        Column("Amount", "amount", example=Decimal("10000.00")),
    ),
    key="Account",
    money="Amount",
    arguments={"account": "Account", "side": "Side", "amount": "Amount"},
)
#: In the order in which they are imported: each names only what comes before it.
SHEETS = (DRIVERS, VEHICLES, LEASES, DEBTS, CREDITS, DEPOSITS, REPAIRS, LOANS, ACCOUNTS)
CUT_OVER = Sheet(
    "Cut-over", (Column("Date", "date", note="A Sunday, not in the future: the first day kept here."),), key="Date"
)
CONTROL = Sheet(
    "Control",
    (
        Column("Sheet", choices=tuple(sheet.name for sheet in SHEETS)),
        Column("Rows", "rows", note="From the old system's reports, and not counted here."),
        Column("Dollars", "amount or zero", note="From the old system's reports, and not summed here."),
    ),
    key="Sheet",
)


def describe(column: Column) -> str:
    """Return what a column wants, in a few sentences for whoever fills in the template."""
    wants = f"One of: {', '.join(column.choices)}." if column.choices else _WANTS[column.holds]
    if column.note and not column.choices and column.holds in ("text", "code", "reference"):
        wants = ""  # the note says more than what it is written with
    return " ".join(part for part in (wants, column.note, "" if column.required else "May be blank.") if part)


def read_cell(value: str, column: Column) -> Any:
    """Return what a cell holds, None where it is blank; a dash is a blank.

    :raises CellInvalid: it is blank and must not be, or it is not what the column holds
    """
    text = to_text(value)
    if text in _BLANKS:
        if column.required:
            raise CellInvalid("It is blank.")
        return None
    if len(text) > MAX_TEXT or not text.isprintable():
        raise CellInvalid(f"It has more than {MAX_TEXT} characters, or some that can't be seen.")
    if column.choices:
        for choice in column.choices:
            if choice.casefold() == text.casefold():
                return choice
        raise CellInvalid(f"{text!r} is none of {', '.join(column.choices)}.")
    return _READERS[column.holds](text)


def to_text(value: str) -> str:
    """A cell as it is shown, without its margins."""
    return value.strip()


def _read_date(text: str) -> date:
    try:
        return read_day(text)
    except ValueError as bad:
        raise CellInvalid(str(bad)) from None


def _read_amount(text: str, *, allow_zero: bool = False) -> Decimal:
    try:
        return parse_amount(text, allow_zero=allow_zero)
    except DomainError as refusal:
        raise CellInvalid(refusal.message) from None


def _read_reference(text: str) -> str:
    if not _REFERENCE.fullmatch(text):
        raise CellInvalid(f"{text!r} is not a reference: up to 40 letters, digits, and . _ / - between them.")
    return text


def _read_rows(text: str) -> int:
    if not _ROWS.fullmatch(text):
        raise CellInvalid(f"{text!r} is not a number of rows.")
    return int(text)


_WANTS: Mapping[str, str] = {
    "text": f"Text, up to {MAX_TEXT} characters.",
    "code": "As it is written, with the zeros that it begins with.",
    "date": "A date: MM/DD/YYYY or YYYY-MM-DD.",
    "amount": "Dollars, above zero.",
    "amount or zero": "Dollars, or zero.",
    "rate": "Percent a year.",
    "reference": "What the old system calls the row, unique in its sheet: up to 40 letters, digits, and . _ / -",
    "rows": "A number.",
}
_READERS: Mapping[str, Any] = {
    "text": str,
    "code": str.upper,
    "date": _read_date,
    "amount": _read_amount,
    "amount or zero": lambda text: _read_amount(text, allow_zero=True),
    "rate": lambda text: _read_amount(text.removesuffix("%").strip(), allow_zero=True),
    "reference": _read_reference,
    "rows": _read_rows,
}
