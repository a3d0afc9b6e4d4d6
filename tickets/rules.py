"""What kinds of tickets and files there are, what they are called in the ledger, and when they are due. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from core.weeks import week_of


class FileKind(StrEnum):
    """A file's kind, as ``manage.py import_tickets`` takes it."""

    PVB = "pvb"
    PVB_FLEET = "pvb-fleet"
    EZPASS = "ezpass"
    TLC = "tlc"


FILE_KIND_LABELS = {
    FileKind.PVB: "Parking and camera violations (NYC Open Data)",
    FileKind.PVB_FLEET: "Parking and camera violations (fleet program)",
    FileKind.EZPASS: "E-ZPass statement",
    FileKind.TLC: "TLC summonses (our template)",
}

#: A file's kind → the kind of its tickets, which is also their category in the ledger and their reference's prefix.
TICKET_KINDS = {
    FileKind.PVB: "PVB",
    FileKind.PVB_FLEET: "PVB",
    FileKind.EZPASS: "EZPASS",
    FileKind.TLC: "TLC",
}

SUMMONS_TYPES = (
    "Failure to inspect",
    "Failure to comply with notice",
    "Reinspection fee",
    "Directive",
    "Enforcement action",
)

#: What miscellaneous charges a new fleet may make; a person types the amount until the fleet sets its usual one.
DEFAULT_CHARGES = ("Cleaning", "Lost key", "Lost E-ZPass tag", "Towing", "Other")
#: Fees that an operator may add to each ticket of a kind: name → kind. Off, until somebody turns one on and says by
#: which rule it is allowed.
DEFAULT_FEES = {"E-ZPass handling": "EZPASS", "Violation handling": "PVB", "TLC summons handling": "TLC"}

#: Longer than any hour that a clock shows twice: no time of day is told.
ALL_DAY = timedelta(hours=2)

#: A file is read and imported by so many rows at once, each time in one transaction.
ROWS_IN_A_LOT = 5_000
#: A file of several lots goes in by so many parts, at the same time where workers are free. All rows of a tag or a
#: plate are of one part: no two parts wait for the same drivers, and a refund finds its toll in its own part.
PARTS = 2

#: Ends the reference of a refund's credit; no number of a ticket ends so.
REFUND_SUFFIX = "-REFUND"


class Chargeable(Protocol):
    """What is charged or credited as a ticket: a record of one, or a row of a file that is about to be one."""

    kind: str
    number: str
    state: str
    waits_for: str
    at: datetime
    at_latest: datetime
    amount: Decimal
    tag: str
    plate: str
    plate_state: str
    place: str
    violation: str
    due_on: date | None
    vehicle_id: int | None
    driver_id: int | None
    lease_id: int | None
    trip_id: int | None
    refund_of_id: int | None
    uncharged: Decimal
    pk: int

    @property
    def received(self) -> Mapping[str, str]: ...

    @property
    def is_refund(self) -> bool: ...

    @property
    def is_dated_only(self) -> bool: ...

    @property
    def reference_id(self) -> str: ...


def name_ticket(kind: str, number: str, *, is_refund: bool) -> str:
    """Return the reference in the ledger: ``PVB-4664359196``, ``EZPASS-90000000006-REFUND``."""
    return f"{kind}-{number}{REFUND_SUFFIX if is_refund else ''}"


def name_charge(charge_id: int) -> str:
    """Return the reference of a miscellaneous charge: ``MISC-88``."""
    return f"MISC-{charge_id}"


@lru_cache(maxsize=1000)
def due_day(charged_on: date, stated: date | None = None) -> date:
    """Return when a ticket is due: the day its document states, or the Saturday of the week in which it is charged."""
    return stated or week_of(charged_on).end


def is_dated_only(at: datetime, at_latest: datetime) -> bool:
    """Whether a document tells no time of day: what it tells of may have happened on all of it."""
    return at_latest - at > ALL_DAY


def answer_day(issued_on: date, *, within: int) -> date:
    """Return the last day on which a summons can be answered, so many days after its issue."""
    return issued_on + timedelta(days=within)
