"""Files of tickets as received, tickets and tolls, and miscellaneous charges."""

from tickets.models.changes import ChangeKind, TicketChange
from tickets.models.charges import ChargeType, MiscCharge
from tickets.models.imports import ImportRow, TicketImport
from tickets.models.tickets import FOR_A_PERSON, MAY_BE_LAID_ASIDE, Ticket, TicketQuerySet, Wait

__all__ = [
    "FOR_A_PERSON",
    "MAY_BE_LAID_ASIDE",
    "ChangeKind",
    "ChargeType",
    "ImportRow",
    "MiscCharge",
    "Ticket",
    "TicketChange",
    "TicketImport",
    "TicketQuerySet",
    "Wait",
]
