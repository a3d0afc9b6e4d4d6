"""Files of tickets as received, tickets and tolls, and miscellaneous charges."""

from tickets.models.charges import ChargeType, MiscCharge
from tickets.models.imports import ImportRow, TicketImport
from tickets.models.tickets import Ticket, TicketQuerySet, Wait

__all__ = ["ChargeType", "ImportRow", "MiscCharge", "Ticket", "TicketImport", "TicketQuerySet", "Wait"]
