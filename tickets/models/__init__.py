"""Files of tickets as received, tickets and tolls, and miscellaneous charges."""

from tickets.models.charges import ChargeType, MiscCharge
from tickets.models.imports import ImportRow, TicketImport
from tickets.models.tickets import FOR_A_PERSON, Ticket, TicketQuerySet, Wait

__all__ = ["FOR_A_PERSON", "ChargeType", "ImportRow", "MiscCharge", "Ticket", "TicketImport", "TicketQuerySet", "Wait"]
