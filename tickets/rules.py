"""What kinds of tickets and files there are, what they are called in the ledger, and when they are due. Pure."""

from datetime import date
from enum import StrEnum

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

#: Ends the reference of a refund's credit; no number of a ticket ends so.
REFUND_SUFFIX = "-REFUND"


def name_ticket(kind: str, number: str, *, is_refund: bool) -> str:
    """Return the reference in the ledger: ``PVB-4664359196``, ``EZPASS-90000000006-REFUND``."""
    return f"{kind}-{number}{REFUND_SUFFIX if is_refund else ''}"


def name_charge(charge_id: int) -> str:
    """Return the reference of a miscellaneous charge: ``MISC-88``."""
    return f"MISC-{charge_id}"


def due_day(charged_on: date, stated: date | None = None) -> date:
    """Return when a ticket is due: the day its document states, or the Saturday of the week in which it is charged."""
    return stated or week_of(charged_on).end
